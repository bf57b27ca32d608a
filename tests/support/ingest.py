"""A real ingest server on a real database, on an event loop in a thread of its own."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import grpc
from sqlalchemy import Engine

from ingest_server.server import IngestServer
from ingest_server.settings import IngestSettings
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.apps import AppStore
from storage.keys import KeyStore
from storage.settings import StorageSettings, read_settings

_START_SECONDS = 20


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
