"""One open StreamEvents call: a task that reads and offers batches, and one that acks them in order."""

import asyncio

import grpc.aio

from ingest_server.acks import Detail
from ingest_server.budget import Account
from ingest_server.errors import AcksUnread, Unauthenticated
from ingest_server.in_flight import Context, Edge, InFlight
from storage.keys import StoredKey


class StreamCall:
    """Serves one stream until the producer closes its side, or an error ends it.

    However it ends, every batch that was read before is acked first, unless it failed itself.
    """

    def __init__(self, edge: Edge, context: Context, key: StoredKey, detail: Detail) -> None:
        self.key = key
        self._edge = edge
        self._context = context
        self._detail = detail
        self._account = Account(key.app_id)
        #: Batches to ack, oldest first; then None, or the error that ends the call.
        self._unacked: asyncio.Queue[InFlight | BaseException | None] = asyncio.Queue()
        #: Bounds the batches that were read and whose acks were not taken.
        self._places = asyncio.Semaphore(edge.bounds.max_unread_acks)
        self._reader: asyncio.Task[None] | None = None
        self._ending: Exception | None = None

    async def serve(self) -> None:
        """Returns when all is acked. Raises what ends the call."""
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(self._read_over)
        try:
            await self._ack()
        finally:
            self._reader.cancel()
            try:
                await asyncio.wait([self._reader])
            finally:
                # Also where the producer vanishes just now, which cancels this call once more.
                # Cancelled, it holds the frame in which it was, and so this call and its last message.
                self._reader = None
                self._abandon()

    def end(self, error: Exception) -> None:
        """Reads no more; acks what was read, then ends the call with the error."""
        self._ending = self._ending or error
        if self._reader is not None:
            self._reader.cancel()

    async def _read(self) -> None:
        # A function reads each, and its frame ends: who waits for the next one holds nothing of the last.
        while await self._read_next():
            pass

    async def _read_next(self) -> bool:
        """Whether there was one more."""
        await self._places.acquire()
        await self._edge.budget.room(self._account)
        message = await self._context.read()
        if message is grpc.aio.EOF:  # type: ignore[attr-defined]
            return False
        if not self._edge.ring.is_active(self.key.key_id):
            raise Unauthenticated
        self._unacked.put_nowait(await InFlight.offer(self._edge, self._account, message))
        return True

    def _read_over(self, reader: asyncio.Task[None]) -> None:
        """What ended reading ends the call, behind the acks."""
        self._unacked.put_nowait(self._ending if reader.cancelled() else reader.exception())

    async def _ack(self) -> None:
        while await self._ack_next():
            pass

    async def _ack_next(self) -> bool:
        """Whether there was one more."""
        batch = await self._unacked.get()
        if batch is None:
            return False
        if isinstance(batch, BaseException):
            raise batch
        try:
            await self._write(await batch.ack(self._detail))
        finally:
            batch.release()
        self._places.release()
        return True

    async def _write(self, ack: bytes) -> None:
        seconds = self._edge.bounds.ack_timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                await self._context.write(ack)
        except TimeoutError:
            raise AcksUnread(seconds) from None

    def _abandon(self) -> None:
        """Releases what will not be acked."""
        while not self._unacked.empty():
            batch = self._unacked.get_nowait()
            if isinstance(batch, InFlight):
                batch.release()
