"""Calls whose message does not come: what they are told, and when; nobody fills the memory by them."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ingest_server.questions import MAX_READING
from ingest_server.servicer import SERVICE
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


class Unread:
    """A watcher of the server's readiness that leaves it no room to write: by HTTP/2, its window is 0."""

    _PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    _DATA, _HEADERS, _SETTINGS = 0, 1, 4
    _END_STREAM, _END_HEADERS, _INITIAL_WINDOW = 1, 4, 4

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=SECONDS)
        self._read = self._socket.makefile("rb")
        question = health_pb2.HealthCheckRequest(service=SERVICE).SerializeToString()
        headers = {
            ":method": "POST",
            ":scheme": "http",
            ":path": "/grpc.health.v1.Health/Watch",
            ":authority": address,
            "content-type": "application/grpc",
            "te": "trailers",
        }
        literal = b"".join(b"\0" + _sized(name) + _sized(value) for name, value in headers.items())
        self._socket.sendall(
            self._PREFACE
            + _frame(self._SETTINGS, 0, 0, struct.pack(">HI", self._INITIAL_WINDOW, 0))
            + _frame(self._HEADERS, self._END_HEADERS, 1, literal)
            + _frame(self._DATA, self._END_STREAM, 1, b"\0" + struct.pack(">I", len(question)) + question)
        )

    def wait_for_headers(self) -> None:
        """Returns once the server begins to answer."""
        kind = None
        while kind != self._HEADERS:
            head = self._read.read(9)
            kind = head[3]
            self._read.read(int.from_bytes(head[:3]))

    def close(self) -> None:
        self._read.close()
        self._socket.close()


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + content


def _sized(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def test_a_watcher_that_reads_nothing_keeps_no_server_from_stopping(database: str) -> None:
    with running_server(database) as running, closing(Unread(running.address)) as watcher:
        watcher.wait_for_headers()
        running.drain()


def test_watchers_are_told_of_each_change(database: str) -> None:
    with running_server(database) as running, grpc.insecure_channel(running.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch
        ready = watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=2 * SECONDS)
        unknown = watch(health_pb2.HealthCheckRequest(service="?"), timeout=2 * SECONDS)
        assert next(ready).status == health_pb2.HealthCheckResponse.SERVING
        assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        running.drain()
        assert next(ready).status == health_pb2.HealthCheckResponse.NOT_SERVING
