"""A backup taken under load, restored into a fresh cluster: all goes on, and nothing is stored twice."""

import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from livevalidation import Client, Event, Options, Verdict
from storage.embedded import EmbeddedPostgres
from storage.readers import Reader
from storage.readers.model import Cursor
from tests.support.command_line import CommandLine
from tests.support.data_folder import temporary_data_dir
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import new_tenant, running_server
from tests.support.oracle import check_app
from tests.support.waiting import wait_until
from tests.support.writing import engine_of, new_app

#: From which storage.schema counts an epoch's seconds.
EPOCHS_BEGIN = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
OPTIONS = Options(verdicts="all", batch_size=50)


@pytest.fixture
def fresh_data_dir() -> Iterator[Path]:
    with temporary_data_dir() as folder:
        yield folder


def made(count: int) -> list[Event]:
    return [Event("Page Viewed", {"number": n}, event_id=str(UUID(int=n))) for n in range(count)]


def send(address: str, key: str, events: list[Event]) -> list[Verdict | None]:
    """What each event was told."""
    with Client(address, key, options=OPTIONS) as client:
        futures = [client.send(event) for event in events]
        return [future.result(60).verdict for future in futures]


def epoch_of(engine: Engine, app_id: int) -> int:
    with engine.connect() as conn:
        query = text("SELECT epoch FROM app_ledger WHERE app_id = :app_id")
        return int(conn.execute(query, {"app_id": app_id}).scalar_one())


def test_a_backup_under_load_goes_on_in_a_fresh_cluster(
    database: str, fresh_data_dir: Path, tmp_path: Path
) -> None:
    file, events = tmp_path / "lvd.backup", made(3_000)
    with engine_of(database) as engine:
        tenant = new_tenant(engine, "shop")
        with running_server(database) as running, ThreadPoolExecutor(1) as pool:
            send(running.address, tenant.key, events[:1_000])
            rest = pool.submit(send, running.address, tenant.key, events[1_000:])
            told = CommandLine(DATABASE_URL=database).json("db", "backup", file)
            assert rest.result(120) == [Verdict.UNPLANNED] * 2_000
        assert told == {"file": str(file), "bytes": file.stat().st_size}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        before = Cursor(epoch_of(engine, tenant.app_id), 1, 3_000)

    lvd = CommandLine(DATA_DIR=fresh_data_dir)
    assert lvd.json("db", "restore", file) == {"apps": 1}
    assert "holds tables already" in lvd.run("db", "restore", file, exit_code=1).stderr

    url = EmbeddedPostgres(fresh_data_dir).start()
    with engine_of(url) as engine:
        kept = check_app(engine, tenant.app_id)
        assert 1_000 <= kept <= 3_000
        assert Reader(engine).since(tenant.app_id, before, 100).gap
        with running_server(url) as running, FeedLedger(engine, tenant.app_id) as feed:
            verdicts = send(running.address, tenant.key, events)
        assert verdicts.count(Verdict.DUPLICATE) == kept
        assert check_app(engine, tenant.app_id) == 3_000
        assert [row.seq for row in feed.rows] == list(range(1, 3_001))
        assert {row.event_id for row in feed.rows} == {event.event_id for event in events}
    assert lvd.json("db", "status")["apps"][0]["minutes_that_do_not_add_up"] == []


def test_each_restore_begins_another_epoch(database: str) -> None:
    lvd = CommandLine(DATABASE_URL=database)
    with engine_of(database) as engine:
        app_id = new_app(engine)
        epochs = [epoch_of(engine, app_id)]
        for _ in range(2):
            done = lvd.run("db", "restored")
            assert "A new epoch began for 1 apps." in done.stdout
            assert "revoke them anew" in done.stderr
            epochs.append(epoch_of(engine, app_id))
        assert epochs == sorted(set(epochs))
        # The same backup put back once more: not an epoch that somebody saw before. (By the second: putting a
        # backup back takes longer than one.)
        while time.time() < EPOCHS_BEGIN + epochs[-1] + 1:
            time.sleep(0.1)
        with engine.begin() as conn:
            conn.execute(text("UPDATE app_ledger SET epoch = 1"))
        lvd.run("db", "restored")
        assert epoch_of(engine, app_id) > epochs[-1]


def test_an_app_made_behind_a_restore_is_not_taken_for_one_that_it_lost(database: str) -> None:
    """Both get the number that was free when the backup was made."""
    with engine_of(database) as engine:
        lost = new_app(engine)
        before = epoch_of(engine, lost)
        with engine.begin() as conn:
            conn.execute(text("DELETE FROM app"))
            conn.execute(text(f"ALTER TABLE app ALTER COLUMN app_id RESTART WITH {lost}"))
        # By the second, see above.
        while time.time() < EPOCHS_BEGIN + before + 1:
            time.sleep(0.1)
        assert new_app(engine) == lost
        assert epoch_of(engine, lost) > before


def test_a_backup_that_fails_leaves_the_former_one(database: str, tmp_path: Path) -> None:
    file = tmp_path / "lvd.backup"
    lvd = CommandLine(DATABASE_URL=database)
    lvd.run("db", "backup", file)
    before = file.read_bytes()
    away = CommandLine(DATABASE_URL="postgresql://lvd:hush@127.0.0.1:1/lvd")
    told = away.run("db", "backup", file, exit_code=1).stderr
    assert "pg_dump failed" in told
    assert "hush" not in told
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file], "what is half written keeps a full disk full"
    nowhere = lvd.run("db", "backup", tmp_path / "none" / "lvd.backup", exit_code=1).stderr
    assert "cannot be written" in nowhere
    assert "There is no backup" in lvd.run("db", "restore", tmp_path / "none", exit_code=1).stderr


@pytest.mark.parametrize("special", ["folder", "device"])
def test_what_is_no_file_is_not_replaced_by_a_backup(database: str, tmp_path: Path, special: str) -> None:
    """A device, like /dev/stdout, root could replace."""
    target = tmp_path / special
    target.mkdir() if special == "folder" else target.symlink_to("/dev/null")
    told = CommandLine(DATABASE_URL=database).run("db", "backup", target, exit_code=1).stderr
    assert told == f"lvd: {target} is no file, and would be replaced by one: name a file, like lvd.backup\n"
    assert list(tmp_path.iterdir()) == [target]
    assert target.is_dir() or target.is_symlink()


@contextmanager
def backup_under_way(engine: Engine, lvd: CommandLine, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Its dump waits for a table until the `with` block is left."""
    with engine.begin() as conn:
        conn.execute(text("LOCK TABLE app IN ACCESS EXCLUSIVE MODE"))
        conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        running = lvd.start("db", "backup", file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: _waits_for_a_lock(engine))
        yield running


def _waits_for_a_lock(engine: Engine) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database "
    with engine.connect() as conn:
        return bool(conn.execute(text(query + "WHERE datname = current_database())")).scalar_one())


def test_a_second_backup_into_the_same_file_is_refused(database: str, tmp_path: Path) -> None:
    file, lvd = tmp_path / "lvd.backup", CommandLine(DATABASE_URL=database)
    with engine_of(database) as engine:
        with backup_under_way(engine, lvd, file) as first:
            told = lvd.run("db", "backup", file, exit_code=1).stderr
            assert f"Another backup writes {file}.partial" in told
        assert (first.wait(60), list(tmp_path.iterdir())) == (0, [file])
        lvd.run("db", "backup", file)


def test_a_backup_that_is_told_to_end_leaves_nothing(database: str, tmp_path: Path) -> None:
    file, lvd = tmp_path / "lvd.backup", CommandLine(DATABASE_URL=database)
    with engine_of(database) as engine, backup_under_way(engine, lvd, file) as running:
        running.terminate()
        assert (running.wait(60), list(tmp_path.iterdir())) == (128 + signal.SIGTERM, [])
