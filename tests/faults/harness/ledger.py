"""What producers know: the numbers they sent, and those that were acked. One side of the oracle."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from livevalidation.v1.ingest_pb2 import (
    VERDICT_DUPLICATE,
    VERDICT_REJECTED,
    BatchAck,
    Event,
    EventBatch,
)

#: Times of all events lie before this moment, which processes that we start inherit: the same number is the
#: same event, whoever sends it again.
_BORN = datetime.fromisoformat(os.environ.setdefault("FAULTS_BORN", datetime.now(UTC).isoformat()))
_KINDS = 100


def event(number: int) -> Event:
    """The event of that number: of a hundred, ten occurred yesterday, and one is no JSON."""
    kind = number % _KINDS
    occurred = Timestamp()
    occurred.FromDatetime(_BORN - timedelta(days=kind < 10, microseconds=number))
    return Event(
        event_id=str(UUID(int=number)),
        name=f"Event {number % 7}",
        subject=f"user {number % 13}",
        occurred_at=occurred,
        payload_json=f'{{"number": {number}{"" if kind == 50 else "}"}'.encode(),
    )


def is_rejected(number: int) -> bool:
    """Whether the event of that number cannot be stored as one."""
    return number % _KINDS == 50


def batch_of(numbers: Sequence[int]) -> EventBatch:
    """A batch of the events of these numbers."""
    return EventBatch(events=[event(number) for number in numbers])


@dataclass
class ClientLedger:
    """Of one app, over all its producers. Safe for threads."""

    sent: set[int] = field(default_factory=set)
    acked: set[int] = field(default_factory=set)
    #: Told to be stored by this ack, not to be a duplicate: no number may be told so twice.
    stored_by: Counter[int] = field(default_factory=Counter)
    #: Events in acks.
    answered: int = 0
    _lock: Lock = field(default_factory=Lock)
    _next: int = 0

    def new_numbers(self, count: int) -> list[int]:
        """Numbers that nobody has sent."""
        with self._lock:
            first, self._next = self._next, self._next + count
        return list(range(first, first + count))

    def note_sent(self, numbers: Sequence[int]) -> None:
        """Said before they go out."""
        with self._lock:
            self.sent.update(numbers)

    def note_ack(self, numbers: Sequence[int], ack: BatchAck) -> None:
        """Takes an ack with verdicts for all, and checks what it says by itself."""
        assert len(ack.verdicts) == ack.received == len(numbers)
        told = [verdict.verdict for verdict in ack.verdicts]
        with self._lock:
            self.acked.update(numbers)
            self.answered += ack.received
            for number, verdict in zip(numbers, told, strict=True):
                assert (verdict == VERDICT_REJECTED) == is_rejected(number)
                if verdict not in (VERDICT_REJECTED, VERDICT_DUPLICATE):
                    self.stored_by[number] += 1
