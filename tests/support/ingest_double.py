"""A small real gRPC server on the generated stubs, whose behaviour a test scripts stream by stream.

Run as a program it keeps what it stored in a journal, so it can be killed and started again.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc

Batches = Iterator[ingest_pb2.EventBatch]
Acks = Iterator[ingest_pb2.BatchAck]


@dataclass
class Memory:
    """What the server stored, over all its streams."""

    stored: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)
    journal: Path | None = None

    def store(self, event_id: str) -> bool:
        """False: it was stored before."""
        with self.lock:
            if event_id in self.stored:
                return False
            self.stored.add(event_id)
            if self.journal is not None:
                with self.journal.open("a") as journal:
                    journal.write(event_id + "\n")
            return True


def acknowledge(batch: ingest_pb2.EventBatch, memory: Memory) -> ingest_pb2.BatchAck:
    """Store and judge: an event named `Bad` is invalid, `Refuse` rejected, any other valid."""
    ack = ingest_pb2.BatchAck(batch_id=batch.batch_id, received=len(batch.events))
    for index, event in enumerate(batch.events):
        if event.name == "Refuse":
            ack.rejected += 1
            rejection = ingest_pb2.Rejection(code="refused", message="Its name is Refuse; use another one.")
            ack.verdicts.add(index=index, verdict=ingest_pb2.VERDICT_REJECTED, rejection=rejection)
        elif not memory.store(event.event_id):
            ack.duplicate += 1
            ack.verdicts.add(index=index, verdict=ingest_pb2.VERDICT_DUPLICATE)
        elif event.name == "Bad":
            ack.invalid += 1
            violation = ingest_pb2.Violation(
                path="/total", kind="range", expected="number ≥ 0", received="number -1", value="-1"
            )
            ack.verdicts.add(index=index, verdict=ingest_pb2.VERDICT_INVALID, violations=[violation])
        else:
            ack.valid += 1
    ack.last_seq = len(memory.stored)
    return ack


Behaviour = Callable[["Stream"], Acks]


@dataclass
class Stream:
    """One stream that a client opened, and what came through it."""

    batches: Batches
    context: grpc.ServicerContext
    memory: Memory
    received: list[ingest_pb2.EventBatch] = field(default_factory=list)
    opened_at: float = field(default_factory=time.monotonic)

    def read(self) -> Batches:
        for batch in self.batches:
            self.received.append(batch)
            yield batch

    def fail(self, code: grpc.StatusCode, details: str, retry_after: float | None = None) -> NoReturn:
        status = status_pb2.Status(code=code.value[0], message=details)
        if retry_after is not None:
            info = error_details_pb2.RetryInfo(retry_delay=Duration(nanos=round(retry_after * 1e9)))
            detail = AnyMessage()
            detail.Pack(info)
            status.details.append(detail)
        self.context.abort_with_status(rpc_status.to_status(status))
        raise AssertionError("abort_with_status raises")


def serve(stream: Stream) -> Acks:
    for batch in stream.read():
        yield acknowledge(batch, stream.memory)


def refuse(code: grpc.StatusCode, *, retry_after: float | None = None) -> Behaviour:
    """Answer nothing but this status."""

    def behaviour(stream: Stream) -> Acks:
        yield from ()
        stream.fail(code, "not now", retry_after)

    return behaviour


def serve_then(count: int, ending: Behaviour) -> Behaviour:
    """Acknowledge `count` batches, then go on as `ending` does."""

    def behaviour(stream: Stream) -> Acks:
        for _ in range(count):
            yield acknowledge(next(stream.read()), stream.memory)
        yield from ending(stream)

    return behaviour


def end(stream: Stream) -> Acks:
    """End the stream cleanly, whatever is still to come."""
    yield from ()


def never_answer(stream: Stream) -> Acks:
    """Read on, until the client leaves."""
    left = Event()
    if stream.context.add_callback(left.set):
        for _ in stream.read():
            pass
        left.wait()
    yield from ()


class IngestDouble(ingest_pb2_grpc.IngestServiceServicer):
    """The n-th stream gets the n-th behaviour; after the last one, streams are served."""

    def __init__(self, *behaviours: Behaviour, memory: Memory | None = None) -> None:
        self._behaviours = list(behaviours)
        self.memory = memory or Memory()
        self.streams: list[Stream] = []

    def StreamEvents(self, request_iterator: Batches, context: grpc.ServicerContext) -> Acks:  # noqa: N802
        stream = Stream(request_iterator, context, self.memory)
        behaviour = self._behaviours.pop(0) if self._behaviours else serve
        self.streams.append(stream)
        return behaviour(stream)

    def SendEvents(  # noqa: N802
        self,
        request: ingest_pb2.EventBatch,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> ingest_pb2.BatchAck:
        return acknowledge(request, self.memory)


@contextmanager
def running(double: IngestDouble, port: int = 0) -> Iterator[str]:
    """Serve until the block is left; gives the target."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=[("grpc.so_reuseport", 0)])
    ingest_pb2_grpc.add_IngestServiceServicer_to_server(double, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        server.stop(grace=None).wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between storing and the ack")
    options = parser.parse_args()

    def slow(stream: Stream) -> Acks:
        for ack in serve(stream):
            time.sleep(options.delay)
            yield ack

    options.journal.touch()
    memory = Memory(set(options.journal.read_text().split()), journal=options.journal)
    with running(IngestDouble(*[slow] * 100, memory=memory), options.port):
        time.sleep(3600)


if __name__ == "__main__":
    main()
