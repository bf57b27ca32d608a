"""One stream of a client process, with its acks."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import grpc
import grpc.aio

from benchmarks.sending.feeder import Feeder, Message
from benchmarks.sending.job import Report
from livevalidation.v1 import ingest_pb2

_METHOD = "/livevalidation.v1.IngestService/StreamEvents"
_RETRYABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
#: grpc.aio tells a write into a call that has just ended as INTERNAL, of its own making: no server said so.
_WRITE_TOO_LATE = "Internal error from Core"
_RETRY_PAUSE = 0.5
#: Retries in a row after which a stream gives up.
_PATIENCE = 120

_parse_ack = ingest_pb2.BatchAck.FromString


@dataclass(slots=True)
class _Unacked:
    message: Message
    #: When it was sent, or was to be sent.
    since: float


class Stream:
    """Sends a feeder's batches over one call, keeping at most so many without their ack."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one object
        self,
        channel: grpc.aio.Channel,
        metadata: tuple[tuple[str, str], ...],
        feeder: Feeder,
        unacked: int,
        report: Report,
        number: int,
    ) -> None:
        self._open: Any = channel.stream_stream(_METHOD, None, None)
        self._metadata = metadata
        self._feeder = feeder
        self._places = asyncio.Semaphore(unacked)
        self._report = report
        self._number = number
        self._unacked: deque[_Unacked] = deque()
        self._retries = 0

    async def warm_up(self, batches: int) -> None:
        """Sends new events before the clock starts."""
        await self._send(batches, self._feeder.fresh, self._count, None)

    async def run(self, batches: int, due: Callable[[int], float] | None) -> None:
        """Sends after the start; `due(n)` is when its n-th batch is to go, None: as soon as it may."""
        await self._send(batches, self._feeder.next, self._measure, due)

    async def _send(
        self,
        batches: int,
        make: Callable[[], Message],
        acked: Callable[[_Unacked, ingest_pb2.BatchAck], None],
        due: Callable[[int], float] | None,
    ) -> None:
        self._left, self._place = batches, 0
        while self._left or self._unacked:
            try:
                await self._exchange(make, acked, due)
            except grpc.aio.AioRpcError as error:
                self._retries += 1
                if not _is_retryable(error) or self._retries > _PATIENCE:
                    raise
                self._report.retries += 1
                await asyncio.sleep(_RETRY_PAUSE)

    async def _exchange(
        self,
        make: Callable[[], Message],
        acked: Callable[[_Unacked, ingest_pb2.BatchAck], None],
        due: Callable[[int], float] | None,
    ) -> None:
        """One call, until all is acked."""
        call = self._open(metadata=self._metadata)
        writer = asyncio.create_task(self._write(call, make, due))
        try:
            while (raw := await call.read()) is not grpc.aio.EOF:  # type: ignore[attr-defined]
                acked(self._unacked.popleft(), _parse_ack(raw))
                self._places.release()
                self._retries = 0
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            call.cancel()

    async def _write(
        self,
        call: "grpc.aio.StreamStreamCall[bytes, bytes]",
        make: Callable[[], Message],
        due: Callable[[int], float] | None,
    ) -> None:
        for waiting in list(self._unacked):
            await call.write(waiting.message.wire)
        while self._left:
            at = None if due is None else due(self._place)
            if at is not None and at > monotonic():
                await asyncio.sleep(at - monotonic())
            await self._places.acquire()
            message = make()
            self._unacked.append(_Unacked(message, monotonic() if at is None else at))
            self._left, self._place = self._left - 1, self._place + 1
            await call.write(message.wire)
        await call.done_writing()

    def _count(self, _: _Unacked, ack: ingest_pb2.BatchAck) -> None:
        report, number = self._report, self._number
        report.received[number] += ack.received
        report.duplicate[number] += ack.duplicate
        report.rejected[number] += ack.rejected
        report.invalid[number] += ack.invalid

    def _measure(self, waiting: _Unacked, ack: ingest_pb2.BatchAck) -> None:
        self._count(waiting, ack)
        now, report = monotonic(), self._report
        second = int(now - report.started)
        report.acked_by_second[second] = report.acked_by_second.get(second, 0) + ack.received
        report.ack_seconds.append(now - waiting.since)
        report.sent_at.append(waiting.since)
        report.last_seq.append(ack.last_seq)


def _is_retryable(error: grpc.aio.AioRpcError) -> bool:
    return error.code() in _RETRYABLE or error.details() == _WRITE_TOO_LATE
