"""Messages that no stub would send, and calls that nobody should make."""

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from sqlalchemy import Engine

from ingest_server.server import StartError
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.keys import KeyStore
from tests.support.bad_input import event, field
from tests.support.ingest import (
    RunningServer,
    Tenant,
    call_metadata,
    ended,
    new_tenant,
    open_stream,
    running_server,
    send,
    send_bytes,
)
from tests.support.writing import engine_of

SERVICE = "livevalidation.v1.IngestService"


@dataclass(frozen=True)
class Ingest:
    running: RunningServer
    engine: Engine
    tenant: Tenant

    def refused(self, message: bytes) -> grpc.RpcError:
        with pytest.raises(grpc.RpcError) as error:
            send_bytes(self.running.address, self.tenant.key, [message])
        return error.value


@pytest.fixture(scope="module")
def ingest(module_database: str) -> Iterator[Ingest]:
    with (
        engine_of(module_database) as engine,
        running_server(
            module_database, reflection=True, max_streams=20, app_streams=20, inline_bytes=1_000
        ) as running,
    ):
        yield Ingest(running, engine, new_tenant(engine, "shop"))


def status(error: BaseException) -> tuple[grpc.StatusCode, str]:
    end = ended(error)
    return end.code, end.message


@pytest.mark.parametrize(
    "message",
    [b"\xff\xfe", b"\x12\x7fcut off", b"\x0b" * 1_000, field(2, event())[:-1]],
    ids=["random bytes", "length beyond the end", "deep groups", "cut off"],
)
def test_what_is_no_batch_is_an_invalid_argument(message: bytes, ingest: Ingest) -> None:
    code, details = status(ingest.refused(message))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "livevalidation.v1.EventBatch" in details


@pytest.mark.parametrize("count", [5_001, 2_000_000])
def test_too_many_events_are_an_invalid_argument(count: int, ingest: Ingest) -> None:
    code, details = status(ingest.refused(b"\x12\x00" * count))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert f"holds {count} events, at most 5000" in details


def test_as_many_events_as_a_batch_may_hold_are_answered(ingest: Ingest) -> None:
    (ack,) = send_bytes(ingest.running.address, ingest.tenant.key, [b"\x12\x00" * 5_000])
    assert (ack.received, ack.rejected) == (5_000, 5_000)


def test_a_message_over_the_limit_exhausts_resources(ingest: Ingest) -> None:
    code, _ = status(ingest.refused(field(2, b"x" * 4 * 1024 * 1024)))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_gzip_bomb_exhausts_resources(ingest: Ingest) -> None:
    bomb = field(2, b"\0" * 100 * 1024 * 1024)
    assert len(gzip.compress(bomb)) < 200_000
    with grpc.insecure_channel(
        ingest.running.address,
        options=[("grpc.max_send_message_length", -1)],
        compression=grpc.Compression.Gzip,
    ) as channel:
        call = channel.unary_unary(
            f"/{SERVICE}/SendEvents", request_serializer=None, response_deserializer=None
        )
        with pytest.raises(grpc.RpcError) as error:
            call(bomb, metadata=call_metadata(ingest.tenant.key), timeout=20)
    assert status(error.value)[0] is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_empty_batch_is_acked(ingest: Ingest) -> None:
    (ack,) = send(ingest.running.address, ingest.tenant.key, [ingest_pb2.EventBatch(batch_id=5)])
    assert (ack.batch_id, ack.received, len(ack.verdicts)) == (5, 0, 0)


def test_a_stream_without_a_batch_ends_well(ingest: Ingest) -> None:
    assert send(ingest.running.address, ingest.tenant.key, []) == []


def test_batches_before_a_bad_message_are_acked_first(ingest: Ingest) -> None:
    with open_stream(ingest.running.address, ingest.tenant.key) as stream:
        stream.send(field(2, event()))
        stream.send(b"\xff")
        assert stream.ack().received == 1
        with pytest.raises(grpc.RpcError) as error:
            stream.ack()
    assert status(error.value)[0] is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("verdicts", ["some", ""])
def test_an_unknown_detail_is_an_invalid_argument(verdicts: str, ingest: Ingest) -> None:
    with pytest.raises(grpc.RpcError) as error:
        send(ingest.running.address, ingest.tenant.key, [], verdicts)
    code, details = status(error.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "none, problems, all" in details


@pytest.mark.parametrize(
    ("metadata", "ids"),
    [
        ((), "none"),
        ((("authorization", "Bearer"),), "empty"),
        ((("authorization", "Basic abc"),), "another scheme"),
        (call_metadata("lvd_" + "x" * 12 + "_" + "y" * 32), "unknown"),
        (call_metadata("x" * 4_000), "long"),
    ],
)
@pytest.mark.parametrize("method", ["StreamEvents", "SendEvents"])
def test_without_a_known_key_nothing_is_taken(
    method: str, metadata: tuple[tuple[str, str], ...], ids: str, ingest: Ingest
) -> None:
    with grpc.insecure_channel(ingest.running.address) as channel:
        stub = ingest_pb2_grpc.IngestServiceStub(channel)
        calls: dict[str, Callable[[], object]] = {
            "SendEvents": lambda: stub.SendEvents(ingest_pb2.EventBatch(), metadata=metadata, timeout=20),
            "StreamEvents": lambda: list(stub.StreamEvents(iter(()), metadata=metadata, timeout=20)),
        }
        with pytest.raises(grpc.RpcError) as error:
            calls[method]()
    code, details = status(error.value)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "lvd key list" in details


def test_the_key_decides_the_app_and_two_keys_of_one_app_are_one(ingest: Ingest) -> None:
    first, other = new_tenant(ingest.engine, "first"), new_tenant(ingest.engine, "other")
    second_key = KeyStore(ingest.engine).create(first.app_id).key
    seqs = [
        send_bytes(ingest.running.address, key, [field(2, event(b'{"n":%d}' % number))])[0].last_seq
        for number, key in enumerate((first.key, second_key, other.key))
    ]
    assert seqs == [1, 2, 1]


def test_a_revoked_key_ends_its_open_stream_and_opens_no_other(ingest: Ingest) -> None:
    tenant = new_tenant(ingest.engine, "revoked")
    prefix = tenant.key.split("_")[1]
    with open_stream(ingest.running.address, tenant.key) as stream:
        stream.send(ingest_pb2.EventBatch(batch_id=1))
        assert stream.ack().batch_id == 1
        KeyStore(ingest.engine).revoke(tenant.app_id, prefix)
        started = time.monotonic()
        with pytest.raises(grpc.RpcError) as error:
            stream.ack()
        assert time.monotonic() - started < 5
    assert status(error.value)[0] is grpc.StatusCode.UNAUTHENTICATED
    with pytest.raises(grpc.RpcError) as refused:
        send(ingest.running.address, tenant.key, [])
    assert status(refused.value)[0] is grpc.StatusCode.UNAUTHENTICATED


def test_more_streams_than_the_server_serves_exhaust_resources(ingest: Ingest) -> None:
    address, key = ingest.running.address, ingest.tenant.key
    with ExitStack() as open_streams:
        for _ in range(20):
            stream = open_streams.enter_context(open_stream(address, key))
            stream.send(ingest_pb2.EventBatch())
            stream.ack()
        with pytest.raises(grpc.RpcError) as error:
            send(address, key, [])
    end = ended(error.value)
    assert end.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert end.retry_seconds
    assert "20 streams are open" in end.message


def test_health_tells_life_from_readiness(ingest: Ingest) -> None:
    with grpc.insecure_channel(ingest.running.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", SERVICE):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=20)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_shows_the_contract_where_it_is_switched_on(ingest: Ingest) -> None:
    with grpc.insecure_channel(ingest.running.address) as channel:
        assert SERVICE in ProtoReflectionDescriptorDatabase(channel).get_services()


def test_a_taken_port_is_an_error_that_says_so(ingest: Ingest, module_database: str) -> None:
    with (
        pytest.raises(StartError, match=f"{ingest.running.address} cannot be served.*LVD_INGEST_ADDRESS"),
        running_server(module_database, address=ingest.running.address),
    ):
        pass
