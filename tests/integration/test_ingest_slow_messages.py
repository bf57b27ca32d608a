"""Calls whose message does not come: what they are told, and when; nobody fills the memory by them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ingest_server.questions import MAX_READING
from tests.support.ingest import (
    RunningServer,
    Tenant,
    call_metadata,
    ended,
    new_tenant,
    running_server,
)
from tests.support.writing import engine_of

SEND = "/livevalidation.v1.IngestService/SendEvents"
HEALTH = "/grpc.health.v1.Health/Check"
#: A call that is not ended by the server fails its test.
SECONDS = 10


@dataclass(frozen=True)
class Ingest:
    running: RunningServer
    tenant: Tenant


@pytest.fixture(scope="module")
def ingest(module_database: str) -> Iterator[Ingest]:
    with (
        engine_of(module_database) as engine,
        running_server(module_database, ack_timeout="1s") as running,
    ):
        yield Ingest(running, new_tenant(engine, "shop"))


@contextmanager
def calls_without_a_message(
    address: str, method: str, metadata: tuple[tuple[str, str], ...] = (), count: int = 1
) -> Iterator[list[Any]]:
    """Unary calls, as they are on the wire: their messages never come."""
    over = Event()

    def nothing() -> Iterator[bytes]:
        over.wait(2 * SECONDS)
        yield from ()

    with grpc.insecure_channel(address) as channel:
        call = channel.stream_unary(method, request_serializer=None, response_deserializer=None)
        try:
            yield [call.future(nothing(), metadata=metadata, timeout=SECONDS) for _ in range(count)]
        finally:
            over.set()


def test_a_unary_call_without_a_key_is_refused_before_its_message_is_read(ingest: Ingest) -> None:
    with calls_without_a_message(ingest.running.address, SEND) as (call,):
        assert ended(call.exception()).code is grpc.StatusCode.UNAUTHENTICATED


def test_a_unary_call_whose_message_does_not_come_is_told_so(ingest: Ingest) -> None:
    metadata = call_metadata(ingest.tenant.key)
    with calls_without_a_message(ingest.running.address, SEND, metadata) as (call,):
        end = ended(call.exception())
    assert end.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "not complete after 1 s" in end.message
    assert end.retry_seconds == 1


def test_of_many_questions_without_a_message_the_oldest_are_ended_and_health_is_told(ingest: Ingest) -> None:
    address = ingest.running.address
    with calls_without_a_message(address, HEALTH, count=MAX_READING + 3) as calls:
        for call in calls[:3]:
            assert ended(call.exception()).code is grpc.StatusCode.RESOURCE_EXHAUSTED
        with grpc.insecure_channel(address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            for _ in range(MAX_READING):
                answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
                assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("question", [b"\xff\xfe", b"\x0a\x82\x10" + b"x" * 2_050], ids=["none", "too long"])
def test_what_is_no_question_is_an_invalid_argument(question: bytes, ingest: Ingest) -> None:
    with grpc.insecure_channel(ingest.running.address) as channel:
        call = channel.unary_unary(HEALTH, request_serializer=None, response_deserializer=None)
        with pytest.raises(grpc.RpcError) as error:
            call(question, timeout=SECONDS)
    assert ended(error.value).code is grpc.StatusCode.INVALID_ARGUMENT
