"""What the benchmark's clients send, read as the server reads it."""

from itertools import count

import pytest
from google.protobuf.wrappers_pb2 import UInt64Value

from benchmarks.events import NAMES, PLAN, DraftMaker
from benchmarks.sending.feeder import Diet, Feeder, Message
from benchmarks.sending.job import Job, Repeats, Report, StreamJob, Times
from benchmarks.sending.templates import make_templates, varint
from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from storage.model import Submission
from tracking_plan.compiled import compile_plan
from tracking_plan.formats.native import plan_from_document
from tracking_plan.verdict import Verdict

JUDGE = compile_plan(plan_from_document(PLAN), 1)
NOW = 1_800_000_000.5
DAY = 86_400


def feeder(
    *,
    batch_size: int = 50,
    times: Times = Times.NOW,
    duplicates: float = 0.0,
    repeats: Repeats = Repeats.SENT,
) -> Feeder:
    numbers = count()
    templates = make_templates(DraftMaker(7, 140), 7, iter([batch_size] * 4))
    diet = Diet(templates, times, duplicates, repeats, (), lambda: next(numbers), lambda: NOW)
    return Feeder(diet, 7)


def read(message: Message) -> Submission:
    batch = judge_batch(decode_batch(message.wire, DecodeLimits()), 1, JUDGE)
    assert batch.rejections == []
    assert batch.received == message.events == len(batch.events)
    return batch


def identities(batch: Submission) -> list[tuple[int | None, bytes]]:
    return [(event.occurred_us, event.event_key) for event in batch.events]


def test_batches_are_numbered_and_name_their_source() -> None:
    fed = feeder()
    first, second = (decode_batch(message.wire, DecodeLimits()) for message in (fed.fresh(), fed.next()))
    assert (first.batch_id, second.batch_id) == (1, 2)
    assert first.source.environment == "bench"


def test_no_identity_is_sent_twice() -> None:
    fed = feeder()
    sent = [key for _ in range(12) for key in identities(read(fed.next()))]
    assert len(set(sent)) == len(sent) == 600


def test_event_ids_are_uuids() -> None:
    for event in read(feeder().fresh()).events:
        assert event.event_id is not None
        assert event.event_key == bytes.fromhex(event.event_id.replace("-", ""))


def test_events_occurred_within_the_last_two_seconds() -> None:
    times = [event.occurred_us or 0 for event in read(feeder().fresh()).events]
    assert all(NOW - 2 <= at / 1e6 <= NOW for at in times)
    assert len(set(times)) > 40


def test_late_events_occurred_just_before_midnight() -> None:
    midnight = NOW // DAY * DAY
    for event in read(feeder(times=Times.MIDNIGHT).fresh()).events:
        assert midnight - 5 <= (event.occurred_us or 0) / 1e6 < midnight


def test_a_backfill_reaches_over_the_retention() -> None:
    fed = feeder(times=Times.BACKFILL)
    ages = [NOW - (event.occurred_us or 0) / 1e6 for _ in range(200) for event in read(fed.fresh()).events]
    assert min(ages) < 2 * DAY
    assert 27 * DAY < max(ages) < 29 * DAY + 1


def test_the_plan_judges_one_event_in_a_hundred_invalid() -> None:
    templates = make_templates(DraftMaker(7, 140), 7, iter([500] * 20))
    diet = Diet(templates, Times.NOW, 0.0, Repeats.SENT, (), count().__next__, lambda: NOW)
    fed = Feeder(diet, 7)
    judged = [event for _ in range(20) for event in read(fed.fresh()).events]
    assert {event.verdict for event in judged} == {Verdict.VALID, Verdict.INVALID}
    assert 60 < sum(event.verdict is Verdict.INVALID for event in judged) < 140
    assert {event.name for event in judged} == set(NAMES)


@pytest.mark.parametrize("payload_bytes", [140, 1_000, 10_000])
def test_payloads_are_about_as_long_as_asked(payload_bytes: int) -> None:
    drafts = [DraftMaker(3, payload_bytes).make() for _ in range(100)]
    mean = sum(len(draft.payload) for draft in drafts) / len(drafts)
    assert mean == pytest.approx(payload_bytes, rel=0.08)


def test_the_share_of_duplicates_is_kept_over_small_batches() -> None:
    fed = feeder(batch_size=10, duplicates=0.05)
    sent = identities(read(fed.fresh()))
    sent += [key for _ in range(400) for key in identities(read(fed.next()))]
    assert 1 - len(set(sent)) / len(sent) == pytest.approx(0.05, abs=0.02)


def test_a_duplicate_is_the_same_event_with_the_same_content() -> None:
    fed = feeder(duplicates=0.2)
    seen: dict[tuple[int | None, bytes], int] = {}
    for message in [fed.fresh(), *(fed.next() for _ in range(10))]:
        for event in read(message).events:
            assert (
                seen.setdefault((event.occurred_us, event.event_key), event.content_hash)
                == event.content_hash
            )


def test_nothing_but_duplicates_repeats_what_was_sent_in_its_order() -> None:
    fed = feeder(duplicates=1.0)
    fresh = [identities(read(fed.fresh())) for _ in range(3)]
    assert [identities(read(fed.next())) for _ in range(3)] == fresh


def test_events_of_history_are_sent_as_they_are() -> None:
    numbers = count()
    templates = make_templates(DraftMaker(7, 140), 7, iter([10]))
    stored = (
        templates[0]
        .first(1)
        .replace(b"########", b"00000000")
        .replace(varint(2**35 - 1), varint(1_799_000_000))
    )
    diet = Diet(templates, Times.NOW, 0.5, Repeats.HISTORY, (stored,), lambda: next(numbers) + 1, lambda: NOW)
    batch = read(Feeder(diet, 7).next())
    old = [event for event in batch.events if (event.occurred_us or 0) < 1_799_000_002_000_000]
    assert len(old) == 5
    assert len({event.event_key for event in old}) == 1


def test_jobs_and_reports_survive_their_way_between_processes() -> None:
    job = Job(
        target="127.0.0.1:1",
        streams=(StreamJob("lvd_a_b", 1, 20),),
        batch_size=500,
        payload_bytes=140,
        unacked=10,
        verdicts="problems",
        times=Times.BACKFILL,
        duplicates=0.01,
        repeats=Repeats.HISTORY,
        history="",
        templates=3,
        seed=1,
        number=0,
        rate=100.0,
    )
    assert Job.from_json(job.to_json()) == job
    report = Report(started=1.0, ended=2.0, received=[5], acked_by_second={0: 3, 7: 2}, ack_seconds=[0.1])
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**28, 2**35 - 1])
def test_varints_are_those_of_protobuf(number: int) -> None:

    assert UInt64Value(value=number).SerializeToString() == (b"\x08" + varint(number) if number else b"")
