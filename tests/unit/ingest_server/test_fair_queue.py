"""Whose turn it is to be written."""

from ingest_server.fair_queue import FairQueue
from ingest_server.pending import Pending
from storage.model import Source, Submission


def pending(app_id: int, number: int, *, events: int = 10, size: int = 100, at: float = 0.0) -> Pending:
    submission = Submission(app_id, 1, Source(), None, events, [], [])
    return Pending(b"x" * size, number, submission, at, lambda *_: None)


def taken(queue: FairQueue, max_events: int = 1_000, max_bytes: int = 1_000_000) -> list[tuple[int, int]]:
    return [(batch.app_id, batch.batch_id) for batch in queue.take(max_events, max_bytes)]


def queue_of(*batches: Pending) -> FairQueue:
    queue = FairQueue()
    for batch in batches:
        queue.put(batch)
    return queue


def test_apps_take_turns_and_keep_their_own_order() -> None:
    flood = [pending(1, number) for number in range(4)]
    queue = queue_of(*flood, pending(2, 0, at=1.0), pending(3, 0, at=2.0), pending(2, 1, at=3.0))
    assert taken(queue) == [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2), (1, 3)]
    assert not queue


def test_a_group_ends_before_it_outgrows_its_bounds() -> None:
    queue = queue_of(*(pending(1, number, events=40, size=300) for number in range(5)))
    assert taken(queue, max_events=100) == [(1, 0), (1, 1)]
    assert taken(queue, max_bytes=300) == [(1, 2)]
    assert queue.events == 80


def test_a_batch_larger_than_a_group_goes_alone() -> None:
    queue = queue_of(pending(1, 0, events=5_000), pending(1, 1))
    assert taken(queue, max_events=100) == [(1, 0)]


def test_the_app_that_waits_longest_comes_first() -> None:
    queue = queue_of(pending(1, 0, at=5.0), pending(2, 0, at=3.0))
    assert taken(queue) == [(2, 0), (1, 0)]
    assert queue_of(pending(1, 0, at=5.0), pending(2, 0, at=3.0)).oldest_offer() == 3.0


def test_after_a_group_the_others_go_first() -> None:
    queue = queue_of(*(pending(app_id, number) for number in range(2) for app_id in (1, 2, 3)))
    assert taken(queue, max_events=20) == [(1, 0), (2, 0)]
    assert taken(queue, max_events=20) == [(3, 0), (1, 1)]


def test_what_was_not_written_goes_back_before_the_rest() -> None:
    queue = queue_of(*(pending(1, number) for number in range(3)))
    first_two = queue.take(20, 1_000_000)
    queue.put_back(first_two)
    assert queue.events == 30
    assert taken(queue) == [(1, 0), (1, 1), (1, 2)]


def test_all_can_be_taken_at_once() -> None:
    queue = queue_of(pending(1, 0), pending(2, 0))
    assert len(queue.take_all()) == 2
    assert (bool(queue), queue.events) == (False, 0)
