"""A later version's migration beside servers of this one: they go on writing, and start again."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event as Signal

import pytest
from alembic.config import Config
from sqlalchemy import Engine, text

import storage
from livevalidation import Client, Event, Options, Verdict
from storage import migrate
from storage.errors import Unavailable
from storage.partitions import ensure_days
from tests.support.command_line import CommandLine
from tests.support.ingest import Tenant, new_tenant
from tests.support.oracle import check_app
from tests.support.server_process import server_process
from tests.support.writing import engine_of

_LATER = '''
"""What a later version may do: new columns, a new table."""
from alembic import op

revision = "later"
down_revision = "{head}"

def upgrade():
    op.execute("CREATE TABLE later (app_id INTEGER PRIMARY KEY)")
    op.execute("ALTER TABLE app_ledger ADD COLUMN later INTEGER NOT NULL DEFAULT 7")
    op.execute("ALTER TABLE event ADD COLUMN later TEXT")
'''


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database, pool_size=8) as engine:
        yield engine


@pytest.fixture
def later(tmp_path: Path, engine: Engine) -> Config:
    """The migrations of a later version."""
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(storage.__file__).parent / "migrations", scripts)
    text_of_it = _LATER.format(head=migrate.status(engine).head)
    (scripts / "versions" / "later.py").write_text(text_of_it)
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    return config


def send_until(address: str, tenant: Tenant, ended: Signal) -> tuple[int, float]:
    """Sends an event at a time; how many, and the longest that one waited, in seconds."""
    count, longest = 0, 0.0
    with Client(address, tenant.key, options=Options(linger=0)) as client:
        while not ended.is_set():
            started = time.monotonic()
            result = client.send(Event("Page Viewed", {"number": count})).result(30)
            longest = max(longest, time.monotonic() - started)
            assert result.verdict is Verdict.UNPLANNED
            count += 1
    return count, longest


def test_servers_go_on_while_a_later_schema_is_applied_behind_a_long_reader(
    database: str, engine: Engine, later: Config
) -> None:
    tenant, ended = new_tenant(engine, "shop"), Signal()
    with server_process(database) as server, ThreadPoolExecutor(2) as pool:
        sending = pool.submit(send_until, server.address, tenant, ended)
        time.sleep(0.5)
        with engine.connect() as reader:
            # An export or a dump: until it is over no column can be added.
            reader.execute(text("SET idle_in_transaction_session_timeout = 0"))
            reader.execute(text("SELECT count(*) FROM event"))
            migrating = pool.submit(migrate._apply, engine, later)
            time.sleep(4)
            assert not migrating.done()
            reader.rollback()
        migrating.result(60)
        time.sleep(0.5)
        ended.set()
        count, longest = sending.result(60)
        assert count > 20
        # Not the four seconds of the reader.
        assert longest < 3

        # The same server, and one that starts only now.
        status = migrate.status(engine)
        assert (status.current, status.is_newer, status.up_to_date, status.is_usable) == (
            "later",
            True,
            False,
            True,
        )
        ensure_days(engine, [date(2040, 1, 1)])
        with server_process(database) as other, Client(other.address, tenant.key) as client:
            assert client.send(Event("Page Viewed", {})).result(30).verdict is Verdict.UNPLANNED
    assert check_app(engine, tenant.app_id) == count + 1


def test_an_older_lvd_leaves_a_newer_schema_alone_and_works_with_it(
    database: str, engine: Engine, later: Config
) -> None:
    migrate._apply(engine, later)
    lvd = CommandLine(DATABASE_URL=database)
    assert "was up to date" in lvd.run("db", "upgrade").stdout
    assert lvd.json("app", "create", "shop")["app"] == "shop"
    status = lvd.json("db", "status")
    assert (status["schema"]["current"], status["schema"]["newer"]) == ("later", True)
    assert [app["app"] for app in status["apps"]] == ["shop"]
    assert "newer than this lvd's" in lvd.run("db", "status").stdout


def test_a_table_that_stays_in_use_ends_the_migration_without_a_change(
    engine: Engine, later: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_TRIES", 2)
    before = migrate.status(engine)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM event"))
        with pytest.raises(Unavailable, match="in use by a long transaction"):
            migrate._apply(engine, later)
    assert migrate.status(engine) == before
    with engine.connect() as conn:
        assert conn.execute(text("SELECT to_regclass('later')")).scalar_one() is None
