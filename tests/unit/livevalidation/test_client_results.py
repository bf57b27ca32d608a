"""Acks, read as plain values."""

import pytest

from livevalidation.results import Counts, Rejection, Verdict, Violation, read_ack
from livevalidation.v1 import ingest_pb2

ACK = ingest_pb2.BatchAck(
    batch_id=9,
    received=4,
    valid=1,
    invalid=1,
    duplicate=1,
    rejected=1,
    id_conflict=1,
    last_seq=77,
    plan_version=3,
    verdicts=[
        ingest_pb2.EventVerdict(
            index=1,
            verdict=ingest_pb2.VERDICT_INVALID,
            violations=[
                ingest_pb2.Violation(
                    path="/total", kind="range", expected="number ≥ 0", received="number -1", value="-1"
                )
            ],
        ),
        ingest_pb2.EventVerdict(index=2, verdict=ingest_pb2.VERDICT_DUPLICATE),
        ingest_pb2.EventVerdict(
            index=3,
            verdict=ingest_pb2.VERDICT_REJECTED,
            rejection=ingest_pb2.Rejection(code="id_conflict", message="Give each event its own id."),
        ),
    ],
)


def test_every_event_gets_its_result() -> None:
    batch = read_ack(ACK, "problems")
    assert batch.counts == Counts(received=4, valid=1, invalid=1, duplicate=1, rejected=1, id_conflict=1)
    assert (batch.last_seq, batch.plan_version) == (77, 3)
    assert [result.index for result in batch.results] == [0, 1, 2, 3]
    assert [result.verdict for result in batch.results] == ["valid", "invalid", "duplicate", "rejected"]
    assert batch.results[1].violations == (Violation("/total", "range", "number ≥ 0", "number -1", "-1"),)
    assert batch.results[3].rejection == Rejection("id_conflict", "Give each event its own id.")
    assert batch.results[2].rejection is None
    assert {result.last_seq for result in batch.results} == {77}


@pytest.mark.parametrize("detail", ["none", "all"])
def test_without_a_verdict_nothing_is_guessed(detail: str) -> None:
    ack = ingest_pb2.BatchAck(received=2, valid=2)
    results = read_ack(ack, detail).results  # type: ignore[arg-type]
    assert [result.verdict for result in results] == [None, None]


def test_a_verdict_of_a_newer_server_is_unknown() -> None:
    ack = ingest_pb2.BatchAck(received=1)
    ack.verdicts.add(index=0, verdict=99)
    assert read_ack(ack, "all").results[0].verdict is Verdict.UNKNOWN


def test_every_verdict_of_the_contract_is_known() -> None:
    for number in ingest_pb2.Verdict.values():
        if number != ingest_pb2.VERDICT_UNSPECIFIED:
            ack = ingest_pb2.BatchAck(received=1)
            ack.verdicts.add(index=0, verdict=number)
            word = ingest_pb2.Verdict.Name(number).removeprefix("VERDICT_").lower()
            assert read_ack(ack, "all").results[0].verdict == word


def test_counts_add_up_field_by_field() -> None:
    assert Counts(1, 2, 3, 4, 5, 6, 7) + Counts(10, 20, 30, 40, 50, 60, 70) == Counts(
        11, 22, 33, 44, 55, 66, 77
    )
