"""What the client bounds, and what closing it, or leaving it, does."""

import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from livevalidation import (
    Client,
    ClientClosed,
    Event,
    GaveUp,
    Options,
    QueueFull,
    Undelivered,
    send_batches,
)
from livevalidation.v1 import ingest_pb2
from tests.support.client_calls import KEY, QUICK, channel_to, made, small_batches
from tests.support.ingest_double import IngestDouble, never_answer, running
from tests.support.waiting import wait_until

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def test_never_answered_batches_are_bounded_and_events_beyond_are_dropped_and_counted() -> None:
    double = IngestDouble(never_answer)
    options = Options(
        batch_size=2, linger=0, max_in_flight=3, max_unanswered_events=10, when_full="drop_newest"
    )
    with running(double) as target:
        client = Client(target, KEY, options=options)
        events = made(100)
        futures = [client.send(event) for event in events]
        wait_until(lambda: bool(double.streams) and len(double.streams[0].received) >= 3, 10)
        time.sleep(0.5)
        assert [len(batch.events) <= 2 for batch in double.streams[0].received] == [True] * 3
        assert client.stats().level.dropped == 90
        for future in futures[10:]:
            assert isinstance(future.exception(0), QueueFull)
        with pytest.raises(TimeoutError):
            client.flush(0.1)
        with pytest.raises(Undelivered, match="10 events") as undelivered:
            client.close(timeout=0.2)
    assert [each.event_id for each in undelivered.value.events] == [each.event_id for each in events[:10]]
    assert all(isinstance(future.exception(0), ClientClosed) for future in futures[:10])


def test_a_sender_reads_its_source_no_further_than_the_acks_allow() -> None:
    read = 0

    def source() -> Iterator[ingest_pb2.EventBatch]:
        nonlocal read
        for batch in small_batches(100):
            read += 1
            yield batch

    options = Options(max_in_flight=3, give_up_after=0.0, ack_timeout=0.5)
    with running(IngestDouble(never_answer)) as target, channel_to(target, options) as channel:
        answers = send_batches(channel, KEY, source(), options)
        with pytest.raises(GaveUp):
            next(answers)
    assert read == 4  # Three under way, and the one that waited for room.


def test_undelivered_events_can_be_handed_to_another_client() -> None:
    silent, double = IngestDouble(never_answer), IngestDouble()
    events = made(3)
    with running(silent) as target:
        client = Client(target, KEY)
        for event in events:
            client.send(event)
        with pytest.raises(Undelivered) as undelivered:
            client.close(timeout=0.3)
    with running(double) as target, Client(target, KEY) as client:
        for message in undelivered.value.events:
            client.send(message)
    assert double.memory.stored == {event.event_id for event in events}


def test_an_error_in_the_with_block_is_not_hidden_by_undelivered_events() -> None:
    def application(target: str) -> None:
        with Client(target, KEY, options=Options(close_timeout=0.2)) as client:
            client.send(Event("Seen", {}))
            raise KeyError("the application's own")

    with running(IngestDouble(never_answer)) as target, pytest.raises(KeyError) as raised:
        application(target)
    assert "1 events were not acknowledged" in raised.value.__notes__[0]


@pytest.mark.parametrize("long", [math.inf, 1e12])
def test_flush_and_close_may_be_told_to_take_as_long_as_it_takes(long: float) -> None:
    double = IngestDouble()
    with running(double) as target:
        with Client(target, KEY, options=Options(close_timeout=long)) as client:
            client.send(Event("Seen", {}))
            client.flush(long)
            client.send(Event("Seen", {}))
        client = Client(target, KEY)
        client.send(Event("Seen", {}))
        client.close(long)
    assert len(double.memory.stored) == 3


def test_closed_twice_and_used_after_it() -> None:
    with running(IngestDouble()) as target:
        client = Client(target, KEY)
        client.send(Event("Seen", {}))
        client.close()
        client.close()
        with pytest.raises(ClientClosed, match="make another one"):
            client.send(Event("Seen", {}))


def test_leaving_the_loop_early_cancels_and_a_failing_source_is_heard() -> None:
    def failing() -> Iterator[ingest_pb2.EventBatch]:
        yield from small_batches(3)
        raise OSError("the file is gone")

    with running(IngestDouble()) as target, channel_to(target, QUICK) as channel:
        answers = send_batches(channel, KEY, small_batches(100), QUICK)
        next(answers)
        assert isinstance(answers, Iterator)
        answers.close()  # type: ignore[attr-defined]
        with pytest.raises(OSError, match="the file is gone"):
            list(send_batches(channel, KEY, failing(), QUICK))


def test_a_forked_process_is_told_to_make_its_own_client() -> None:
    script = """
import os, sys
from livevalidation import Client, ClientClosed, Event
client = Client("127.0.0.1:1", "key")
child = os.fork()
if child == 0:
    try:
        client.send(Event("Seen", {}))
    except ClientClosed as error:
        os._exit(42 if "make one after the fork" in str(error) else 1)
    os._exit(2)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    result = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_ROOT, timeout=60, check=False)
    assert result.returncode == 42
