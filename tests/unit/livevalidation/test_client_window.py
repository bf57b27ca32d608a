"""The window: bounded, in order, everything pending again for each new stream."""

from threading import Thread

import pytest

from livevalidation.errors import ContractBroken, GaveUp, SendFailed
from livevalidation.v1 import ingest_pb2
from livevalidation.window import Window


def batch(name: str) -> ingest_pb2.EventBatch:
    return ingest_pb2.EventBatch(events=[ingest_pb2.Event(name=name)])


def ack(batch_id: int, received: int = 1) -> ingest_pb2.BatchAck:
    return ingest_pb2.BatchAck(batch_id=batch_id, received=received)


def ignore(_: ingest_pb2.BatchAck) -> None:
    pass


def filled(*names: str, size: int = 8) -> Window:
    window = Window(size)
    for name in names:
        window.add(batch(name), ignore)
    return window


def test_batches_are_numbered_from_one_and_given_in_order() -> None:
    window = filled("a", "b")
    window.finish()
    given = list(window.requests())
    assert [(each.batch_id, each.events[0].name) for each in given] == [(1, "a"), (2, "b")]


def test_a_new_stream_is_given_what_was_not_acknowledged_unchanged() -> None:
    window = filled("a", "b", "c")
    first = window.requests()
    given = [next(first).SerializeToString() for _ in range(3)]
    window.acked(ack(1))
    window.release()
    window.finish()
    assert [each.SerializeToString() for each in window.requests()] == given[1:]
    assert list(first) == []


def test_a_full_window_waits_for_an_ack() -> None:
    window = filled("a", "b", size=2)
    third = Thread(target=window.add, args=(batch("c"), ignore))
    third.start()
    third.join(0.1)
    assert third.is_alive()
    next(window.requests())
    window.acked(ack(1))
    third.join(5)
    assert not third.is_alive()


@pytest.mark.parametrize("wrong", [ack(2), ack(1, received=2), ack(0)])
def test_an_ack_of_another_batch_breaks_the_contract(wrong: ingest_pb2.BatchAck) -> None:
    window = filled("a", "b")
    requests = window.requests()
    next(requests)
    next(requests)
    with pytest.raises(ContractBroken, match="batch 1 of 1 events was waiting"):
        window.acked(wrong)
    assert window.busy


def test_an_ack_of_nothing_breaks_the_contract() -> None:
    window = filled("a")
    window.requests()
    with pytest.raises(ContractBroken, match="nothing was waiting"):
        window.acked(ack(1))


def test_a_delay_longer_than_a_lock_can_wait_is_waited_for_until_the_end() -> None:
    window = Window(1)
    waiting = Thread(target=window.wait_ended, args=(1e12,))
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    window.end()
    waiting.join(5)
    assert not waiting.is_alive()


def test_after_the_end_everyone_is_told_why() -> None:
    window = filled("a", size=1)
    errors: list[SendFailed] = []

    def add() -> None:
        try:
            window.add(batch("b"), ignore)
        except SendFailed as error:
            errors.append(error)

    waiting = Thread(target=add)
    waiting.start()
    reason = GaveUp("no")
    window.end(reason)
    window.end(None)
    waiting.join(5)
    assert errors == [reason]
    assert not window.wait_for_work()
    assert list(window.requests()) == []
    assert not window.wait_overdue(60)


def test_work_is_over_once_finished_and_acknowledged() -> None:
    window = filled("a")
    window.finish()
    assert window.wait_for_work()
    next(window.requests())
    window.acked(ack(1))
    assert not window.wait_for_work()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_stream_is_overdue_when_it_owes_an_ack_or_its_end() -> None:
    clock = Clock()
    window = Window(8, clock=clock)
    window.add(batch("a"), ignore)
    requests = window.requests()
    next(requests)
    clock.now = 10.0
    assert window.wait_overdue(10.0)
    window.acked(ack(1))
    window.finish()
    assert next(requests, None) is None
    clock.now = 20.0
    assert window.wait_overdue(10.0)


def test_without_a_stream_nothing_is_overdue() -> None:
    clock = Clock()
    window = Window(8, clock=clock)
    window.add(batch("a"), ignore)
    next(window.requests())
    window.release()
    clock.now = 1e6
    told: list[bool] = []
    watch = Thread(target=lambda: told.append(window.wait_overdue(1.0)))
    watch.start()
    watch.join(0.1)
    assert watch.is_alive()
    window.end()
    watch.join(5)
    assert told == [False]
