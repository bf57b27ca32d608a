"""Starting, finding and stopping the embedded server."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from storage.embedded import cluster, postmaster, tuning
from storage.embedded.account import Account, account_for_new_cluster, owner_of
from storage.embedded.binaries import binaries_for
from storage.embedded.errors import EmbeddedPostgresError, NotRunning, explain
from storage.embedded.locks import SharedHold, exclusive
from storage.embedded.postmaster import LONGEST_SOCKET_PATH, SOCKET_NAME, Postmaster

#: Crash recovery replays up to max_wal_size of log. In seconds.
_START_TIMEOUT = 900
#: A fast shutdown writes one checkpoint. In seconds.
_STOP_TIMEOUT = 120
_TEMPORARY_PREFIX = "lvd-pg-"
_LONGEST_LOG = 16 << 20


class EmbeddedPostgres:
    """The server of one data folder. Any number of processes may start, find and release it at once.

    Not safe for use by several threads at once; give each its own.
    """

    def __init__(self, data_dir: Path, *, overrides: Mapping[str, str] | None = None) -> None:
        """`data_dir` is made on start if missing; `overrides` are settings of postgresql.conf."""
        self._data_dir = data_dir.absolute()
        self._overrides = dict(overrides or {})
        self._hold: SharedHold | None = None

    @classmethod
    def attach(cls, data_dir: Path) -> Self:
        """The server that runs on a data folder. Raises NotRunning.

        Holds nothing: its users may stop it at any time. To keep it, call start() or use running().
        """
        server = cls(data_dir)
        _ = server.url
        return server

    @property
    def url(self) -> str:
        """A libpq URL of lvd's database; SQLAlchemy takes it too. Raises NotRunning."""
        running = self._running()
        if running is None or not running.ready:
            raise NotRunning(f"No embedded PostgreSQL runs on {self._data_dir}: start one with `lvd up`")
        return _url(running.socket_dir)

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._data_dir / "postgres.log"

    def is_running(self) -> bool:
        """Whether it takes connections."""
        running = self._running()
        return running is not None and running.ready

    def start(self) -> str:
        """Starts the server, or joins the one that runs, and keeps it until release() or this process's end.

        Returns its URL. Takes about 2 s on a new folder, 0.2 s on an old one, longer after a crash. Raises
        EmbeddedPostgresError.
        """
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            with self._lifecycle():
                self._hold = self._hold or SharedHold(self._data_dir / "postgres.users")
                self._ensure_running()
                return self.url
        except OSError as error:
            self.release()
            raise EmbeddedPostgresError(explain("to start", f"error: {error}", self.log)) from error
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Gives up what start() took; the last to do so stops the server."""
        if self._hold is None:
            return
        with self._lifecycle():
            hold, self._hold = self._hold, None
            if hold.release():
                self._stop()

    def stop(self) -> None:
        """Stops the server whoever uses it: ends every session, writes a checkpoint. Quiet if none runs."""
        if not self._data_dir.exists():
            return
        with self._lifecycle():
            self._stop()
            if self._hold is not None:
                self._hold.release()
                self._hold = None

    def _lifecycle(self) -> contextlib.AbstractContextManager[None]:
        return exclusive(self._data_dir / "postgres.lock")

    def _running(self) -> Postmaster | None:
        folder = cluster.locate(self._data_dir)
        if folder is None:
            return None
        try:
            return postmaster.running_postmaster(folder)
        except PermissionError:
            owner_of(folder)  # raises, and says whose it is
            raise

    def _ensure_running(self) -> None:
        folder = cluster.locate(self._data_dir)
        if folder is not None and _await_readiness(folder):
            return
        account = account_for_new_cluster() if folder is None else owner_of(folder)
        binaries = binaries_for(account)
        folder = folder or cluster.create(self._data_dir, account, binaries, self.log)
        cluster.check_version(folder)
        _clear_leftovers(folder)  # first: it raises beside a server whose process we do not see
        cluster.claim(self._data_dir, folder, account)
        cluster.configure(folder, account, self._overrides)
        self._launch(folder, account, binaries)
        _ensure_database(_socket_dir_of(folder))

    def _launch(self, folder: Path, account: Account, binaries: Path) -> None:
        socket_dir = _choose_socket_dir(folder, account)
        durability = " ".join(f"-c {name}={value}" for name, value in tuning.DURABILITY.items())
        arguments = ["start", "-t", str(_START_TIMEOUT), "-o", f"-k '{socket_dir}' {durability}"]
        with _open_log(self.log) as log:
            begin = log.tell()
            result = account.run(_pg_ctl(binaries, arguments), cwd=folder, output=log)
        if result.returncode != 0:
            _remove_socket_dir(socket_dir)
            raise EmbeddedPostgresError(explain("to start", _text_since(self.log, begin), self.log))

    def _stop(self) -> None:
        folder = cluster.locate(self._data_dir)
        if folder is None or not postmaster.is_alive(folder):
            return
        account = owner_of(folder)
        binaries = binaries_for(account)
        socket_dir = postmaster.noted_socket_dir(folder)
        # An immediate shutdown costs a recovery at the next start, and nothing else.
        for mode in ("fast", "immediate"):
            arguments = ["stop", "-t", str(_STOP_TIMEOUT), "-m", mode]
            result = account.run(_pg_ctl(binaries, arguments), cwd=folder)
            if not postmaster.is_alive(folder):
                break
        else:
            raise EmbeddedPostgresError(explain("to stop", result.stdout.decode(errors="replace"), self.log))
        if socket_dir is not None:
            _remove_socket_dir(socket_dir)


@contextlib.contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """The URL of the folder's server for a `with` block: joined or started, and stopped by its last user."""
    server = EmbeddedPostgres(data_dir)
    url = server.start()
    try:
        yield url
    finally:
        server.release()


def _pg_ctl(binaries: Path, arguments: Sequence[str]) -> list[str | Path]:
    """A command that waits for what it does; run it in the cluster's folder.

    The folder is named by ".", because a shell reads the path and "$" has a meaning there. The server gets a
    session of its own: Ctrl-C at our terminal does not end it before us.
    """
    return [binaries / "pg_ctl", *arguments, "-s", "-w", "-D", "."]


def _await_readiness(folder: Path) -> bool:
    """Whether a server runs already; waits for one that is just starting or stopping."""
    deadline = time.monotonic() + _START_TIMEOUT
    while postmaster.is_alive(folder):
        found = postmaster.running_postmaster(folder)
        if found is not None and found.ready:
            return True
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL in {folder} neither starts nor ends: end it"
            )
        time.sleep(0.05)
    return False


def _clear_leftovers(folder: Path) -> None:
    socket_dir = postmaster.noted_socket_dir(folder)
    postmaster.clear_leftovers(folder)
    # PostgreSQL believes the pid in a lock file, which by now may be anybody's.
    _remove_sockets(folder)
    if socket_dir is not None:
        _remove_socket_dir(socket_dir)


def _socket_dir_of(folder: Path) -> Path:
    found = postmaster.running_postmaster(folder)
    if found is None:
        raise NotRunning(
            f"The embedded PostgreSQL in {folder} ended as soon as it had started: start it again"
        )
    return found.socket_dir


def _choose_socket_dir(folder: Path, account: Account) -> Path:
    """The cluster itself, closed to others; where its path is too long for a socket, a short folder."""
    if len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and "'" not in str(folder):
        return folder
    short = Path(tempfile.mkdtemp(prefix=_TEMPORARY_PREFIX))
    if len(os.fsencode(short / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        short.rmdir()
        raise EmbeddedPostgresError(f"{short} is too long for a socket: set TMPDIR to a shorter folder")
    os.chown(short, account.uid, account.gid)
    return short


def _remove_socket_dir(socket_dir: Path) -> None:
    """Removes a short folder of ours with what a killed server left in it; leaves any other alone."""
    if socket_dir.name.startswith(_TEMPORARY_PREFIX):
        with contextlib.suppress(FileNotFoundError):
            _remove_sockets(socket_dir)
            socket_dir.rmdir()


def _remove_sockets(folder: Path) -> None:
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (folder / name).unlink(missing_ok=True)


def _ensure_database(socket_dir: Path) -> None:
    conn = psycopg2.connect(host=str(socket_dir), user=cluster.SUPERUSER, dbname="postgres")
    try:
        conn.autocommit = True
        with conn.cursor() as cursor:
            _ensure(
                cursor,
                "pg_roles WHERE rolname",
                cluster.ROLE,
                "CREATE ROLE {} LOGIN CREATEDB IN ROLE pg_monitor",
            )
            _ensure(cursor, "pg_database WHERE datname", cluster.DATABASE, "CREATE DATABASE {0} OWNER {0}")
    finally:
        conn.close()


def _ensure(cursor: "psycopg2.extensions.cursor", where: str, name: str, create: str) -> None:
    cursor.execute(f"SELECT 1 FROM {where} = %s", (name,))  # noqa: S608 - constants of ours
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL(create).format(sql.Identifier(name)))


def _url(socket_dir: Path) -> str:
    return f"postgresql://{cluster.ROLE}@/{cluster.DATABASE}?host={quote(str(socket_dir), safe='')}"


def _open_log(path: Path) -> IO[bytes]:
    """Opened by us, not by the server's user, who may not reach it; the former log is kept once."""
    if path.exists() and path.stat().st_size > _LONGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _text_since(path: Path, begin: int) -> str:
    with path.open("rb") as file:
        file.seek(begin)
        return file.read().decode(errors="replace")
