"""The events that were handed over and are not yet answered: bounded, in order, cut into batches."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Lock

from livevalidation.batching import fits
from livevalidation.errors import ClientClosed, SendFailed
from livevalidation.options import Options
from livevalidation.results import EventResult
from livevalidation.v1 import ingest_pb2
from livevalidation.waits import within_reach


@dataclass(frozen=True, slots=True)
class Entry:
    event: ingest_pb2.Event
    #: Bytes that the event takes in a batch.
    size: int
    future: "Future[EventResult]"


@dataclass(frozen=True, slots=True)
class Level:
    """How much the outbox holds, in events."""

    #: Waiting to be sent.
    queued: int
    #: Sent and not yet answered.
    in_flight: int
    #: Turned away by the policy `drop_newest`, since the start.
    dropped: int


class Outbox:
    """Every entry is queued (`put`), then in flight (`take`), then gone (`answered`), in one order.

    Life: open, then closed (`close`: nothing new comes in; the rest goes on), then ended (`end`: what is left
    is given back). Every method may be called by any thread; `take` and `answered` by one each.
    """

    def __init__(self, options: Options, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._clock = clock
        lock = Lock()
        self._room = Condition(lock)
        self._work = Condition(lock)
        self._done = Condition(lock)
        self._queued: deque[Entry] = deque()
        self._queued_bytes = 0
        #: When the oldest queued entry began to wait for others.
        self._waiting_since = 0.0
        self._in_flight: deque[Entry] = deque()
        self._unanswered_bytes = 0
        # Entries ever put, taken and answered: an entry's number tells how far it came.
        self._put = self._taken = self._answered = 0
        self._flush_up_to = 0
        self._dropped = 0
        self._closed = False
        self._ended = False
        self._failure: SendFailed | None = None

    def put(self, entry: Entry) -> bool:
        """Queue the entry. False: dropped by the policy. Raises ClientClosed when nothing more is taken."""
        with self._room:
            if self._options.when_full == "block":
                self._room.wait_for(lambda: self._closed or self._has_room(entry))
            self._check_open()
            if not self._has_room(entry):
                self._dropped += 1
                return False
            self._append(entry)
            return True

    def _has_room(self, entry: Entry) -> bool:
        count = len(self._queued) + len(self._in_flight)
        return (
            count < self._options.max_unanswered_events
            and self._unanswered_bytes + entry.size <= self._options.max_unanswered_bytes
        )

    def _check_open(self) -> None:
        if self._failure is not None:
            raise ClientClosed(f"Nothing more can be sent. {self._failure}") from self._failure
        if self._closed:
            raise ClientClosed("The client is closed; make another one to send more events.")

    def _append(self, entry: Entry) -> None:
        if not self._queued:
            self._waiting_since = self._clock()
        self._queued.append(entry)
        self._queued_bytes += entry.size
        self._unanswered_bytes += entry.size
        self._put += 1
        # Only the first entry and the one that fills a batch change what `take` waits for.
        if len(self._queued) == 1 or self._batch_is_full():
            self._work.notify()

    def _batch_is_full(self) -> bool:
        return (
            len(self._queued) >= self._options.batch_size
            or self._queued_bytes >= self._options.max_batch_bytes
        )

    def take(self) -> list[Entry]:
        """The next batch: full, or lingered, or flushed, or the last. Empty: closed, and none is queued."""
        with self._work:
            while not self._is_due():
                left = None
                if self._queued:
                    left = self._waiting_since + self._options.linger - self._clock()
                    if left <= 0:
                        break
                self._work.wait(left)
            return self._cut()

    def _is_due(self) -> bool:
        flushed = bool(self._queued) and self._taken < self._flush_up_to
        return self._closed or flushed or self._batch_is_full()

    def _cut(self) -> list[Entry]:
        batch: list[Entry] = []
        size = 0
        while self._queued and fits(len(batch), size, self._queued[0].size, self._options):
            entry = self._queued.popleft()
            batch.append(entry)
            size += entry.size
        self._queued_bytes -= size
        self._waiting_since = self._clock()
        self._taken += len(batch)
        self._in_flight.extend(batch)
        return batch

    def answered(self, count: int) -> None:
        """The oldest `count` entries in flight are settled."""
        with self._done:
            for _ in range(count):
                self._unanswered_bytes -= self._in_flight.popleft().size
            self._answered += count
            self._room.notify_all()
            self._done.notify_all()

    def flush(self, timeout: float | None) -> bool:
        """Send what is queued now without lingering, and wait until it is answered. False: not in time.

        Raises ClientClosed if it will never be.
        """
        with self._done:
            mark = self._put
            self._flush_up_to = max(self._flush_up_to, mark)
            self._work.notify()
            self._done.wait_for(lambda: self._answered >= mark or self._ended, within_reach(timeout))
            if self._answered < mark and self._ended:
                self._check_open()
            return self._answered >= mark

    def close(self) -> None:
        """Take no more entries."""
        with self._work:
            self._closed = True
            self._work.notify_all()
            self._room.notify_all()

    def end(self, failure: SendFailed | None) -> list[Entry]:
        """Close, for the reason given, and hand back the entries that were not answered, in order."""
        with self._done:
            self._closed = self._ended = True
            self._failure = failure
            left = [*self._in_flight, *self._queued]
            self._in_flight.clear()
            self._queued.clear()
            self._queued_bytes = self._unanswered_bytes = 0
            for condition in (self._room, self._work, self._done):
                condition.notify_all()
            return left

    def level(self) -> Level:
        with self._room:
            return Level(len(self._queued), len(self._in_flight), self._dropped)
