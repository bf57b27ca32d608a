"""The batches under way, in order: those sent and not acknowledged, and what happens to them."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from threading import Condition

from livevalidation.errors import ContractBroken, SendFailed
from livevalidation.v1 import ingest_pb2
from livevalidation.waits import within_reach

#: Called with a batch's ack, in the order of the batches, by the thread that reads acks.
OnAck = Callable[[ingest_pb2.BatchAck], None]


@dataclass(frozen=True, slots=True)
class _Pending:
    batch: ingest_pb2.EventBatch
    on_ack: OnAck


class Window:
    """Holds at most `size` batches between `add` and `acked`, for any number of streams one after another.

    Life: `add`…, then `finish` (no more will come; the rest is still delivered), then `end` (nothing will be
    delivered any more). Every method may be called by any thread.
    """

    def __init__(self, size: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._clock = clock
        self._changed = Condition()
        self._pending: deque[_Pending] = deque()
        #: How many of the pending, from the oldest, the current stream was given.
        self._given = 0
        self._stream = 0
        #: Is a stream open, and when did it last move: by an ack, or by the first batch after none was out?
        self._open = False
        self._moved_at = 0.0
        self._numbers = count(1)
        self._finished = False
        self._ended = False
        self._failure: SendFailed | None = None

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def busy(self) -> bool:
        """Is there a batch that waits for its ack?"""
        return bool(self._pending)

    def add(self, batch: ingest_pb2.EventBatch, on_ack: OnAck) -> None:
        """Number the batch and take it, once there is room. Raises SendFailed if it cannot be delivered."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or len(self._pending) < self._size)
            if self._ended:
                raise self._failure or SendFailed("The stream was closed; the batch was not sent.")
            batch.batch_id = next(self._numbers)
            self._pending.append(_Pending(batch, on_ack))
            self._changed.notify_all()

    def finish(self) -> None:
        """Say that no batch will follow."""
        with self._changed:
            self._finished = True
            self._moved_at = self._clock()
            self._changed.notify_all()

    def end(self, failure: SendFailed | None = None) -> None:
        """Wake everyone; `failure` is what later calls of `add` raise. The first end stands."""
        with self._changed:
            if not self._ended:
                self._ended = True
                self._failure = failure
            self._changed.notify_all()

    def wait_for_work(self) -> bool:
        """Wait for a batch to deliver. False: there is none, and none will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._finished or bool(self._pending))
            return bool(self._pending) and not self._ended

    def wait_ended(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended, within_reach(timeout))

    def requests(self) -> Iterator[ingest_pb2.EventBatch]:
        """The batches for a new stream: first all that are pending, then each as it is added.

        Ends when the last one was given after `finish`, at the end, and at `release`: then all that is
        pending is left to the next stream.
        """
        with self._changed:
            self._open = True
            self._moved_at = self._clock()
            stream = self._stream
        return iter(lambda: self._next(stream), None)

    def release(self) -> None:
        """Say that the current stream is over."""
        with self._changed:
            self._open = False
            self._stream += 1
            self._given = 0
            self._changed.notify_all()

    def _next(self, stream: int) -> ingest_pb2.EventBatch | None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._superseded(stream) or self._given < len(self._pending) or self._finished
            )
            if self._superseded(stream) or self._given == len(self._pending):
                return None
            if self._given == 0:
                self._moved_at = self._clock()
                self._changed.notify_all()
            self._given += 1
            return self._pending[self._given - 1].batch

    def _superseded(self, stream: int) -> bool:
        return self._ended or self._stream != stream

    def acked(self, ack: ingest_pb2.BatchAck) -> None:
        """Settle the oldest batch. Raises ContractBroken if the ack is not the one of that batch."""
        with self._changed:
            pending = self._pending[0] if self._given else None
            if pending is None or not _answers(ack, pending.batch):
                raise ContractBroken(_mismatch(ack, pending.batch if pending else None))
        # Room is made only afterwards: whoever reads the acks also bounds what is under way.
        pending.on_ack(ack)
        with self._changed:
            self._pending.popleft()
            self._given -= 1
            self._moved_at = self._clock()
            self._changed.notify_all()

    def wait_overdue(self, timeout: float) -> bool:
        """Wait until the open stream owes an ack, or after `finish` its end, for `timeout` seconds.

        False: the end came.
        """
        with self._changed:
            while not self._ended:
                owes = self._open and (self._given > 0 or self._finished)
                left = self._moved_at + timeout - self._clock() if owes else None
                if left is not None and left <= 0:
                    self._moved_at = self._clock()
                    return True
                self._changed.wait(left)
            return False


def _answers(ack: ingest_pb2.BatchAck, batch: ingest_pb2.EventBatch) -> bool:
    return ack.batch_id == batch.batch_id and ack.received == len(batch.events)


def _mismatch(ack: ingest_pb2.BatchAck, batch: ingest_pb2.EventBatch | None) -> str:
    waiting = f"batch {batch.batch_id} of {len(batch.events)} events" if batch else "nothing"
    return (
        f"The server acknowledged batch {ack.batch_id} with {ack.received} events, while {waiting} was "
        "waiting. Check that the target is an ingest server, and of a fitting version."
    )
