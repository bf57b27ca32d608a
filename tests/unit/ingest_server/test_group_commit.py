"""Groups: what is written together, and what each batch is told."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Timer
from time import monotonic, sleep

import pytest

from ingest_server.errors import Draining, Unauthenticated
from ingest_server.group_commit import Crew, GroupBounds, GroupCommit, Hooks
from ingest_server.metrics import Metrics
from ingest_server.outage import Outage
from ingest_server.pending import Pending
from ingest_server.settings import IngestSettings
from storage.errors import Unavailable
from storage.model import Outcome, Source, Submission, WriteResult

BOUNDS = GroupBounds(max_events=100, max_bytes=1_000, linger_seconds=0.0)
SECONDS = 10
Script = Callable[[Sequence[Submission]], WriteResult]


def outcome_of(submission: Submission) -> Outcome:
    counts = (submission.received, 0, 0, 0, 0, 0)
    return Outcome(counts, frozenset(), (), submission.received, submission.plan_version)


def write_all(submissions: Sequence[Submission]) -> WriteResult:
    return WriteResult({place: outcome_of(submission) for place, submission in enumerate(submissions)})


class ScriptedWriter:
    """Does what its script says, then writes everything. Can be held back."""

    def __init__(self, *script: Script) -> None:
        self.script = list(script)
        self.groups: list[list[Submission]] = []
        self.may_write = Event()
        self.may_write.set()
        self.closes = 0

    def write(self, submissions: Sequence[Submission]) -> WriteResult:
        assert self.may_write.wait(SECONDS)
        self.groups.append(list(submissions))
        return (self.script.pop(0) if self.script else write_all)(submissions)

    def close(self) -> None:
        self.closes += 1


class Producer:
    """Offers batches and hears what became of them."""

    def __init__(self, commit: GroupCommit) -> None:
        self._commit = commit
        self._settled: dict[int, Outcome | Exception] = {}
        self._events: dict[int, Event] = {}

    def offer(self, number: int, *, app_id: int = 1, events: int = 10, age: float = 0) -> None:
        submission = Submission(app_id, 1, Source(), None, events, [], [])
        self._events[number] = Event()
        self._commit.offer(Pending(b"x" * 10, number, submission, 10, monotonic() - age, self._settle))

    def told(self, number: int) -> Outcome | Exception:
        assert self._events[number].wait(SECONDS)
        return self._settled[number]

    def _settle(self, pending: Pending, result: Outcome | Exception) -> None:
        assert pending.batch_id not in self._settled, "settled twice"
        self._settled[pending.batch_id] = result
        self._events[pending.batch_id].set()


def offer_until(producer: Producer, first: int, *, refused: bool) -> int:
    """Offers batch after batch until one is refused, or taken; returns the number of the last one taken."""
    deadline = monotonic() + SECONDS
    while monotonic() < deadline:
        try:
            producer.offer(first)
        except Unavailable:
            if refused:
                return first - 1
        else:
            if not refused:
                return first
            first += 1
        sleep(0.001)
    raise AssertionError("never")


def rejudged(pending: Pending, version: int) -> Submission:
    return replace(pending.submission, plan_version=version)


@contextmanager
def committing(
    *writers: ScriptedWriter,
    light_writer: ScriptedWriter | None = None,
    bounds: GroupBounds = BOUNDS,
    rejudge: Callable[[Pending, int], Submission] = rejudged,
    probe: Callable[[], None] = lambda: None,
) -> Iterator[tuple[GroupCommit, Producer, Metrics]]:
    metrics = Metrics()
    outage = Outage(probe, lambda _: None)
    crew, hooks = Crew(writers, light_writer), Hooks(rejudge, lambda settle: settle())
    commit = GroupCommit(crew, bounds, outage, hooks, metrics)
    commit.start()
    try:
        yield commit, Producer(commit), metrics
    finally:
        commit.close(SECONDS)


def test_what_waits_while_a_writer_works_becomes_one_group() -> None:
    writer = ScriptedWriter()
    writer.may_write.clear()
    with committing(writer) as (_, producer, metrics):
        producer.offer(0)
        while metrics.registry.get_sample_value("lvd_ingest_queued_events"):
            pass
        for number in (1, 2, 3):
            producer.offer(number)
        writer.may_write.set()
        assert all(isinstance(producer.told(number), Outcome) for number in range(4))
    assert [len(group) for group in writer.groups] == [1, 3]
    assert metrics.registry.get_sample_value("lvd_ingest_commit_seconds_count") == 2
    assert metrics.registry.get_sample_value("lvd_ingest_group_events_sum") == 40
    assert writer.closes == 1


def test_a_batch_of_the_usual_size_shares_no_group_with_the_few_events_of_others() -> None:
    settings = IngestSettings()
    writer = ScriptedWriter()
    writer.may_write.clear()
    with committing(writer, bounds=GroupBounds(settings.group_events, settings.group_bytes, 0.0)) as (
        _,
        producer,
        metrics,
    ):
        producer.offer(0)
        while metrics.registry.get_sample_value("lvd_ingest_queued_events"):
            pass
        producer.offer(1, app_id=1, events=500)
        producer.offer(2, app_id=2, events=10)
        writer.may_write.set()
        assert all(isinstance(producer.told(number), Outcome) for number in range(3))
    assert [len(group) for group in writer.groups] == [1, 1, 1]


def test_a_small_app_is_written_at_once_while_a_flood_has_all_writers() -> None:
    settings = IngestSettings()
    writers, light_writer = [ScriptedWriter(), ScriptedWriter()], ScriptedWriter()
    for writer in writers:
        writer.may_write.clear()
    bounds = GroupBounds(settings.group_events, settings.group_bytes, 0.0)
    with committing(*writers, light_writer=light_writer, bounds=bounds) as (_, producer, metrics):
        producer.offer(0, app_id=1, events=500)
        while metrics.registry.get_sample_value("lvd_ingest_queued_events"):
            pass
        for number in range(1, 60):
            producer.offer(number, app_id=1, events=500)
        while metrics.registry.get_sample_value("lvd_ingest_queued_events") == 59 * 500:
            pass
        producer.offer(60, app_id=2, events=500)
        assert isinstance(producer.told(60), Outcome)
        for writer in writers:
            writer.may_write.set()
        assert all(isinstance(producer.told(number), Outcome) for number in range(60))
    assert [submission.app_id for submission in light_writer.groups[0]] == [2]


def test_a_light_app_does_not_wait_for_the_writers_of_one_that_floods() -> None:
    writers, light_writer = [ScriptedWriter(), ScriptedWriter()], ScriptedWriter()
    for writer in writers:
        writer.may_write.clear()
    with committing(*writers, light_writer=light_writer) as (_, producer, _):
        for number in range(20):
            producer.offer(number, app_id=1, events=60)
        for number in range(20, 23):
            producer.offer(number, app_id=2, events=2)
            assert isinstance(producer.told(number), Outcome)
        for writer in writers:
            writer.may_write.set()
        assert all(isinstance(producer.told(number), Outcome) for number in range(20))
    assert {each.app_id for group in light_writer.groups for each in group} == {2}
    assert {each.app_id for writer in writers for group in writer.groups for each in group} == {1}


def test_the_writer_of_light_apps_helps_with_all_at_the_end() -> None:
    writer, light_writer = ScriptedWriter(), ScriptedWriter()
    writer.may_write.clear()
    with committing(writer, light_writer=light_writer) as (commit, producer, _):
        for number in range(4):
            producer.offer(number, events=60)
        Timer(0.05, writer.may_write.set).start()
        commit.close(SECONDS)
        assert all(isinstance(producer.told(number), Outcome) for number in range(4))
    assert light_writer.groups
    assert light_writer.closes == 1


def test_a_free_writer_may_wait_for_a_group_to_grow() -> None:
    writer = ScriptedWriter()
    bounds = replace(BOUNDS, linger_seconds=5.0, max_events=30)
    with committing(writer, bounds=bounds) as (_, producer, _):
        started = monotonic()
        for number in range(3):
            producer.offer(number)
        producer.told(2)
        assert monotonic() - started < 4, "a full group waits no longer"
    assert [len(group) for group in writer.groups] == [3]


def test_what_another_writer_holds_is_offered_again() -> None:
    def second_is_busy(submissions: Sequence[Submission]) -> WriteResult:
        return WriteResult({0: outcome_of(submissions[0])}, busy=tuple(range(1, len(submissions))))

    writer = ScriptedWriter(second_is_busy)
    with committing(writer, bounds=replace(BOUNDS, linger_seconds=0.2)) as (_, producer, metrics):
        producer.offer(0, app_id=1)
        producer.offer(1, app_id=2)
        assert isinstance(producer.told(1), Outcome)
        assert isinstance(producer.told(0), Outcome)
    assert [[submission.app_id for submission in group] for group in writer.groups] == [[1, 2], [2]]
    busy = metrics.registry.get_sample_value("lvd_ingest_offered_again_batches_total", {"reason": "busy"})
    assert busy == 1


def test_what_another_writer_holds_for_too_long_is_told_to_come_again() -> None:
    writer = ScriptedWriter(lambda _: WriteResult(busy=(0,)))
    with committing(writer) as (_, producer, _):
        producer.offer(0, age=60)
        assert isinstance(producer.told(0), Unavailable)
        producer.offer(1)
        assert isinstance(producer.told(1), Outcome), "the others go on"


def test_a_batch_judged_by_an_old_plan_is_judged_again() -> None:
    writer = ScriptedWriter(lambda _: WriteResult(replanned={1: 2}))
    with committing(writer) as (_, producer, _):
        producer.offer(0)
        told = producer.told(0)
    assert isinstance(told, Outcome)
    assert told.plan_version == 2
    assert [group[0].plan_version for group in writer.groups] == [1, 2]


def test_a_plan_that_cannot_be_used_fails_its_own_app_only() -> None:
    def broken(pending: Pending, version: int) -> Submission:
        raise ValueError("not a plan")

    writer = ScriptedWriter(lambda all_of: WriteResult({1: outcome_of(all_of[1])}, replanned={1: 2}))
    bounds = replace(BOUNDS, linger_seconds=0.2)
    with committing(writer, bounds=bounds, rejudge=broken) as (_, producer, _):
        producer.offer(0, app_id=1)
        producer.offer(1, app_id=2)
        assert isinstance(producer.told(0), ValueError)
        assert isinstance(producer.told(1), Outcome)


def test_a_deleted_app_is_told_that_its_key_is_none() -> None:
    with committing(ScriptedWriter(lambda _: WriteResult(gone=(0,)))) as (_, producer, _):
        producer.offer(0)
        assert isinstance(producer.told(0), Unauthenticated)


def test_an_unknown_fault_fails_its_group_and_the_writer_goes_on() -> None:
    def fault(_: Sequence[Submission]) -> WriteResult:
        raise KeyError("a fault of ours")

    with committing(ScriptedWriter(fault)) as (_, producer, metrics):
        producer.offer(0)
        assert isinstance(producer.told(0), KeyError)
        producer.offer(1)
        assert isinstance(producer.told(1), Outcome)
    failed = metrics.registry.get_sample_value("lvd_ingest_failed_groups_total", {"error": "internal"})
    assert failed == 1


def test_a_fault_with_one_batch_fails_that_batch_alone() -> None:
    def fault_with_the_second_of_app_1(submissions: Sequence[Submission]) -> WriteResult:
        if any((each.app_id, each.received) == (1, 11) for each in submissions):
            raise KeyError("a fault of ours")
        return write_all(submissions)

    writer = ScriptedWriter(*[fault_with_the_second_of_app_1] * 6)
    with committing(writer, bounds=replace(BOUNDS, linger_seconds=0.2)) as (_, producer, metrics):
        for number, (app_id, events) in enumerate([(1, 10), (1, 11), (2, 10), (2, 10)]):
            producer.offer(number, app_id=app_id, events=events)
        assert isinstance(producer.told(1), KeyError)
        assert all(isinstance(producer.told(number), Outcome) for number in (0, 2, 3))
    written = [sorted((each.app_id, each.received) for each in group) for group in writer.groups]
    assert written[0] == [(1, 10), (1, 11), (2, 10), (2, 10)]
    assert sorted(written[1:]) == [[(1, 10)], [(1, 10), (1, 11)], [(1, 11)], [(2, 10), (2, 10)]]
    failed = metrics.registry.get_sample_value("lvd_ingest_failed_groups_total", {"error": "internal"})
    assert failed == 3


def test_when_the_database_goes_away_after_a_fault_all_that_is_left_of_the_group_is_given_back() -> None:
    def fault(_: Sequence[Submission]) -> WriteResult:
        raise KeyError("a fault of ours")

    def away(_: Sequence[Submission]) -> WriteResult:
        raise Unavailable("the connection was lost")

    writer = ScriptedWriter(fault, away)
    with committing(writer, bounds=replace(BOUNDS, linger_seconds=0.2)) as (_, producer, _):
        for number in range(3):
            producer.offer(number, app_id=number)
        assert all(isinstance(producer.told(number), Unavailable) for number in range(3))
        producer.offer(3)
        assert isinstance(producer.told(3), Outcome)
    assert [len(group) for group in writer.groups] == [3, 1, 1]


def test_while_the_database_is_away_everything_is_refused_then_goes_on() -> None:
    def away(_: Sequence[Submission]) -> WriteResult:
        raise Unavailable("the connection was lost")

    refused, back = Event(), Event()

    def probe() -> None:
        if not back.is_set():
            refused.set()
            raise Unavailable("still away")

    with committing(ScriptedWriter(away), probe=probe) as (commit, producer, _):
        producer.offer(0)
        assert isinstance(producer.told(0), Unavailable)
        assert refused.wait(SECONDS)
        last = offer_until(producer, 1, refused=True)
        assert isinstance(producer.told(last), Unavailable)
        back.set()
        last = offer_until(producer, last + 1, refused=False)
        assert isinstance(producer.told(last), Outcome)
        assert commit.queued_events == 0


def test_after_a_failure_a_writer_opens_its_connection_anew() -> None:
    def away(_: Sequence[Submission]) -> WriteResult:
        raise Unavailable("the connection was lost")

    writer = ScriptedWriter(away)
    with committing(writer) as (_, producer, _):
        producer.offer(0)
        assert isinstance(producer.told(0), Unavailable)
        assert writer.closes == 0
        for number in (1, 2):
            producer.offer(number)
            assert isinstance(producer.told(number), Outcome)
        assert writer.closes == 1


def test_closing_writes_what_waits_and_takes_no_more() -> None:
    writer = ScriptedWriter()
    with committing(writer) as (commit, producer, _):
        for number in range(50):
            producer.offer(number)
        commit.close(SECONDS)
        assert all(isinstance(producer.told(number), Outcome) for number in range(50))
        with pytest.raises(Draining):
            producer.offer(50)
    assert sum(len(group) for group in writer.groups) == 50


def test_what_cannot_be_written_in_time_is_told_to_come_again() -> None:
    writer = ScriptedWriter()
    writer.may_write.clear()
    with committing(writer) as (commit, producer, metrics):
        producer.offer(0)
        while metrics.registry.get_sample_value("lvd_ingest_queued_events"):
            pass
        producer.offer(1)
        commit.close(0.05)
        assert isinstance(producer.told(1), Draining)
        writer.may_write.set()
        assert isinstance(producer.told(0), Outcome)
