"""A PostgreSQL for one test alone, which may be killed."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import psutil

from storage import migrate
from storage.embedded import EmbeddedPostgres
from tests.support.data_folder import temporary_data_dir
from tests.support.processes import runs


class OwnPostgres:
    """An embedded server with a migrated database."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._server = EmbeddedPostgres(data_dir, overrides={"shared_buffers": "128MB"})
        self.url = self._server.start()
        migrate.upgrade(self.url)

    def start(self) -> None:
        """Starts it again, at the same address."""
        assert self._server.start() == self.url

    def stop(self) -> None:
        """Cleanly: every session is told, and a checkpoint is written."""
        EmbeddedPostgres(self._data_dir).stop()

    def kill(self) -> None:
        """All of its processes at once, as when the machine stops; what was written to files stays."""
        postmaster = psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
        # Suspended, it neither starts processes nor takes note of those that end.
        postmaster.suspend()
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
        while any(map(runs, processes)):
            sleep(0.01)

    def move_wal(self, folder: Path) -> None:
        """Its WAL lies there from now on."""
        self.stop()
        wal = self._folder / "pg_wal"
        folder.chmod(0o755)
        moved = folder / "wal"
        owner = wal.stat()
        shutil.move(wal, moved)
        for path in (moved, *moved.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
        wal.symlink_to(moved)
        self.start()

    def log(self) -> str:
        """What it logged so far."""
        return self._server.log.read_text(errors="replace")

    def is_running(self) -> bool:
        """Whether its first process is there."""
        return self._server.is_running()

    @property
    def _folder(self) -> Path:
        return (self._data_dir / "postgres").resolve()


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Removed afterwards with all that it stored."""
    with temporary_data_dir() as data_dir:
        yield OwnPostgres(data_dir)
