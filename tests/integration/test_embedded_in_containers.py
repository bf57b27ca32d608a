"""The embedded server as containers see it: processes of others out of sight, root without all its rights."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from storage.embedded import EmbeddedPostgres, EmbeddedPostgresError, running
from storage.embedded.account import Account
from tests.support.data_folder import remove_data_dir, temporary_data_dir
from tests.support.server_holder import finish, start_holder

#: A second container as far as processes go: it shares our files, and sees none of our processes.
CONTAINER = ("unshare", "--pid", "--ipc", "--mount-proc", "--fork", "--kill-child")
#: Root as a container has it by default: it may not see in which folder another user's process works.
WITHOUT_PTRACE = ("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_data_dir() as folder:
        yield folder


def require(prefix: Sequence[str]) -> None:
    """Skips the test where this system cannot run programs so."""
    if shutil.which(prefix[0]) is None:
        pytest.skip(f"{prefix[0]} is not installed here")
    tried = subprocess.run([*prefix, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"{prefix[0]} is not permitted here: {tried.stderr.strip()}")


@contextmanager
def listening(folder: Path) -> Iterator[None]:
    """A server's socket, of a process that is none of PostgreSQL's."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / ".s.PGSQL.5432"))
        server.listen()
        yield


def test_a_server_in_another_container_is_not_taken_for_a_killed_one(data_dir: Path) -> None:
    require(CONTAINER)
    holder = start_holder(data_dir, prefix=CONTAINER)
    assert holder.stdout is not None
    assert holder.stdout.readline()
    cluster = data_dir / "postgres"
    before = {path: path.read_bytes() for path in (cluster / "postmaster.pid", cluster / "pg_ident.conf")}
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"another container.*LVD_DATABASE_URL"):
            EmbeddedPostgres(data_dir).start()
        assert {path: path.read_bytes() for path in before} == before
        assert (cluster / ".s.PGSQL.5432").is_socket()
    finally:
        finish(holder)
    with running(data_dir):
        pass


@pytest.mark.parametrize("noted_elsewhere", [False, True])
def test_whoever_answers_at_the_socket_is_a_server(
    data_dir: Path, tmp_path: Path, noted_elsewhere: bool
) -> None:
    """In the cluster, which another container may know by another path, or where the pid file says."""
    with running(data_dir):
        pid_file = data_dir / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
    short = tmp_path if noted_elsewhere else data_dir / "postgres"
    text = "\n".join([lines[0], *lines[1:4], str(tmp_path), *lines[5:]])
    pid_file.write_text(text)
    with listening(short), pytest.raises(EmbeddedPostgresError, match="another container"):
        EmbeddedPostgres(data_dir).start()
    assert pid_file.read_text() == text
    assert (short / ".s.PGSQL.5432").is_socket()
    with running(data_dir):  # nobody listens any more: a leftover
        pass


def test_a_socket_answers_also_where_its_path_here_is_too_long_for_one(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another container may know the folder by a short path, and listen in it."""
    deep = data_dir / ("a-folder-of-a-volume-" * 5)
    with running(deep):
        pass
    monkeypatch.chdir(deep / "postgres")
    with listening(Path()), pytest.raises(EmbeddedPostgresError, match="another container"):
        EmbeddedPostgres(deep).start()
    remove_data_dir(deep)


def test_root_that_may_not_look_into_processes_starts_finds_and_stops_it(data_dir: Path) -> None:
    require(WITHOUT_PTRACE)
    first = start_holder(data_dir, prefix=WITHOUT_PTRACE)
    assert first.stdout is not None
    began = first.stdout.readline().strip()
    assert began
    second = start_holder(data_dir, prefix=WITHOUT_PTRACE)
    assert finish(second) == began
    assert EmbeddedPostgres(data_dir).is_running()
    finish(first)
    assert not EmbeddedPostgres(data_dir).is_running()
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_server_that_nobody_lets_us_see_is_left_alone(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    with running(data_dir) as url:
        pid_file = data_dir / "postgres" / "postmaster.pid"
        before = pid_file.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(psutil.Process, "cwd", denied)
            patch.setattr(Account, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, b"", b""))
            with pytest.raises(EmbeddedPostgresError, match=r"may be the server of .* SYS_PTRACE"):
                EmbeddedPostgres(data_dir).start()
        assert pid_file.read_bytes() == before
        assert EmbeddedPostgres.attach(data_dir).url == url
