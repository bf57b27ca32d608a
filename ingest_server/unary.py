"""One SendEvents call: on the wire a stream of one message, so whose it is decides before that is read."""

import asyncio

import grpc.aio

from ingest_server.acks import Detail
from ingest_server.budget import Account
from ingest_server.errors import EnvelopeUnreadable, MessageOverdue, Overloaded, Unauthenticated
from ingest_server.in_flight import Context, Edge, InFlight
from storage.keys import StoredKey


class UnaryCall:
    """Reads one batch once there is room for it, and answers its ack."""

    def __init__(self, edge: Edge, context: Context, key: StoredKey, detail: Detail) -> None:
        self.key = key
        self._edge = edge
        self._context = context
        self._detail = detail
        self._reader: asyncio.Task[InFlight] | None = None
        self._ending: Exception | None = None

    async def serve(self) -> bytes:
        """The ack. Raises what ends the call."""
        self._reader = asyncio.create_task(self._read())
        try:
            batch = await self._reader
        except asyncio.CancelledError:
            _release_read(self._reader)
            if self._ending is None:
                raise
            raise self._ending from None
        finally:
            self._reader = None
        try:
            return await batch.ack(self._detail)
        finally:
            batch.release()

    def end(self, error: Exception) -> None:
        """Ends the call with the error, unless its batch was read: that is acked."""
        if self._reader is not None:
            self._ending = self._ending or error
            self._reader.cancel()

    async def _read(self) -> InFlight:
        account = Account(self.key.app_id)
        seconds = self._edge.bounds.ack_timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                await self._edge.budget.room(account)
        except TimeoutError:
            raise Overloaded from None
        try:
            async with asyncio.timeout(seconds):
                message = await self._context.read()
        except TimeoutError:
            raise MessageOverdue(seconds) from None
        if message is grpc.aio.EOF:  # type: ignore[attr-defined]
            raise EnvelopeUnreadable
        if not self._edge.ring.is_active(self.key.key_id):
            raise Unauthenticated
        try:
            async with asyncio.timeout(seconds):
                return await InFlight.offer(self._edge, account, message)
        except TimeoutError:
            raise Overloaded from None


def _release_read(reader: asyncio.Task[InFlight]) -> None:
    """What was read just when its call was given up, so that nobody took it over."""
    if reader.done() and not reader.cancelled() and reader.exception() is None:
        reader.result().release()
