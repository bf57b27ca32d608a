"""What a server says: acks, as plain values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from livevalidation.options import VerdictDetail
from livevalidation.v1 import ingest_pb2


class Verdict(StrEnum):
    """The judgement of one event."""

    #: Follows the plan; stored.
    VALID = "valid"
    #: Breaks the plan; stored with its violations.
    INVALID = "invalid"
    #: Its name is not in the plan; stored.
    UNPLANNED = "unplanned"
    #: Stored before; not stored again.
    DUPLICATE = "duplicate"
    #: Cannot be stored as an event; kept apart with its reason.
    REJECTED = "rejected"
    #: One that this version of the client does not know.
    UNKNOWN = "unknown"


_VERDICTS = {
    ingest_pb2.VERDICT_VALID: Verdict.VALID,
    ingest_pb2.VERDICT_INVALID: Verdict.INVALID,
    ingest_pb2.VERDICT_UNPLANNED: Verdict.UNPLANNED,
    ingest_pb2.VERDICT_DUPLICATE: Verdict.DUPLICATE,
    ingest_pb2.VERDICT_REJECTED: Verdict.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason why an event is not valid, in words a person understands."""

    #: JSON Pointer (RFC 6901); "" is the payload itself; a missing property is pointed at itself.
    path: str
    #: `missing_required`, `wrong_type`, …; a newer server may send kinds that are not known here.
    kind: str
    #: `number ≥ 0`
    expected: str
    #: `string "12"`, `missing`
    received: str
    #: The offending value as JSON, cut at 256 characters; "" where there is none.
    value: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event cannot be stored as an event."""

    #: Stable and machine-readable: `id_conflict`.
    code: str
    #: What is wrong, where, and how to mend it.
    message: str


@dataclass(frozen=True, slots=True)
class EventResult:
    """What one event was told."""

    #: Position of the event in its batch, from 0.
    index: int
    #: None: not known, as the stream asked for no verdicts.
    verdict: Verdict | None
    violations: tuple[Violation, ...]
    rejection: Rejection | None
    #: The app's newest arrival number after the event's batch.
    last_seq: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Events by verdict; `received` is the sum of the five after it, `id_conflict` a part of `rejected`."""

    received: int = 0
    valid: int = 0
    invalid: int = 0
    unplanned: int = 0
    duplicate: int = 0
    rejected: int = 0
    id_conflict: int = 0

    def __add__(self, other: Self) -> "Counts":
        return Counts(
            self.received + other.received,
            self.valid + other.valid,
            self.invalid + other.invalid,
            self.unplanned + other.unplanned,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
            self.id_conflict + other.id_conflict,
        )


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What one batch was told."""

    counts: Counts
    #: The app's newest arrival number after this batch; 0: it has no event yet.
    last_seq: int
    #: The plan's version that judged the batch; 0: the app has none.
    plan_version: int
    #: One result per event of the batch, in its order.
    results: tuple[EventResult, ...]


def counts_of(ack: ingest_pb2.BatchAck) -> Counts:
    return Counts(
        received=ack.received,
        valid=ack.valid,
        invalid=ack.invalid,
        unplanned=ack.unplanned,
        duplicate=ack.duplicate,
        rejected=ack.rejected,
        id_conflict=ack.id_conflict,
    )


def read_ack(ack: ingest_pb2.BatchAck, detail: VerdictDetail) -> BatchResult:
    """The ack of a stream that asked for `detail`. An event without a verdict of its own is `valid` where
    only problems were asked for, and else of unknown verdict (None)."""
    unlisted = Verdict.VALID if detail == "problems" else None
    listed = {verdict.index: verdict for verdict in ack.verdicts}
    results = tuple(
        _result(listed[index], ack.last_seq)
        if index in listed
        else EventResult(index, unlisted, (), None, ack.last_seq)
        for index in range(ack.received)
    )
    return BatchResult(counts_of(ack), ack.last_seq, ack.plan_version, results)


def _result(told: ingest_pb2.EventVerdict, last_seq: int) -> EventResult:
    return EventResult(
        index=told.index,
        verdict=_VERDICTS.get(told.verdict, Verdict.UNKNOWN),
        violations=tuple(
            Violation(each.path, each.kind, each.expected, each.received, each.value)
            for each in told.violations
        ),
        rejection=(
            Rejection(told.rejection.code, told.rejection.message) if told.HasField("rejection") else None
        ),
        last_seq=last_seq,
    )
