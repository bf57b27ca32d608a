"""Acks: the counts of a batch, and the verdicts that its stream asked for."""

from typing import Any

import pytest

from ingest_server.acks import MAX_VIOLATION_TEXT, Detail, build_ack, read_detail
from ingest_server.errors import BadMetadata
from livevalidation.v1 import ingest_pb2
from storage.model import NewEvent, Outcome, Rejection, Source, Submission
from tests.support.events import new_event
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation


def event(position: int, verdict: Verdict, **changes: Any) -> NewEvent:
    made = new_event(f"id-{position}", 0, verdict=verdict)
    return made._replace(position=position, **changes)


#: valid, invalid, unplanned, a duplicate, a conflict found by storage, one refused before judging.
EVENTS = [
    event(0, Verdict.VALID),
    event(1, Verdict.INVALID),
    event(2, Verdict.UNPLANNED),
    event(4, Verdict.VALID),
    event(5, Verdict.INVALID),
]
REFUSED = Rejection(3, "name_missing", "name is not given", "", b"")
CONFLICT = Rejection(5, "id_conflict", "is stored with another content", "A", b"", Verdict.ID_CONFLICT)
SUBMISSION = Submission(1, 3, Source(), None, 6, EVENTS, [REFUSED])
OUTCOME = Outcome((1, 1, 1, 1, 1, 1), frozenset({4}), (CONFLICT, REFUSED), 99, 3)


def told(ack: ingest_pb2.BatchAck) -> list[tuple[int, str]]:
    return [(verdict.index, ingest_pb2.Verdict.Name(verdict.verdict)) for verdict in ack.verdicts]


def test_counts_add_up_and_an_id_conflict_is_a_rejection() -> None:
    ack = build_ack(5, SUBMISSION, OUTCOME, Detail.NONE)
    assert ack == ingest_pb2.BatchAck(
        batch_id=5,
        received=6,
        valid=1,
        invalid=1,
        unplanned=1,
        duplicate=1,
        rejected=2,
        id_conflict=1,
        last_seq=99,
        plan_version=3,
    )


def test_problems_are_all_but_the_valid_ones_in_order() -> None:
    ack = build_ack(5, SUBMISSION, OUTCOME, Detail.PROBLEMS)
    assert told(ack) == [
        (1, "VERDICT_INVALID"),
        (2, "VERDICT_UNPLANNED"),
        (3, "VERDICT_REJECTED"),
        (4, "VERDICT_DUPLICATE"),
        (5, "VERDICT_REJECTED"),
    ]
    invalid, _, refused, duplicate, conflict = ack.verdicts
    assert [violation.path for violation in invalid.violations] == ["/total"]
    assert (refused.rejection.code, refused.rejection.message) == ("name_missing", "name is not given")
    assert not duplicate.violations
    assert (conflict.rejection.code, len(conflict.violations)) == ("id_conflict", 0)


def test_all_names_the_valid_ones_too() -> None:
    ack = build_ack(5, SUBMISSION, OUTCOME, Detail.ALL)
    assert [verdict.index for verdict in ack.verdicts] == [0, 1, 2, 3, 4, 5]
    assert told(ack)[0] == (0, "VERDICT_VALID")


def test_violations_are_left_out_before_an_ack_outgrows_a_message() -> None:
    long = Violation("/a", Kind.PATTERN, "x" * 200_000, "y", "z")
    events = [event(position, Verdict.INVALID, violations=(long,)) for position in range(20)]
    outcome = Outcome((0, 20, 0, 0, 0, 0), frozenset(), (), 20, 1)
    submission = Submission(1, 1, Source(), None, 20, events, [])

    ack = build_ack(1, submission, outcome, Detail.PROBLEMS)

    assert len(ack.verdicts) == 20
    assert [len(verdict.violations) for verdict in ack.verdicts] == [1] * 5 + [0] * 15
    assert ack.ByteSize() < MAX_VIOLATION_TEXT + 1_000


@pytest.mark.parametrize(
    ("asked", "detail"), [(None, Detail.PROBLEMS), ("none", Detail.NONE), ("all", Detail.ALL)]
)
def test_the_metadata_chooses_the_detail(asked: str | None, detail: Detail) -> None:
    assert read_detail(asked) is detail


def test_an_unknown_detail_is_named_with_those_there_are() -> None:
    with pytest.raises(BadMetadata, match="none, problems, all"):
        read_detail("some")


def test_violations_that_an_ack_has_no_room_for_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Acks are made between all others' reads and acks: thousands of events may break fifty rules each."""
    made = 0
    make = ingest_pb2.Violation

    def counted(**fields: str) -> ingest_pb2.Violation:
        nonlocal made
        made += 1
        return make(**fields)

    monkeypatch.setattr(ingest_pb2, "Violation", counted)
    broken = tuple(Violation(f"/{n}", Kind.PATTERN, "x" * 1_000, "y", "z") for n in range(50))
    events = [event(position, Verdict.INVALID, violations=broken) for position in range(500)]
    outcome = Outcome((0, 500, 0, 0, 0, 0), frozenset(), (), 500, 1)

    build_ack(1, Submission(1, 1, Source(), None, 500, events, []), outcome, Detail.PROBLEMS)

    assert made < MAX_VIOLATION_TEXT / 1_000 + 50
