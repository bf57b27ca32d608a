"""Searches for what no index finds: rows in stretches of seqs, for a bounded time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.database import sqlstate
from storage.readers.access import Access
from storage.readers.snapshot import begin_trial, set_timeout, undo_trial
from storage.readers.stretches import Stretch, stretch_of

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)

#: Seqs of the first stretch: mostly read in a few milliseconds.
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
    #: How long it may go on, once it got ahead.
    seconds: float
    fetch: Fetch[T]

    def run(self, seq: int, want: int) -> Scanned[T]:
        """Up to `want` rows from `seq`, itself included, in the search's direction."""
        now = self.clock()
        deadline = now + self.seconds
        rows: list[T] = []
        found: Sequence[T] | None
        at: datetime | None = None
        size = _FIRST_STRETCH_OF_PAYLOADS if self.access.rest.properties else _FIRST_STRETCH
        while len(rows) < want and self._is_within(seq):
            began = now
            if at is None:
                stretch, found = self._first(seq, size, want)
            else:
                stretch, found = self._further(seq, size, want - len(rows), deadline - began)
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

    def _first(self, seq: int, size: int, limit: int) -> tuple[Stretch, Sequence[T]]:
        """The first stretch with its rows: a shorter one where they take too long, down to one seq, which may
        take as long as any statement. So every search gets ahead: none is asked for the same place again."""
        seconds = self.seconds
        while True:
            stretch = self._next(seq, size)
            size = stretch.last_seq - stretch.first_seq + 1
            if size == 1:
                return stretch, self._read(stretch, limit)
            begin_trial(self.conn, _milliseconds(seconds))
            found = self._unless_cut(stretch, limit)
            if found is not None:
                return stretch, found
            undo_trial(self.conn)
            # All trials together are not to last longer than whoever asks waits.
            size, seconds = _shorter(size), self.seconds / 4

    def _further(self, seq: int, size: int, limit: int, seconds: float) -> tuple[Stretch, Sequence[T] | None]:
        """A later stretch with its rows; None: they take too long."""
        stretch = self._next(seq, size)
        set_timeout(self.conn, _milliseconds(seconds))
        return stretch, self._unless_cut(stretch, limit)

    def _read(self, stretch: Stretch, limit: int) -> Sequence[T]:
        return self.fetch(self.conn, self.access, stretch, limit, newest_first=self.newest_first)

    def _unless_cut(self, stretch: Stretch, limit: int) -> Sequence[T] | None:
        """The rows of one stretch; None: they take longer than a statement may now."""
        try:
            return self._read(stretch, limit)
        except DBAPIError as error:
            if sqlstate(error) == _QUERY_CANCELED:
                return None
            raise


def _next_size(size: int, seconds: float) -> int:
    if seconds < _FAST:
        return size * _GROWTH
    return _shorter(size) if seconds > _SLOW else size


def _shorter(size: int) -> int:
    return max(size // _GROWTH, 1)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
