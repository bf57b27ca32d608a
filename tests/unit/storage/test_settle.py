"""Decisions on one app's group, without a database."""

from storage.model import NewEvent
from storage.reasons import Reason
from storage.settle import AppGroup, Window
from tests.support.events import new_event, submission
from tracking_plan.verdict import Verdict

NOW = 1_700_000_000_000_000
WINDOW = Window(NOW - 1_000, NOW + 1_000)


def group_of(*batches: list[NewEvent]) -> AppGroup:
    group = AppGroup(7)
    for position, events in enumerate(batches):
        group.add(position, submission(7, events), source_id=1)
    return group


def test_of_equal_events_in_a_group_the_first_is_stored() -> None:
    event = new_event("e-1", NOW)
    group = group_of([event, event], [event])
    group.settle({}, WINDOW)
    assert group.stored == [0]
    assert group.verdicts == [Verdict.VALID, Verdict.DUPLICATE, Verdict.DUPLICATE]
    outcomes = group.outcomes(last_seq=1)
    assert outcomes[0].duplicates == {1}
    assert outcomes[1].duplicates == {0}


def test_the_same_submission_given_twice_is_stored_once() -> None:
    batch = submission(7, [new_event("e-1", NOW)])
    group = AppGroup(7)
    group.add(0, batch, 1)
    group.add(1, batch, 1)
    group.settle({}, WINDOW)
    assert group.stored == [0]


def test_another_content_under_a_stored_identity_is_an_id_conflict() -> None:
    stored, other = new_event("e-1", NOW), new_event("e-1", NOW, payload={"total": 1})
    group = group_of([other, stored])
    group.settle({stored.identity: stored.content_hash}, WINDOW)
    assert group.verdicts == [Verdict.ID_CONFLICT, Verdict.DUPLICATE]
    outcome = group.outcomes(last_seq=1)[0]
    assert [(r.position, r.code, r.raw) for r in outcome.rejections] == [(0, Reason.ID_CONFLICT, other.raw)]


def test_a_refused_event_leaves_its_identity_free() -> None:
    refused, other = new_event("e-1", NOW), new_event("e-1", NOW, payload={"total": 1})
    group = group_of([refused, other])
    group.blame(0)
    group.settle({}, WINDOW)
    assert group.stored == [1]
    assert group.refused == {0: Reason.NOT_STORABLE}


def test_the_window_takes_both_ends_and_refuses_beyond_them() -> None:
    times = [WINDOW.oldest_us - 1, WINDOW.oldest_us, None, WINDOW.newest_us, WINDOW.newest_us + 1]
    group = group_of([new_event(f"e-{time}", time) for time in times])
    group.settle({}, WINDOW)
    assert group.stored == [1, 2, 3]
    assert group.refused == {0: Reason.OCCURRED_TOO_OLD, 4: Reason.OCCURRED_IN_FUTURE}


def test_settling_again_starts_from_the_judgement() -> None:
    group = group_of([new_event("e-1", NOW), new_event("e-2", NOW, verdict=Verdict.INVALID)])
    first = group.events[0]
    group.settle({first.identity: first.content_hash}, WINDOW)
    assert group.stored == [1]
    group.settle({}, WINDOW)
    assert group.stored == [0, 1]
    assert group.verdicts == [Verdict.VALID, Verdict.INVALID]


def test_counts_are_per_submission_and_sum_up_to_received() -> None:
    group = group_of([new_event("e-1", NOW), new_event("e-2", NOW)], [new_event("e-1", NOW)])
    group.settle({}, WINDOW)
    outcomes = group.outcomes(last_seq=2)
    assert [sum(outcomes[position].counts) for position in (0, 1)] == [2, 1]
    assert outcomes[1].counts[Verdict.DUPLICATE] == 1
    assert {outcome.last_seq for outcome in outcomes.values()} == {2}
