"""Reads the messages of calls that need no key, so that nobody fills the memory by them."""

import asyncio

import grpc
import grpc.aio

from ingest_server.in_flight import Context

#: So many are read at once; each may take the memory of the largest message until it is read.
MAX_READING = 8
#: One comes with its call, as a rule, and is read within a millisecond. In seconds.
_READ_SECONDS = 5.0
#: A question holds a name.
_MAX_BYTES = 1_024


class Questions:
    """Of more than may be read at once, the one that takes the longest is ended. For one event loop."""

    def __init__(self) -> None:
        #: Oldest first.
        self._reading: dict[asyncio.Task[bytes], None] = {}

    async def read(self, context: Context) -> bytes:
        """The call's message; aborts the call where there is none in time, or one that is too long."""
        if len(self._reading) >= MAX_READING:
            # It leaves the list when its call goes on.
            next(reader for reader in self._reading if not reader.cancelling()).cancel()
        message = await self._read_in_time(context)
        if message is None:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "The question did not come in time")
        elif message is grpc.aio.EOF:  # type: ignore[attr-defined]
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "There is no question")
        elif len(message) > _MAX_BYTES:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"Longer than {_MAX_BYTES} bytes")
        else:
            return message
        raise AssertionError("abort raises")

    async def _read_in_time(self, context: Context) -> bytes | None:
        reader = asyncio.create_task(_message(context))
        self._reading[reader] = None
        try:
            await asyncio.wait([reader], timeout=_READ_SECONDS)
            return reader.result() if reader.done() and not reader.cancelled() else None
        finally:
            del self._reading[reader]
            reader.cancel()


async def _message(context: Context) -> bytes:
    return await context.read()
