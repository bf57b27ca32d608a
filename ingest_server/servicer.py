"""IngestService: lets calls in, and ends each with the status that its error asks for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import grpc
import grpc.aio
import structlog
from structlog.contextvars import bind_contextvars

from ingest_server.acks import Detail, read_detail
from ingest_server.errors import Draining, IngestError, Unauthenticated
from ingest_server.in_flight import Context, Edge
from ingest_server.places import Places
from ingest_server.status import status_of
from ingest_server.stream import StreamCall
from ingest_server.unary import UnaryCall
from livevalidation.v1 import ingest_pb2
from storage.errors import Unavailable
from storage.keys import StoredKey

T = TypeVar("T")

_log = structlog.get_logger(__name__)

#: Full name of the service, by which health is asked too.
SERVICE = ingest_pb2.DESCRIPTOR.services_by_name["IngestService"].full_name
#: Metadata key by which a call chooses the events that its acks carry verdicts of.
VERDICTS_KEY = "lvd-verdicts"
#: Metadata key by which an accepted call is told the app that its key is of, in UTF-8.
APP_KEY = "lvd-app-bin"
#: How long the end of a call may wait for a producer that does not read, in seconds.
_ABORT_TIMEOUT = 5.0


class IngestServicer:
    """The calls of one server."""

    def __init__(self, edge: Edge, places: Places) -> None:
        self._edge = edge
        self._places = places
        edge.metrics.open_calls.set_function(lambda: places.taken)
        self._open: set[StreamCall | UnaryCall] = set()
        #: Those that are not over, also those whose keys are being looked up.
        self._calls = 0
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def open_calls(self) -> int:
        """Calls that were let in and are not over."""
        return self._places.taken

    def handlers(self) -> "grpc.GenericRpcHandler[bytes, bytes]":
        """Both methods, without deserializers: a message that is no EventBatch is ours to answer.

        The unary one is served as the stream that it is on the wire: of a unary handler gRPC would read the
        message before it calls it, so before anybody asks for the key.
        """
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "StreamEvents": grpc.stream_stream_rpc_method_handler(self.stream_events),
                "SendEvents": grpc.stream_unary_rpc_method_handler(self.send_events),
            },
        )

    async def stream_events(self, _requests: AsyncIterator[bytes], context: Context) -> None:
        """The stream: see stream.py."""

        async def serve() -> None:
            async with self._admitted(context) as (key, detail):
                call = StreamCall(self._edge, context, key, detail)
                with self._kept(call):
                    await call.serve()

        await self._end_with_status(serve, context)

    async def send_events(self, _requests: AsyncIterator[bytes], context: Context) -> bytes | None:
        """One batch, one ack: see unary.py."""

        async def serve() -> bytes:
            async with self._admitted(context) as (key, detail):
                call = UnaryCall(self._edge, context, key, detail)
                with self._kept(call):
                    return await call.serve()

        return await self._end_with_status(serve, context)

    def end_revoked(self) -> None:
        """Ends the calls whose keys are not active any more."""
        for call in self._open:
            if not self._edge.ring.is_active(call.key.key_id):
                call.end(Unauthenticated())

    async def drain(self, timeout: float) -> None:
        """Lets no call in, reads no more, and returns when all that was read is answered, or in time."""
        self._draining = True
        for call in self._open:
            call.end(Draining())
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("drain_timed_out", calls=self._calls)

    @contextmanager
    def _kept(self, call: StreamCall | UnaryCall) -> Iterator[None]:
        """Among those that can be told to end."""
        self._open.add(call)
        try:
            yield
        finally:
            self._open.discard(call)

    @asynccontextmanager
    async def _admitted(self, context: Context) -> AsyncIterator[tuple[StoredKey, Detail]]:
        """Finds out whose the call is, then gives it a place: who has no key takes none from others."""
        self._refuse_while_draining()
        self._count(1)
        try:
            metadata = tuple(context.invocation_metadata() or ())
            key = await self._edge.authenticator.authenticate(metadata)
            # Each call is a task, with a context of its own.
            bind_contextvars(app=key.app_id)
            with self._places.taken_by(key.app_id):
                await context.send_initial_metadata(((APP_KEY, key.app_name.encode()),))
                asked = next((str(value) for name, value in metadata if name == VERDICTS_KEY), None)
                detail = read_detail(asked)
                # Meanwhile it may have begun, and told all calls that it knew.
                self._refuse_while_draining()
                yield key, detail
        finally:
            self._count(-1)

    def _refuse_while_draining(self) -> None:
        if self._draining:
            raise Draining

    def _count(self, change: int) -> None:
        self._calls += change
        if self._calls:
            self._idle.clear()
        else:
            self._idle.set()

    async def _end_with_status(self, serve: Callable[[], Awaitable[T]], context: Context) -> T | None:
        try:
            result = await serve()
        except asyncio.CancelledError:
            self._edge.metrics.ended_calls.labels(grpc.StatusCode.CANCELLED.name).inc()
            raise
        except Exception as error:  # noqa: BLE001 - the table has a status for every error
            try:
                await self._abort(error, context)
            finally:
                # It holds the frames that it went through, and so the call's messages; they hold it again.
                error.with_traceback(None)
            return None
        self._edge.metrics.ended_calls.labels(grpc.StatusCode.OK.name).inc()
        return result

    async def _abort(self, error: Exception, context: Context) -> None:
        if not isinstance(error, IngestError | Unavailable):
            _log.error("call_failed", exc_info=error)
        status = status_of(error)
        self._edge.metrics.ended_calls.labels(status.code.name).inc()
        self._edge.metrics.refused_calls.labels(status.reason).inc()
        _log.debug("call_refused", reason=status.reason, status=status.code.name)
        try:
            async with asyncio.timeout(_ABORT_TIMEOUT):
                await context.abort(status.code, status.message, status.trailing_metadata())
        except TimeoutError:
            # It is on its way, behind acks that are not read; gRPC keeps it until the connection ends.
            _log.info("status_not_taken", status=status.code.name)
