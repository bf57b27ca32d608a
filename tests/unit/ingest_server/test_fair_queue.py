"""Whose turn it is to be written."""

from ingest_server.fair_queue import FairQueue
from ingest_server.pending import Pending
from storage.model import Source, Submission


def pending(app_id: int, number: int, *, events: int = 10, size: int = 100, at: float = 0.0) -> Pending:
    submission = Submission(app_id, 1, Source(), None, events, [], [])
    return Pending(b"x" * size, number, submission, size, at, lambda *_: None)


#: More than all that a light app has here.
MANY = 1_000


def taken(queue: FairQueue, max_events: int = MANY, max_bytes: int = 1_000_000) -> list[tuple[int, int]]:
    """The next group, of light apps if there are any; settled at once."""
    turn = queue.light_turn() or queue.heavy_turn()
    assert turn is not None
    group = queue.take(turn, max_events, max_bytes)
    queue.done(group)
    return [(batch.app_id, batch.batch_id) for batch in group]


def queue_of(*batches: Pending, light_events: int = MANY) -> FairQueue:
    queue = FairQueue(light_events, 2 * light_events)
    for batch in batches:
        queue.put(batch)
    return queue


def test_light_apps_take_turns_and_keep_their_own_order() -> None:
    busy = [pending(1, number) for number in range(4)]
    queue = queue_of(*busy, pending(2, 0, at=1.0), pending(3, 0, at=2.0), pending(2, 1, at=3.0))
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
    assert taken(queue_of(pending(1, 0, at=5.0), pending(2, 0, at=3.0))) == [(2, 0), (1, 0)]
    turn = queue_of(pending(1, 0, at=5.0), pending(2, 0, at=3.0)).light_turn()
    assert turn is not None
    assert (turn.app_ids, turn.oldest_offer, turn.events) == ((2, 1), 3.0, 20)


def test_after_a_group_the_others_go_first() -> None:
    queue = queue_of(*(pending(app_id, number) for number in range(2) for app_id in (1, 2, 3)))
    assert taken(queue, max_events=20) == [(1, 0), (2, 0)]
    assert taken(queue, max_events=20) == [(3, 0), (1, 1)]


def test_what_was_not_written_goes_back_before_the_rest() -> None:
    queue = queue_of(*(pending(1, number) for number in range(3)))
    turn = queue.light_turn()
    assert turn is not None
    first_two = queue.take(turn, 20, 1_000_000)
    queue.put_back(first_two)
    queue.done(first_two)
    assert queue.events == 30
    assert taken(queue) == [(1, 0), (1, 1), (1, 2)]


def test_all_can_be_taken_at_once() -> None:
    queue = queue_of(pending(1, 0), pending(2, 0))
    assert len(queue.take_all()) == 2
    assert (bool(queue), queue.events) == (False, 0)


def test_a_heavy_app_shares_no_group_with_light_ones() -> None:
    flood = [pending(1, number) for number in range(6)]
    queue = queue_of(*flood, pending(2, 0), pending(3, 0), light_events=50)
    assert taken(queue) == [(2, 0), (3, 0)]
    assert taken(queue, max_events=20) == [(1, 0), (1, 1)]
    assert queue.heavy_turn() is None, "as few wait of it as of any other"
    assert taken(queue) == [(1, 2), (1, 3), (1, 4), (1, 5)]


def test_heavy_apps_fill_a_group_one_behind_the_other() -> None:
    batches = [pending(app_id, number) for app_id in (1, 2) for number in range(6)]
    queue = queue_of(*batches, light_events=10)
    turn = queue.heavy_turn()
    assert turn is not None
    group = queue.take(turn, 80, 1_000_000)
    assert [(each.app_id, each.batch_id) for each in group] == [*((1, n) for n in range(6)), (2, 0), (2, 1)]


def test_a_light_app_waits_for_the_writer_that_has_it_in_hand() -> None:
    queue = queue_of(pending(1, 0), pending(2, 0))
    turn = queue.light_turn()
    assert turn is not None
    group = queue.take(turn, 10, 1_000_000)
    queue.put(pending(1, 1))
    assert taken(queue) == [(2, 0)]
    assert queue.light_turn() is None
    queue.done(group)
    assert taken(queue) == [(1, 1)]


def test_a_small_app_is_heavy_and_free() -> None:
    queue = queue_of(*[pending(1, number, at=1.0) for number in range(9)], light_events=20)
    assert queue.small_turn() is None, "too many wait"
    for number in range(3):
        queue.put(pending(2, number, at=2.0))
    turn = queue.small_turn()
    assert turn is not None
    assert turn.app_ids == (2,)
    group = queue.take(turn, 20, 1_000_000)
    assert queue.small_turn() is None, "in hand, and few wait"
    queue.put_back(group)
    assert queue.small_turn() is None, "in hand"
    queue.done(group)
    assert queue.small_turn() is not None


def test_two_writers_may_have_a_heavy_app_in_hand_once_no_other_is_free() -> None:
    first = [pending(1, number, at=1.0) for number in range(6)]
    second = [pending(2, number, at=2.0) for number in range(6)]
    queue = queue_of(*first, *second, light_events=10)
    order = []
    while turn := queue.heavy_turn():
        order += list(turn.app_ids)
        queue.take(turn, 20, 1_000_000)
    # Both are free; then what is left of the second one; then each is in one hand.
    assert order == [1, 2, 2, 1, 2]
