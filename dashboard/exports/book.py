"""The exports of this dashboard, known to all of its processes: what each is of, and how far it came."""

import secrets
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import cast

import diskcache

from dashboard.exports.encoders import Format
from storage.readers import PageQuery

#: How long an export is known after it was last heard of, in seconds.
_EXPIRY = 3600.0
_MEGABYTES = 16
#: Most exports that one process streams at once: each holds one of its threads.
MOST_AT_ONCE = 2


class State(StrEnum):
    """What becomes of an export; the last three are final. One that was refused may be fetched again."""

    WAITING = "waiting"
    REFUSED = "refused"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


#: Nobody fetches it yet.
_UNBEGUN = frozenset({State.WAITING, State.REFUSED})


@dataclass(frozen=True, slots=True)
class Export:
    """One export."""

    query: PageQuery
    format: Format
    #: The app's name, for the file's.
    app: str
    #: Rows that there will be; None: nobody knows.
    total: int | None
    state: State = State.WAITING
    rows: int = 0
    #: Bytes sent.
    size: int = 0
    #: Why it failed.
    problem: str = ""


class ExportBook:
    """May be used by many threads and processes. The folder must belong to this user alone."""

    def __init__(self, folder: Path) -> None:
        self._disk = diskcache.Cache(str(folder), size_limit=_MEGABYTES * 2**20)
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    def add(self, export: Export) -> str:
        """The number of a new export, which nobody can guess."""
        number = secrets.token_urlsafe(18)
        self.tell(number, export)
        return number

    def find(self, number: str) -> Export | None:
        """How it stands; None: there is none."""
        return cast(Export | None, self._disk.get(number))

    def begin(self, number: str) -> Export | None:
        """Takes an export that was not begun, once; None: there is none."""
        return self._become(number, State.RUNNING)

    def refuse(self, number: str) -> None:
        """Notes that there was no place for one that was not begun."""
        self._become(number, State.REFUSED)

    def tell(self, number: str, export: Export) -> None:
        """Keeps how it stands."""
        self._disk.set(number, export, expire=_EXPIRY)

    def cancel(self, number: str) -> None:
        """Asks for its end: the process that streams it reads no further page, and one
        that was not begun is not streamed at all."""
        self._disk.set((number, "cancel"), True, expire=_EXPIRY)
        self._become(number, State.CANCELLED)

    def is_cancelled(self, number: str) -> bool:
        """Whether its end was asked for."""
        return (number, "cancel") in self._disk

    def take_place(self) -> bool:
        """Whether this process can stream one more; then `leave_place` is owed."""
        return self._places.acquire(blocking=False)

    def leave_place(self) -> None:
        """Another one can be streamed."""
        self._places.release()

    def close(self) -> None:
        """Closes the store of the calling thread."""
        self._disk.close()

    def _become(self, number: str, state: State) -> Export | None:
        """The export in that state, if it was not begun; None: there is none."""
        with self._disk.transact():
            found = self.find(number)
            if found is None or found.state not in _UNBEGUN:
                return None
            became = replace(found, state=state)
            self.tell(number, became)
            return became
