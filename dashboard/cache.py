"""Answers kept so that many viewers cost the database what one costs.

Keys carry what the answer depends on (an app's epoch and version, or a closed minute), never the time, so an
answer under its key is right for ever; the expiry only frees room. Two layers: one flight per key within the
process, and a store on disk that the server's processes share.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import diskcache

T = TypeVar("T")

#: How long an answer under an app's version is kept, in seconds: the next version replaces it soon.
VERSION_EXPIRY = 120.0
#: How long an answer is kept that never changes, in seconds.
CLOSED_EXPIRY = 6 * 3600.0
#: The same of closed minutes, of which retention may take some just while they are read.
COUNTED_EXPIRY = 600.0

#: Most readings held in memory; the oldest goes first.
_MAX_RECENT = 2_000

#: Share of its life by which a reading's slot begins before the reading: who alone asks once in that time, a
#: little early now and then, finds the slot over.
_EARLY = 0.1

_MISSING = object()

#: What a store may raise whose disk is full, fails, or is held by another process for a minute.
_DISK_ERRORS = (sqlite3.Error, OSError, diskcache.Timeout)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Reading:
    #: By the monotonic clock, when its slot began: at the reading or before.
    since: float
    #: The app's version at that time; None: it depends on more.
    version: int | None
    answer: Any


class OneFlight:
    """Lets concurrent callers of one key share one computation, its error included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, Future[Any]] = {}

    def do(self, key: Hashable, compute: Callable[[], T], keep: Callable[[T], object] = lambda _: None) -> T:
        """The result of `compute`, run by the first caller while the others wait for it.

        `keep` is handed the result first, unless the flight was forgotten meanwhile.
        """
        with self._lock:
            flight = self._flights.get(key)
            leader = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if leader:
            self._fly(key, flight, compute, keep)
        return cast(T, flight.result())

    def forget(self, key: Hashable) -> None:
        """Whoever calls from now on does not join the flight that is under way."""
        with self._lock:
            self._flights.pop(key, None)

    def _fly(
        self, key: Hashable, flight: Future[T], compute: Callable[[], T], keep: Callable[[T], object]
    ) -> None:
        try:
            result = compute()
            with self._lock:
                if self._flights.get(key) is flight:
                    keep(result)
            flight.set_result(result)
        except BaseException as error:  # noqa: BLE001  handed to every waiting caller, this one included
            flight.set_exception(error)
        finally:
            with self._lock:
                if self._flights.get(key) is flight:
                    del self._flights[key]


class Cache:
    """Keyed answers on disk, and short-lived readings in memory; both with one flight per key.

    The folder must belong to this user alone: what is read from it is unpickled.
    """

    def __init__(
        self, folder: Path, *, megabytes: int = 256, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._disk = diskcache.Cache(str(folder), size_limit=megabytes * 2**20, tag_index=False)
        self._flights = OneFlight()
        self._monotonic = monotonic
        self._told = False
        self._recent: dict[Hashable, _Reading] = {}
        #: For changes of what is held.
        self._lock = threading.Lock()

    def keyed(self, key: tuple[Hashable, ...], expiry: float, compute: Callable[[], T]) -> T:
        """The answer under `key`, computed once; errors are not kept."""
        found = self._stored(key)
        if found is not _MISSING:
            return cast(T, found)
        return self._flights.do(key, lambda: self._computed(key, expiry, compute))

    def recent(
        self,
        key: tuple[Hashable, ...],
        max_age: float,
        compute: Callable[[], T],
        version: int | None = None,
    ) -> T:
        """A reading of this process that is at most `max_age` seconds old, or of the same version.

        Readings that follow each other serve one slot of `max_age` each, however many ask: see `_slot_start`.
        """
        kept = self._fresh(key, max_age, version)
        if kept is not None:
            return cast(T, kept.answer)
        # Where no age will do, nobody may be handed what is just read of another version.
        flight = (*key, version) if max_age == 0 and version is not None else key
        reading = self._flights.do(
            flight, lambda: self._read(key, max_age, compute, version), lambda read: self._keep(key, read)
        )
        return cast(T, reading.answer)

    def forget(self, key: tuple[Hashable, ...]) -> None:
        """Drops a reading, also one that is under way: what it reads was just changed."""
        self._flights.forget(key)
        with self._lock:
            self._recent.pop(key, None)

    def close(self) -> None:
        """Closes the store of the calling thread."""
        self._disk.close()

    def _computed(self, key: tuple[Hashable, ...], expiry: float, compute: Callable[[], T]) -> T:
        # Another flight may have landed between the first look and this one's start.
        found = self._stored(key)
        if found is not _MISSING:
            return cast(T, found)
        answer = compute()
        try:
            self._disk.set(key, answer, expire=expiry)
        except _DISK_ERRORS as error:
            self._tell(error)
        return answer

    def _stored(self, key: tuple[Hashable, ...]) -> Any:
        """What the store has; _MISSING, too, where it cannot be read."""
        try:
            return self._disk.get(key, default=_MISSING)
        except _DISK_ERRORS as error:
            self._tell(error)
            return _MISSING

    def _tell(self, error: Exception) -> None:
        """Once: it only costs time, and may go on for long."""
        if not self._told:
            self._told = True
            _log.warning(
                "answers are not kept, each viewer's are read anew: the cache's disk fails (%s)", error
            )

    def _fresh(self, key: tuple[Hashable, ...], max_age: float, version: int | None) -> _Reading | None:
        kept = self._recent.get(key)
        if kept is None:
            return None
        unchanged = version is not None and version == kept.version
        return kept if unchanged or self._monotonic() - kept.since < max_age else None

    def _read(
        self, key: tuple[Hashable, ...], max_age: float, compute: Callable[[], T], version: int | None
    ) -> _Reading:
        # Another flight may have landed between the first look and this one's start.
        kept = self._fresh(key, max_age, version)
        if kept is not None:
            return kept
        # Stamped before the reading: its content is at least that fresh.
        since = _slot_start(self._recent.get(key), self._monotonic(), max_age)
        return _Reading(since, version, compute())

    def _keep(self, key: tuple[Hashable, ...], reading: _Reading) -> None:
        """Holds a reading; the oldest make room for it."""
        with self._lock:
            while len(self._recent) >= _MAX_RECENT:
                self._recent.pop(next(iter(self._recent)))
            self._recent[key] = reading


def _slot_start(before: _Reading | None, now: float, length: float) -> float:
    """When the slot of a reading made now begins, by the monotonic clock.

    Slots follow each other without a gap as long as somebody asks in each. So many viewers cost one reading a
    slot, as one does who asks once a slot. Were a slot to begin with its reading, that one's next question, a
    moment early, would find the old answer; were it shorter, many viewers would cost more than one.
    """
    if before is not None and 0 <= now - (before.since + length) < length:
        return before.since + length
    return now - length * _EARLY
