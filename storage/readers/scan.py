"""Searches for what no index finds: rows in stretches of seqs, for a bounded time."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.database import sqlstate
from storage.readers.access import Access
from storage.readers.event_rows import Stretch, fetch_rows, stretch_of
from storage.readers.model import EventRow
from storage.readers.snapshot import set_timeout

#: Seqs of the first stretch: read in a few milliseconds, so every search gets ahead.
_FIRST_STRETCH = 5_000
#: A stretch that was read faster than this, in seconds, is followed by one so many times as long: what is
#: rare is passed over in few steps, and no step outlasts the time by much.
_FAST = 0.05
_GROWTH = 4

_QUERY_CANCELED = "57014"

#: Monotonic seconds.
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was found; `scanned_to` is the last seq looked at if the time was up before the page was full."""

    rows: tuple[EventRow, ...]
    scanned_to: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """A bounded search in one snapshot. It may end the snapshot's transaction, so it comes last."""

    conn: Connection
    access: Access
    extent: Stretch
    newest_first: bool
    clock: Clock
    #: How long it may go on.
    seconds: float

    def run(self, seq: int, want: int) -> Scanned:
        """Up to `want` rows from `seq`, itself included, in the search's direction."""
        now = self.clock()
        deadline = now + self.seconds
        rows: list[EventRow] = []
        size = _FIRST_STRETCH
        while len(rows) < want and self._is_within(seq):
            began = now
            first, last = self._next(seq, size)
            found = self._fetch(first, last, want - len(rows), deadline - began)
            if found is None:
                return Scanned(tuple(rows), self._before(seq))
            rows += found
            seq = first - 1 if self.newest_first else last + 1
            now = self.clock()
            if len(rows) < want and now >= deadline and self._is_within(seq):
                return Scanned(tuple(rows), self._before(seq))
            size = size * _GROWTH if now - began < _FAST else size
        return Scanned(tuple(rows), None)

    def _next(self, seq: int, size: int) -> tuple[int, int]:
        if self.newest_first:
            return max(self.extent.first_seq, seq - size + 1), seq
        return seq, min(self.extent.last_seq, seq + size - 1)

    def _before(self, seq: int) -> int:
        return seq + 1 if self.newest_first else seq - 1

    def _is_within(self, seq: int) -> bool:
        return self.extent.first_seq <= seq <= self.extent.last_seq

    def _fetch(self, first: int, last: int, limit: int, seconds: float) -> tuple[EventRow, ...] | None:
        """The rows of one stretch; None: they take too long."""
        stretch = stretch_of(self.conn, self.extent.app_id, first, last)
        set_timeout(self.conn, max(1, round(seconds * 1000)))
        try:
            return fetch_rows(self.conn, self.access, stretch, limit, newest_first=self.newest_first)
        except DBAPIError as error:
            if sqlstate(error) == _QUERY_CANCELED:
                return None
            raise
