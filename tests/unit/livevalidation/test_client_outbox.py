"""The outbox: bounded in events and bytes, lingering, in order, and nothing left behind."""

import time
from concurrent.futures import Future
from threading import Thread

import pytest

from livevalidation.errors import ClientClosed, GaveUp
from livevalidation.event import MAX_EVENT_BYTES
from livevalidation.options import Options
from livevalidation.outbox import Entry, Outbox
from livevalidation.v1 import ingest_pb2


def entry(number: int = 0, size: int = 10) -> Entry:
    return Entry(ingest_pb2.Event(event_id=str(number)), size, Future())


def ids(entries: list[Entry]) -> list[str]:
    return [each.event.event_id for each in entries]


def filled(options: Options, count: int) -> Outbox:
    outbox = Outbox(options)
    for number in range(count):
        assert outbox.put(entry(number))
    return outbox


def test_a_full_batch_is_taken_at_once_and_the_rest_after_the_linger() -> None:
    outbox = filled(Options(batch_size=3, linger=0.2), 4)
    start = time.monotonic()
    assert ids(outbox.take()) == ["0", "1", "2"]
    assert time.monotonic() - start < 0.15
    assert ids(outbox.take()) == ["3"]
    assert time.monotonic() - start >= 0.2


def test_a_batch_full_of_bytes_is_taken_at_once() -> None:
    outbox = Outbox(Options(max_batch_bytes=100, linger=60))
    for number in range(3):
        outbox.put(entry(number, size=60))
    assert ids(outbox.take()) == ["0"]
    assert ids(outbox.take()) == ["1"]


def test_take_waits_for_the_first_entry() -> None:
    outbox = Outbox(Options(linger=0))
    taken: list[str] = []
    taking = Thread(target=lambda: taken.extend(ids(outbox.take())))
    taking.start()
    taking.join(0.1)
    assert taking.is_alive()
    outbox.put(entry(7))
    taking.join(5)
    assert taken == ["7"]


def test_unanswered_events_are_bounded_whether_queued_or_in_flight() -> None:
    options = Options(max_unanswered_events=3, when_full="drop_newest", batch_size=2)
    outbox = filled(options, 3)
    assert not outbox.put(entry())
    outbox.take()
    assert not outbox.put(entry())
    assert (outbox.level().queued, outbox.level().in_flight, outbox.level().dropped) == (1, 2, 2)
    outbox.answered(2)
    assert outbox.put(entry())
    assert outbox.level().dropped == 2


def test_unanswered_bytes_are_bounded() -> None:
    options = Options(max_unanswered_bytes=MAX_EVENT_BYTES, when_full="drop_newest")
    outbox = Outbox(options)
    assert outbox.put(entry(size=MAX_EVENT_BYTES))
    assert not outbox.put(entry(size=1))
    outbox.take()
    outbox.answered(1)
    assert outbox.put(entry(size=1))


def test_block_waits_for_room() -> None:
    outbox = filled(Options(max_unanswered_events=2, batch_size=2), 2)
    put = Thread(target=outbox.put, args=(entry(),))
    put.start()
    put.join(0.1)
    assert put.is_alive()
    outbox.take()
    outbox.answered(2)
    put.join(5)
    assert not put.is_alive()
    assert outbox.level().dropped == 0


def test_flush_does_not_linger_and_waits_for_the_answers() -> None:
    outbox = filled(Options(linger=60), 2)
    assert not outbox.flush(0.05)
    assert ids(outbox.take()) == ["0", "1"]
    outbox.answered(2)
    assert outbox.flush(0)


def test_closed_it_takes_nothing_more_and_hands_out_the_rest() -> None:
    outbox = filled(Options(linger=60), 2)
    outbox.close()
    with pytest.raises(ClientClosed, match="make another one"):
        outbox.put(entry())
    assert ids(outbox.take()) == ["0", "1"]
    assert outbox.take() == []


def test_the_end_hands_back_everything_unanswered_in_order() -> None:
    outbox = filled(Options(batch_size=2), 5)
    outbox.take()
    outbox.answered(1)
    assert ids(outbox.end(None)) == ["1", "2", "3", "4"]
    assert outbox.take() == []
    assert outbox.level().queued == outbox.level().in_flight == 0


def test_the_end_wakes_who_waits_for_room_or_answers_and_says_why() -> None:
    outbox = filled(Options(max_unanswered_events=1), 1)
    causes: list[BaseException | None] = []

    def put() -> None:
        try:
            outbox.put(entry())
        except ClientClosed as error:
            causes.append(error.__cause__)

    def flush() -> None:
        try:
            outbox.flush(None)
        except ClientClosed as error:
            causes.append(error.__cause__)

    waiting = [Thread(target=put), Thread(target=flush)]
    for thread in waiting:
        thread.start()
        thread.join(0.05)
    reason = GaveUp("no")
    outbox.end(reason)
    for thread in waiting:
        thread.join(5)
    assert causes == [reason, reason]
