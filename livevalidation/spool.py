"""Records on disk until they are dealt with: a queue in one SQLite file, bounded in bytes.

SQLite's write-ahead log makes each record durable, and whole, against a process that is killed at any moment.
(A machine that loses power may lose the last records, never those before them.)
"""

import ctypes
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Final
from weakref import WeakSet

from livevalidation.errors import SpoolUnusable

#: Less would hardly hold a batch beside SQLite's own pages.
MIN_BYTES: Final = 1024 * 1024
#: What the write-ahead log is cut back to; it comes on top of the bound. In bytes.
_LOG_BYTES: Final = 4 * 1024 * 1024


class Spool:
    """One process at a time; any of its threads. Records are numbered upwards in the order of `append`."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        """Opens the file, or makes it. Raises SpoolUnusable, ValueError (too few bytes)."""
        if max_bytes < MIN_BYTES:
            raise ValueError(f"spool_bytes is {max_bytes:,}; it must be at least {MIN_BYTES:,}.")
        self._lock = Lock()
        # Who calls may well have a text.
        self._path, self._max_bytes = Path(path), max_bytes
        #: None: `_start_over` could not make the file anew, and the next record tries to.
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = _open(path, max_bytes)
            first, last = self._one("SELECT min(number), max(number) FROM spool")
        except sqlite3.Error as error:
            raise SpoolUnusable(_why(path, error)) from error
        #: Number of the newest record, also of one that is gone.
        self.last: int = last or 0
        self._before_first: int = first - 1 if first else self.last
        #: Are records below `before_first` still in the file?
        self._leftovers = False
        self._refusal = ""
        _spools.add(self)

    @property
    def refusal(self) -> str:
        """Why `append` returned False the last time, as SQLite says it."""
        return self._refusal

    @property
    def before_first(self) -> int:
        """All records that are kept have greater numbers."""
        return self._before_first

    def __len__(self) -> int:
        """Records that are kept: their numbers have no gap."""
        return self.last - self._before_first

    @property
    def size(self) -> int:
        """Bytes of the file that are in use."""
        with self._lock:
            if self._connection is None:
                return 0
            (pages,) = self._one("PRAGMA page_count")
            (free,) = self._one("PRAGMA freelist_count")
            (size,) = self._one("PRAGMA page_size")
        return int((pages - free) * size)

    def append(self, record: bytes) -> bool:
        """Keeps a record. False: there is no room, in the bound or on the disk, or the disk fails."""
        with self._lock:
            self._clear()
            try:
                self._database().execute("INSERT INTO spool VALUES (?, ?)", (self.last + 1, record))
            except sqlite3.Error as error:
                self._refusal = str(error)
                return False
            self.last += 1
            return True

    def read(self, after: int, limit: int, max_bytes: int) -> list[tuple[int, bytes]]:
        """Records above a number, with theirs: at most `limit`, and up to the one that fills `max_bytes`."""
        query = "SELECT number, record FROM spool WHERE number > ? ORDER BY number LIMIT ?"
        records: list[tuple[int, bytes]] = []
        size = 0
        with self._lock, closing(self._database().execute(query, (after, limit))) as rows:
            while size < max_bytes and (row := rows.fetchone()) is not None:
                records.append(row)
                size += len(row[1])
        return records

    def remove(self, up_to: int) -> bool:
        """Forgets all records up to and with this number.

        False: the disk is full, or fails, and the file has them still. Each later call of `append`, `remove`
        and `close` tries to delete them; a spool that is opened on the file before that keeps them again.
        """
        with self._lock:
            self._before_first = max(self._before_first, up_to)
            self._leftovers = True
            return self._clear()

    def close(self) -> None:
        """Lets another process have the file."""
        with self._lock:
            self._clear()
            if self._connection is not None:
                self._connection.close()

    def leave_open(self) -> None:
        """Keeps this process from ever closing the file, also while it ends."""
        if self._connection is not None:
            # One reference more than there are names: Python lets go of all names in the end.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))

    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _open(self._path, self._max_bytes)
        return self._connection

    def _clear(self) -> bool:
        """Deletes what was removed. False: it cannot be done now."""
        if self._leftovers:
            try:
                self._delete_removed()
            except (sqlite3.Error, OSError):
                return False
            self._leftovers = False
        return True

    def _delete_removed(self) -> None:
        connection = self._database()
        try:
            connection.execute("DELETE FROM spool WHERE number <= ?", (self._before_first,))
        except sqlite3.Error:
            # To delete takes room, too. Where the spool itself fills its disk or quota nobody else makes any.
            if len(self):
                raise
            self._start_over(connection)

    def _start_over(self, connection: sqlite3.Connection) -> None:
        """Gives back the room of a file that holds nothing but what was removed."""
        # In this order a kill in between leaves no log without its file, which SQLite would take for damage.
        self._path.unlink()
        self._connection = None
        connection.close()
        Path(f"{self._path}-wal").unlink(missing_ok=True)
        with suppress(sqlite3.Error):
            self._database()

    def _one(self, query: str) -> tuple[int, ...]:
        row: tuple[int, ...] = self._database().execute(query).fetchone()
        return row


#: Those of this process.
_spools: Final[WeakSet[Spool]] = WeakSet()


def _leave_to_the_parent() -> None:
    """In a child SQLite takes the parent's lock for its own: it would close the file by deleting the log."""
    for spool in _spools:
        spool.leave_open()


if hasattr(os, "register_at_fork"):  # Windows knows no forks.
    os.register_at_fork(after_in_child=_leave_to_the_parent)


def _open(path: Path, max_bytes: int) -> sqlite3.Connection:
    # No timeout: whoever has the file keeps it.
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # Two processes would send each other's records, and forget them for each other.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(f"PRAGMA max_page_count = {max_bytes // page_size}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS spool (number INTEGER PRIMARY KEY, record BLOB NOT NULL)"
        )
    except BaseException:
        connection.close()
        raise
    return connection


def _why(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_BUSY:
        return f"The spool {path} is in use by another process: give each process a file of its own."
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{path} is no spool, or was damaged: name another file, and keep this one for its events."
    return f"The spool {path} cannot be opened ({error}): name a file in a folder that you may write to."
