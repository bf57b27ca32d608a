"""What became of a batch, as its ack. Pure."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from ingest_server.errors import BadMetadata
from livevalidation.v1 import ingest_pb2
from storage.model import Outcome, Rejection, Submission
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Violation

#: Violations take at most this much text of an ack, in bytes or so: an ack that is larger than the 4 MiB that
#: a client takes by default would end its stream, again after each retry. Beyond it verdicts come bare.
MAX_VIOLATION_TEXT = 1024 * 1024


class Detail(StrEnum):
    """For which events an ack carries a verdict."""

    NONE = "none"
    #: Every event whose verdict is not `valid`.
    PROBLEMS = "problems"
    ALL = "all"


_ON_THE_WIRE = {
    Verdict.VALID: ingest_pb2.VERDICT_VALID,
    Verdict.INVALID: ingest_pb2.VERDICT_INVALID,
    Verdict.UNPLANNED: ingest_pb2.VERDICT_UNPLANNED,
    Verdict.DUPLICATE: ingest_pb2.VERDICT_DUPLICATE,
    Verdict.REJECTED: ingest_pb2.VERDICT_REJECTED,
    Verdict.ID_CONFLICT: ingest_pb2.VERDICT_REJECTED,
}


def read_detail(asked: str | None) -> Detail:
    """What the call's metadata asks for; None: nothing. Raises BadMetadata."""
    if asked is None:
        return Detail.PROBLEMS
    try:
        return Detail(asked)
    except ValueError:
        known = ", ".join(Detail)
        raise BadMetadata(f"The metadata `lvd-verdicts` must be one of: {known}") from None


def build_ack(batch_id: int, submission: Submission, outcome: Outcome, detail: Detail) -> ingest_pb2.BatchAck:
    """The ack of a batch whose transaction is committed."""
    counts = outcome.counts
    return ingest_pb2.BatchAck(
        batch_id=batch_id,
        received=submission.received,
        valid=counts[Verdict.VALID],
        invalid=counts[Verdict.INVALID],
        unplanned=counts[Verdict.UNPLANNED],
        duplicate=counts[Verdict.DUPLICATE],
        rejected=counts[Verdict.REJECTED] + counts[Verdict.ID_CONFLICT],
        id_conflict=counts[Verdict.ID_CONFLICT],
        last_seq=outcome.last_seq,
        plan_version=outcome.plan_version,
        verdicts=_verdicts(submission, outcome, detail),
    )


def _verdicts(submission: Submission, outcome: Outcome, detail: Detail) -> list[ingest_pb2.EventVerdict]:
    all_valid = outcome.counts[Verdict.VALID] == submission.received
    if detail is Detail.NONE or (detail is Detail.PROBLEMS and all_valid):
        return []
    return sorted(_told(submission, outcome, detail), key=lambda verdict: verdict.index)


def _told(submission: Submission, outcome: Outcome, detail: Detail) -> Iterator[ingest_pb2.EventVerdict]:
    rejected = {rejection.position for rejection in outcome.rejections}
    yield from (_rejected(rejection) for rejection in outcome.rejections)
    left = MAX_VIOLATION_TEXT
    for event in submission.events:
        if event.position in rejected:
            continue
        if event.position in outcome.duplicates:
            yield ingest_pb2.EventVerdict(index=event.position, verdict=ingest_pb2.VERDICT_DUPLICATE)
        elif event.verdict is not Verdict.VALID or detail is Detail.ALL:
            # What would be left out is not made: others' acks wait meanwhile.
            violations = _violations(event.violations) if left > 0 else []
            left -= sum(violation.ByteSize() for violation in violations)
            yield ingest_pb2.EventVerdict(
                index=event.position,
                verdict=_ON_THE_WIRE[event.verdict],
                violations=violations if left >= 0 else [],
            )


def _rejected(rejection: Rejection) -> ingest_pb2.EventVerdict:
    return ingest_pb2.EventVerdict(
        index=rejection.position,
        verdict=ingest_pb2.VERDICT_REJECTED,
        rejection=ingest_pb2.Rejection(code=rejection.code, message=rejection.message),
    )


def _violations(violations: Sequence[Violation]) -> list[ingest_pb2.Violation]:
    return [
        ingest_pb2.Violation(
            path=violation.path,
            kind=violation.kind.value,
            expected=violation.expected,
            received=violation.received,
            value=violation.value,
        )
        for violation in violations
    ]
