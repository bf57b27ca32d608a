"""The embedded server as containers see it: processes of others out of sight, root without all its rights."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.embedded import EmbeddedPostgres, EmbeddedPostgresError, running
from tests.support.data_folder import temporary_data_dir
from tests.support.server_holder import finish, start_holder

#: A second container as far as processes go: it shares our files, and sees none of our processes.
CONTAINER = ("unshare", "--pid", "--ipc", "--mount-proc", "--fork", "--kill-child")


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
