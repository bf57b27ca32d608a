"""A real ingest server on a real database, on an event loop in a thread of its own."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, cast

import grpc
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from grpc_status import rpc_status
from sqlalchemy import Engine, text

from ingest_server.server import IngestServer
from ingest_server.settings import IngestSettings
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.apps import AppStore
from storage.keys import KeyStore, key_hash
from storage.settings import StorageSettings, read_settings

_START_SECONDS = 20
#: A call that takes longer fails its test.
_CALL_SECONDS = 60


@dataclass(frozen=True)
class RunningServer:
    """A server that takes calls."""

    server: IngestServer
    loop: asyncio.AbstractEventLoop

    @property
    def address(self) -> str:
        return self.server.address

    def drain(self) -> None:
        """Stops it as SIGTERM does."""
        asyncio.run_coroutine_threadsafe(self.server.drain(), self.loop).result(_START_SECONDS + 10)


@contextmanager
def running_server(database_url: str, **settings: object) -> Iterator[RunningServer]:
    """Serves on a free port until the block is left; drains unless the test did."""
    given = {"address": "127.0.0.1:0", "drain_timeout": "5s", **settings}
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="server")
    thread.start()

    async def start() -> IngestServer:
        server = IngestServer(
            read_settings(IngestSettings, **given), read_settings(StorageSettings), database_url
        )
        await server.start()
        return server

    try:
        server = asyncio.run_coroutine_threadsafe(start(), loop).result(_START_SECONDS)
        running = RunningServer(server, loop)
        try:
            yield running
        finally:
            running.drain()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Tenant:
    """An app and a key of it."""

    app_id: int
    name: str
    key: str


def new_tenant(engine: Engine, name: str) -> Tenant:
    """Makes an app and a key."""
    app_id = AppStore(engine).create(name)
    return Tenant(app_id, name, KeyStore(engine).create(app_id).key)


@contextmanager
def key_being_made(engine: Engine, tenant: Tenant) -> Iterator[tuple[str, Callable[[], None]]]:
    """A second key of the app, and what makes it: servers that look it up wait until then, 5 s at most."""
    key = f"lvd_{tenant.name:z<12.12}_{'s' * 32}"
    values = {"app_id": tenant.app_id, "prefix": key.split("_")[1], "sha256": key_hash(key)}
    with engine.connect() as connection:
        connection.execute(text("LOCK TABLE api_key IN ACCESS EXCLUSIVE MODE"))
        connection.execute(
            text(
                "INSERT INTO api_key (app_id, prefix, sha256, label) VALUES (:app_id, :prefix, :sha256, '')"
            ),
            values,
        )
        yield key, connection.commit


def call_metadata(key: str, verdicts: str | None = None) -> tuple[tuple[str, str], ...]:
    """What every call carries."""
    asked = () if verdicts is None else (("lvd-verdicts", verdicts),)
    return (("authorization", f"Bearer {key}"), *asked)


def send(
    address: str, key: str, batches: Sequence[ingest_pb2.EventBatch], verdicts: str | None = None
) -> list[ingest_pb2.BatchAck]:
    """Streams batches; returns their acks. Raises grpc.RpcError."""
    with grpc.insecure_channel(address) as channel:
        stub = ingest_pb2_grpc.IngestServiceStub(channel)
        return list(
            stub.StreamEvents(iter(batches), metadata=call_metadata(key, verdicts), timeout=_START_SECONDS)
        )


def send_bytes(
    address: str, key: str, messages: Sequence[bytes], verdicts: str | None = None
) -> list[ingest_pb2.BatchAck]:
    """The same with messages that no stub would make."""
    with grpc.insecure_channel(address) as channel:
        call = channel.stream_stream(
            "/livevalidation.v1.IngestService/StreamEvents",
            request_serializer=None,
            response_deserializer=ingest_pb2.BatchAck.FromString,
        )
        return list(call(iter(messages), metadata=call_metadata(key, verdicts), timeout=_START_SECONDS))


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: grpc.StatusCode
    message: str
    #: What google.rpc.RetryInfo asks for, in seconds; None: there is none.
    retry_seconds: float | None


def ended(error: BaseException) -> Ended:
    """Reads the error that a call raised."""
    call = cast("grpc.Call", error)
    status = rpc_status.from_call(call)
    info = RetryInfo()
    retry = None
    if status is not None and status.details and status.details[0].Unpack(info):
        retry = info.retry_delay.ToMilliseconds() / 1_000
    return Ended(call.code(), call.details() or "", retry)


class OpenStream:
    """A stream that stays open: sends when it is told to, and reads one ack at a time."""

    def __init__(self, channel: grpc.Channel, key: str) -> None:
        self._messages: SimpleQueue[bytes | None] = SimpleQueue()
        method = channel.stream_stream(
            "/livevalidation.v1.IngestService/StreamEvents",
            request_serializer=None,
            response_deserializer=ingest_pb2.BatchAck.FromString,
        )
        messages = iter(self._messages.get, None)
        self._call: Any = method(messages, metadata=call_metadata(key), timeout=_CALL_SECONDS)

    def send(self, message: bytes | ingest_pb2.EventBatch) -> None:
        """Sends a batch."""
        self._messages.put(message if isinstance(message, bytes) else message.SerializeToString())

    def finish(self) -> None:
        """Says that no batch follows."""
        self._messages.put(None)

    def ack(self) -> ingest_pb2.BatchAck:
        """The next ack. Raises grpc.RpcError, or StopIteration where the stream ended well."""
        return cast("ingest_pb2.BatchAck", next(self._call))

    def acks_until_the_end(self) -> tuple[list[ingest_pb2.BatchAck], grpc.RpcError]:
        """All acks that still come, and the error that ends the stream."""
        acked = []
        while True:
            try:
                acked.append(self.ack())
            except grpc.RpcError as error:
                return acked, error

    def cancel(self) -> None:
        """Leaves."""
        self._call.cancel()
        self.finish()


@contextmanager
def open_stream(address: str, key: str) -> Iterator[OpenStream]:
    """A stream on a connection of its own."""
    with grpc.insecure_channel(address) as channel:
        stream = OpenStream(channel, key)
        try:
            yield stream
        finally:
            stream.cancel()
