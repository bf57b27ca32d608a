"""What happens beyond each limit of a call: its status, its words, its metric, and whether to try again."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import grpc
import pytest
from sqlalchemy import Engine, text

from livevalidation import Client, Event, Options
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from tests.support.bad_input import event, field
from tests.support.ingest import (
    RunningServer,
    Tenant,
    call_metadata,
    ended,
    key_being_made,
    new_tenant,
    open_stream,
    running_server,
    send,
)
from tests.support.oracle import check_app
from tests.support.waiting import wait_until
from tests.support.writing import engine_of


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as engine:
        yield engine


@pytest.fixture
def tenant(engine: Engine) -> Tenant:
    return new_tenant(engine, "shop")


def batch(number: int, count: int) -> ingest_pb2.EventBatch:
    events = [
        ingest_pb2.Event(name="Page Viewed", event_id=f"{number}-{place}", payload_json=b"{}")
        for place in range(count)
    ]
    return ingest_pb2.EventBatch(batch_id=number, events=events)


def value(running: RunningServer, metric: str) -> float:
    return running.server.metrics.registry.get_sample_value(metric) or 0.0


def refusals(running: RunningServer, reason: str) -> float:
    value = running.server.metrics.registry.get_sample_value(
        "lvd_ingest_refused_calls_total", {"reason": reason}
    )
    return value or 0.0


@contextmanager
def refused(running: RunningServer, reason: str) -> Iterator[None]:
    """Exactly one call is refused for this reason."""
    before = refusals(running, reason)
    yield
    wait_until(lambda: refusals(running, reason) > before, 4)
    assert refusals(running, reason) == before + 1


def test_a_message_that_is_too_large_is_refused_behind_the_acks_of_those_before(
    database: str, tenant: Tenant
) -> None:
    with (
        running_server(database, max_message_bytes=10_000, max_payload_bytes=5_000) as running,
        refused(running, "message_too_large"),
        open_stream(running.address, tenant.key) as stream,
    ):
        stream.send(field(2, event()))
        stream.send(field(2, b"x" * 15_000))
        assert stream.ack().received == 1
        with pytest.raises(grpc.RpcError) as error:
            stream.ack()
        end = ended(error.value)
    assert end.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "at most 10000 are taken: send smaller batches" in end.message
    assert end.retry_seconds is None


def test_an_app_beyond_its_rate_is_told_when_to_come_again_and_others_are_not(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    other = new_tenant(engine, "other")
    with running_server(database, app_events_per_second=100, app_burst="1s") as running:
        assert send(running.address, tenant.key, [batch(1, 300)])[0].received == 300
        with refused(running, "rate_exceeded"), pytest.raises(grpc.RpcError) as error:
            send(running.address, tenant.key, [batch(2, 1)])
        end = ended(error.value)
        assert end.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "more than 100 events per second" in end.message
        assert end.retry_seconds == pytest.approx(2.0, abs=0.5)
        assert send(running.address, other.key, [batch(1, 50)])[0].received == 50


def test_a_client_beyond_its_rate_gets_all_through_at_that_rate(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    options = Options(batch_size=20, initial_backoff=0.01, max_backoff=0.05)
    with running_server(database, app_events_per_second=200, app_burst="1s") as running:
        started = time.monotonic()
        with Client(running.address, tenant.key, options=options) as client:
            for number in range(600):
                client.send(Event("Page Viewed", {"number": number}))
        took = time.monotonic() - started
        assert refusals(running, "rate_exceeded") > 0
    assert took > 1.5  # 400 of them had to wait for their turn
    assert check_app(engine, tenant.app_id) == 600


def test_calls_beyond_those_served_are_told_to_come_again(database: str, tenant: Tenant) -> None:
    with (
        running_server(database, max_streams=1) as running,
        open_stream(running.address, tenant.key) as stream,
    ):
        stream.send(batch(1, 1))
        assert stream.ack().received == 1
        with refused(running, "too_many_streams"), pytest.raises(grpc.RpcError) as error:
            send(running.address, tenant.key, [])
    assert ended(error.value).retry_seconds == 5


def test_an_app_takes_its_share_of_the_streams_and_leaves_the_others(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    other = new_tenant(engine, "other")
    with running_server(database, max_streams=4) as running, ExitStack() as streams:
        for number in range(2):
            stream = streams.enter_context(open_stream(running.address, tenant.key))
            stream.send(batch(number, 1))
            assert stream.ack().received == 1
        with refused(running, "too_many_streams_of_app"), pytest.raises(grpc.RpcError) as error:
            send(running.address, tenant.key, [])
        end = ended(error.value)
        assert end.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "The app has 2 streams open" in end.message
        assert end.retry_seconds == 5
        assert send(running.address, other.key, [batch(1, 1)])[0].received == 1
        assert running.server.metrics.registry.get_sample_value("lvd_ingest_open_calls") == 2


def test_calls_whose_keys_are_looked_up_take_no_places_from_others(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    other = new_tenant(engine, "other")
    with running_server(database, max_streams=1) as running:
        send(running.address, other.key, [])
        with key_being_made(engine, tenant) as (key, _), open_stream(running.address, key) as stream:
            stream.send(batch(1, 1))
            time.sleep(0.3)
            assert send(running.address, other.key, [batch(2, 1)])[0].received == 1


def test_of_large_messages_that_come_at_once_no_more_are_decoded_than_there_is_room_for(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    """They fill the room by themselves, so one at a time is."""
    room, count, large = 4_000_000, 10, b'{"text":"%s"}' % (b"x" * 1_000_000)
    settings = dict.fromkeys(("stream_bytes", "app_bytes", "process_bytes"), room)
    with running_server(database, **settings) as running, ExitStack() as stack:
        send(running.address, tenant.key, [batch(0, 1)])
        streams = [stack.enter_context(open_stream(running.address, tenant.key)) for _ in range(count)]
        for stream in streams:
            stream.send(ingest_pb2.EventBatch())
            stream.ack()
        with engine.begin() as holder:
            holder.execute(text("SELECT FROM app_ledger FOR UPDATE"))
            for stream in streams:
                event = ingest_pb2.Event(name="Page Viewed", payload_json=large)
                stream.send(ingest_pb2.EventBatch(events=[event]))
            wait_until(lambda: value(running, "lvd_ingest_read_bytes_total") >= count * len(large), 4)
            time.sleep(0.3)
            assert value(running, "lvd_ingest_in_flight_bytes") < (count + 1) * 1_001_000
        assert [stream.ack().received for stream in streams] == [1] * count
        wait_until(lambda: value(running, "lvd_ingest_in_flight_bytes") == 0, 4)


def test_a_single_batch_that_finds_no_room_to_be_decoded_is_told_in_time(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    """What is decoded and waits for the app's ledger fills the share, with the message itself."""
    event = ingest_pb2.Event(name="Page Viewed", payload_json=b'{"text":"%s"}' % (b"x" * 900_000))
    large = ingest_pb2.EventBatch(events=[event])
    settings = dict.fromkeys(("stream_bytes", "app_bytes", "process_bytes"), 2_500_000)
    with (
        running_server(database, ack_timeout="1s", **settings) as running,
        open_stream(running.address, tenant.key) as stream,
        grpc.insecure_channel(running.address) as channel,
    ):
        stream.send(batch(0, 1))
        stream.ack()
        with engine.begin() as holder:
            holder.execute(text("SELECT FROM app_ledger FOR UPDATE"))
            stream.send(large)
            wait_until(lambda: value(running, "lvd_ingest_in_flight_bytes") > 2 * len(event.payload_json), 4)
            with refused(running, "overloaded"), pytest.raises(grpc.RpcError) as error:
                ingest_pb2_grpc.IngestServiceStub(channel).SendEvents(
                    large, metadata=call_metadata(tenant.key), timeout=5
                )
        assert ended(error.value).code is grpc.StatusCode.UNAVAILABLE
        assert stream.ack().received == 1


def test_refused_calls_are_counted_by_their_reason(database: str, tenant: Tenant) -> None:
    with running_server(database, max_events_per_batch=2) as running:
        with refused(running, "too_many_events"), pytest.raises(grpc.RpcError):
            send(running.address, tenant.key, [batch(1, 3)])
        with refused(running, "unauthenticated"), pytest.raises(grpc.RpcError):
            send(running.address, "lvd_aaaaaaaaaaaa_" + "a" * 32, [])


@pytest.mark.parametrize("said", [b"", b"PRI * HTTP/2.0\r\n"], ids=["nothing", "half of a greeting"])
def test_a_connection_that_does_not_greet_is_closed_in_time(said: bytes, database: str) -> None:
    with running_server(database, handshake_timeout="1s") as running:
        host, _, port = running.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(said)
            started = time.monotonic()
            while connection.recv(1024):
                continue
            assert time.monotonic() - started < 5
