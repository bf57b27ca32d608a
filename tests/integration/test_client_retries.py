"""The client against a real gRPC server that refuses, hangs, breaks off, is killed and comes back."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import grpc
import pytest

from livevalidation import (
    Client,
    ClientClosed,
    ContractBroken,
    Event,
    GaveUp,
    Options,
    Refused,
    Source,
    Undelivered,
    send_batches,
)
from livevalidation.v1 import ingest_pb2
from tests.support.client_calls import KEY, QUICK, channel_to, made, small_batches
from tests.support.ingest_double import (
    Acks,
    IngestDouble,
    Stream,
    end,
    never_answer,
    refuse,
    running,
    serve_then,
)
from tests.support.server_process import free_port

PROJECT_ROOT = Path(__file__).resolve().parents[2]
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


def ids_of(batches: list[ingest_pb2.EventBatch]) -> list[str]:
    return [event.event_id for batch in batches for event in batch.events]


# What the server hears, and what the application learns.


def test_each_future_tells_what_its_own_event_was_told() -> None:
    names = ["Seen", "Bad", "Refuse", "Seen", "Bad"] * 20
    with running(IngestDouble()) as target, Client(target, KEY, options=QUICK) as client:
        futures = [client.send(Event(name, {})) for name in names]
        again = Event("Seen", {})
        told = [client.send(again).result(10), client.send(again).result(10)]
        results = [future.result(10) for future in futures]
        counts = client.stats().counts
    verdicts = {"Seen": "valid", "Bad": "invalid", "Refuse": "rejected"}
    assert [result.verdict for result in results] == [verdicts[name] for name in names]
    assert [violation.path for violation in results[1].violations] == ["/total"]
    assert results[2].rejection is not None
    assert results[2].rejection.code == "refused"
    assert [each.verdict for each in told] == ["valid", "duplicate"]
    assert (counts.received, counts.valid, counts.invalid, counts.duplicate, counts.rejected) == (
        102,
        41,
        40,
        1,
        20,
    )


def test_key_detail_source_and_run_reach_the_server() -> None:
    double = IngestDouble()
    options = Options(verdicts="all")
    source = Source(platform="ios")
    with (
        running(double) as target,
        Client(target, KEY, source=source, run_id="ci-7", options=options) as client,
    ):
        client.send(Event("Seen", {}, subject="u1"))
    (stream,) = double.streams
    metadata = dict(stream.context.invocation_metadata())
    assert (metadata["authorization"], metadata["lvd-verdicts"]) == (f"Bearer {KEY}", "all")
    (batch,) = stream.received
    assert (batch.source.platform, batch.run_id, batch.events[0].subject) == ("ios", "ci-7", "u1")


def test_flush_sends_a_lone_event_before_its_linger_is_over() -> None:
    with running(IngestDouble()) as target, Client(target, KEY, options=Options(linger=60)) as client:
        future = client.send(Event("Seen", {}))
        client.flush(10)
        assert future.done()


def test_acks_come_in_the_order_of_the_batches() -> None:
    batches = small_batches(300)
    with running(IngestDouble()) as target, channel_to(target, QUICK) as channel:
        answered = list(send_batches(channel, KEY, batches, QUICK))
    assert [batch for batch, _ in answered] == batches
    assert [ack.batch_id for _, ack in answered] == list(range(1, 301))


# What is retried.


def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    port, double = free_port(), IngestDouble()
    with Client(f"127.0.0.1:{port}", KEY, options=QUICK) as client:
        futures = [client.send(event) for event in made(10)]
        assert not wait(futures, timeout=0.5).done
        with running(double, port):
            assert {future.result(10).verdict for future in futures} == {"valid"}


def test_batches_of_a_broken_stream_are_sent_again_unchanged() -> None:
    double = IngestDouble(serve_then(2, refuse(UNAVAILABLE)), serve_then(1, end))
    batches = small_batches(6)
    with running(double) as target, channel_to(target, QUICK) as channel:
        acks = [ack for _, ack in send_batches(channel, KEY, batches, QUICK)]
    sent = [batch.SerializeToString() for batch in batches]
    first, second, third = ([batch.SerializeToString() for batch in s.received] for s in double.streams)
    assert (first, second, third) == (sent[:2], sent[2:3], sent[3:])
    assert [ack.batch_id for ack in acks] == [1, 2, 3, 4, 5, 6]


def test_what_was_stored_but_not_acknowledged_is_stored_once() -> None:
    def store_and_break(stream: Stream) -> Acks:
        yield from ()
        for event in next(stream.read()).events:
            stream.memory.store(event.event_id)
        stream.fail(UNAVAILABLE, "gone before the ack")

    double = IngestDouble(store_and_break)
    events = made(2)
    with running(double) as target, Client(target, KEY, options=QUICK) as client:
        results = [future.result(10) for future in [client.send(event) for event in events]]
    assert "duplicate" in {result.verdict for result in results}
    assert double.memory.stored == {event.event_id for event in events}


@pytest.mark.parametrize("code", [UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED])
def test_the_delay_that_the_server_asks_for_is_kept(code: grpc.StatusCode) -> None:
    double = IngestDouble(refuse(code, retry_after=0.6))
    with running(double) as target, Client(target, KEY, options=QUICK) as client:
        assert client.send(Event("Seen", {})).result(10).verdict == "valid"
    refused, served = double.streams
    assert 0.6 <= served.opened_at - refused.opened_at < 3


def test_acks_between_failures_renew_the_patience() -> None:
    failing = [serve_then(1, refuse(UNAVAILABLE, retry_after=0.2)) for _ in range(5)]
    options = Options(give_up_after=0.6, initial_backoff=0.01)
    with running(IngestDouble(*failing)) as target, channel_to(target, options) as channel:
        start = time.monotonic()
        assert len(list(send_batches(channel, KEY, small_batches(6), options))) == 6
    assert time.monotonic() - start >= 5 * 0.2


@pytest.mark.parametrize("code", [UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED])
def test_a_failure_after_the_last_ack_is_none(code: grpc.StatusCode) -> None:
    double = IngestDouble(serve_then(3, refuse(code)))
    with running(double) as target, channel_to(target, QUICK) as channel:
        assert len(list(send_batches(channel, KEY, small_batches(3), QUICK))) == 3
    assert len(double.streams) == 1


def test_an_ack_may_be_larger_than_a_batch_may() -> None:
    def explain_at_length(stream: Stream) -> Acks:
        for batch in stream.read():
            ack = ingest_pb2.BatchAck(batch_id=batch.batch_id, received=1, invalid=1)
            violations = [ingest_pb2.Violation(value="x" * 1024 * 1024)] * 6
            ack.verdicts.add(verdict=ingest_pb2.VERDICT_INVALID, violations=violations)
            yield ack

    with running(IngestDouble(explain_at_length)) as target, Client(target, KEY, options=QUICK) as client:
        assert len(client.send(Event("Seen", {})).result(10).violations) == 6


def test_a_server_that_hangs_is_left_for_another_stream() -> None:
    double = IngestDouble(never_answer)
    # Time for the second stream's ack, also on a busy machine.
    options = Options(linger=0, ack_timeout=2, initial_backoff=0.01)
    with running(double) as target, Client(target, KEY, options=options) as client:
        assert client.send(Event("Seen", {})).result(10).verdict == "valid"
    assert len(double.streams) == 2


def test_a_server_that_never_ends_the_stream_does_not_hold_the_sender() -> None:
    double, options = IngestDouble(serve_then(2, never_answer)), Options(ack_timeout=0.3)
    with running(double) as target, channel_to(target, options) as channel:
        start = time.monotonic()
        assert len(list(send_batches(channel, KEY, small_batches(2), options))) == 2
    assert 0.3 <= time.monotonic() - start < 3


def test_streams_without_work_are_not_opened_and_a_break_between_events_harms_nothing() -> None:
    double = IngestDouble(serve_then(1, refuse(UNAVAILABLE)))
    with running(double) as target, Client(target, KEY, options=QUICK) as client:
        assert client.send(Event("Seen", {})).result(10).verdict == "valid"
        time.sleep(0.3)
        assert len(double.streams) == 1
        assert client.send(Event("Seen", {})).result(10).verdict == "valid"
    assert len(double.streams) == 2


class ServerProcess:
    """The server as a process of its own, so that it can be killed for real."""

    def __init__(self, port: int, journal: Path) -> None:
        command = [sys.executable, "-m", "tests.support.ingest_double", "--delay", "0.005"]
        self._command = [*command, "--port", str(port), "--journal", str(journal)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "ServerProcess":
        self._process = subprocess.Popen(self._command, cwd=PROJECT_ROOT)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def test_killed_and_started_again_the_server_stores_everything_once(tmp_path: Path) -> None:
    port, journal = free_port(), tmp_path / "journal"
    batches = small_batches(600)
    answered: list[str] = []
    options = Options(max_in_flight=4, initial_backoff=0.05)
    with channel_to(f"127.0.0.1:{port}", options) as channel:
        answers = send_batches(channel, KEY, batches, options)
        for share in (150, 300, 450, 600):
            with ServerProcess(port, journal):
                while len(answered) < share:
                    batch, ack = next(answers)
                    assert ack.valid + ack.duplicate == 1
                    answered.append(batch.events[0].event_id)
        assert next(answers, None) is None
    assert answered == ids_of(batches)
    assert sorted(journal.read_text().split()) == sorted(answered)


# What is not retried.


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
    ids=lambda code: code.name,
)
def test_a_permanent_status_reaches_every_caller(code: grpc.StatusCode) -> None:
    double = IngestDouble(refuse(code))
    events = made(5)
    with running(double) as target:
        client = Client(target, KEY, options=Options(linger=0.3))
        futures = [client.send(event) for event in events]
        for future in futures:
            with pytest.raises(Refused, match=f"{code.name}: not now") as raised:
                future.result(10)
            assert raised.value.code is code
        with pytest.raises(ClientClosed, match=code.name):
            client.send(Event("Seen", {}))
        with pytest.raises(Undelivered) as undelivered:
            client.close()
    assert isinstance(undelivered.value.__cause__, Refused)
    assert [each.event_id for each in undelivered.value.events] == [each.event_id for each in events]
    assert len(double.streams) == 1


def test_acks_that_came_before_a_permanent_status_are_not_lost() -> None:
    def refuse_the_next(stream: Stream) -> Acks:
        yield from ()
        next(stream.read())
        stream.fail(grpc.StatusCode.UNAUTHENTICATED, "revoked")

    def source() -> Iterator[ingest_pb2.EventBatch]:
        yield from small_batches(4)
        time.sleep(0.5)  # Until the three acks and the refusal have come.
        yield from small_batches(1)

    with (
        running(IngestDouble(serve_then(3, refuse_the_next))) as target,
        channel_to(target, QUICK) as channel,
    ):
        answers = send_batches(channel, KEY, source(), QUICK)
        assert [next(answers)[1].batch_id for _ in range(3)] == [1, 2, 3]
        with pytest.raises(Refused, match="Check the API key"):
            next(answers)


def test_an_answer_against_the_contract_ends_the_sending() -> None:
    def miscount(stream: Stream) -> Acks:
        for batch in stream.read():
            yield ingest_pb2.BatchAck(batch_id=batch.batch_id, received=len(batch.events) + 1)

    with running(IngestDouble(miscount)) as target, channel_to(target, QUICK) as channel:
        answers = send_batches(channel, KEY, small_batches(3), QUICK)
        with pytest.raises(ContractBroken, match="batch 1 with 2 events, while batch 1 of 1 events"):
            next(answers)


def test_patience_ends_when_the_options_say_so() -> None:
    options = Options(give_up_after=0.5, max_backoff=0.1)
    with channel_to(f"127.0.0.1:{free_port()}", options) as channel:
        start = time.monotonic()
        with pytest.raises(GaveUp, match="the last failure: UNAVAILABLE"):
            list(send_batches(channel, KEY, small_batches(1), options))
    assert 0.3 < time.monotonic() - start < 5
