"""Searches for what no index finds: rows in stretches of seqs, for a bounded time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.database import sqlstate
from storage.readers.access import Access
from storage.readers.snapshot import set_timeout
from storage.readers.stretches import Stretch, stretch_of

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)

#: Seqs of the first stretch: read in a few milliseconds, so every search gets ahead.
_FIRST_STRETCH = 5_000
#: The same where payloads are looked into, of up to a megabyte each.
_FIRST_STRETCH_OF_PAYLOADS = 50
#: A stretch that was read faster than this, in seconds, is followed by one so many times as long: what is
#: rare is passed over in few steps, and no step outlasts the time by much.
_FAST = 0.05
_GROWTH = 4
#: One that took longer is followed by one so many times shorter: later rows may be larger.
_SLOW = 0.5

_QUERY_CANCELED = "57014"

#: Monotonic seconds.
Clock = Callable[[], float]


class Fetch(Protocol[R_co]):
    """The first rows of a stretch, or what is wanted of them; as storage.readers.event_rows has them."""

    def __call__(
        self, conn: Connection, access: Access, stretch: Stretch, limit: int, *, newest_first: bool
    ) -> Sequence[R_co]: ...


@dataclass(frozen=True, slots=True)
class Scanned(Generic[T]):
    """What was found; `scanned_to` is the last seq looked at if the time was up before the page was full."""

    rows: tuple[T, ...]
    scanned_to: int | None = None
    #: The minute of that row; None: nothing was looked at.
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search(Generic[T]):
    """A bounded search in one snapshot. It may end the snapshot's transaction, so it comes last."""

    conn: Connection
    access: Access
    extent: Stretch
    newest_first: bool
    clock: Clock
    #: How long it may go on.
    seconds: float
    fetch: Fetch[T]

    def run(self, seq: int, want: int) -> Scanned[T]:
        """Up to `want` rows from `seq`, itself included, in the search's direction."""
        now = self.clock()
        deadline = now + self.seconds
        rows: list[T] = []
        at: datetime | None = None
        size = _FIRST_STRETCH_OF_PAYLOADS if self.access.rest.properties else _FIRST_STRETCH
        while len(rows) < want and self._is_within(seq):
            began = now
            stretch = self._next(seq, size)
            found = self._fetch(stretch, want - len(rows), deadline - began)
            if found is None:
                return Scanned(tuple(rows), self._before(seq), at)
            rows += found
            seq = stretch.first_seq - 1 if self.newest_first else stretch.last_seq + 1
            at = stretch.start if self.newest_first else stretch.end
            now = self.clock()
            if len(rows) < want and now >= deadline and self._is_within(seq):
                return Scanned(tuple(rows), self._before(seq), at)
            size = _next_size(size, now - began)
        return Scanned(tuple(rows))

    def _next(self, seq: int, size: int) -> Stretch:
        if self.newest_first:
            first, last = max(self.extent.first_seq, seq - size + 1), seq
        else:
            first, last = seq, min(self.extent.last_seq, seq + size - 1)
        return stretch_of(self.conn, self.extent.app_id, first, last)

    def _before(self, seq: int) -> int:
        return seq + 1 if self.newest_first else seq - 1

    def _is_within(self, seq: int) -> bool:
        return self.extent.first_seq <= seq <= self.extent.last_seq

    def _fetch(self, stretch: Stretch, limit: int, seconds: float) -> Sequence[T] | None:
        """The rows of one stretch; None: they take too long."""
        set_timeout(self.conn, max(1, round(seconds * 1000)))
        try:
            return self.fetch(self.conn, self.access, stretch, limit, newest_first=self.newest_first)
        except DBAPIError as error:
            if sqlstate(error) == _QUERY_CANCELED:
                return None
            raise


def _next_size(size: int, seconds: float) -> int:
    if seconds < _FAST:
        return size * _GROWTH
    return max(size // _GROWTH, 1) if seconds > _SLOW else size
