"""What load balancers and supervisors ask: does the process live, and does it take events.

By grpc.health.v1: the service name "" means the process and is SERVING as long as it answers; the name of
IngestService means readiness, NOT_SERVING while the database is away or the server is about to stop.
"""

import asyncio
from collections.abc import AsyncIterator

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from ingest_server.in_flight import Context
from ingest_server.questions import Questions

_STATUS = health_pb2.HealthCheckResponse.ServingStatus
_SERVICE = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name


class Health:
    """What the health service answers; for one event loop.

    Not grpcio's own servicer: it writes to one watcher after the other under a lock, so that one who reads
    nothing would keep the server from changing its status, and from stopping.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self._questions = Questions()
        self._stopping = False
        #: By service.
        self._statuses: dict[str, str] = {}
        #: Set, and replaced, at each change.
        self._changed = asyncio.Event()

    def handlers(self) -> "grpc.GenericRpcHandler[bytes, bytes]":
        """Both methods as the streams that they are on the wire: see IngestServicer.handlers."""
        return grpc.method_handlers_generic_handler(
            _SERVICE,
            {
                "Check": grpc.stream_unary_rpc_method_handler(self._check),
                "Watch": grpc.stream_stream_rpc_method_handler(self._watch),
            },
        )

    def live(self) -> None:
        """The process answers."""
        self._set("", "SERVING")

    def ready(self, *, ready: bool) -> None:
        """Events are taken, or not; never again once stopping."""
        self._set(self._service, "SERVING" if ready and not self._stopping else "NOT_SERVING")

    def stopping(self) -> None:
        """The server takes no more calls."""
        self._stopping = True
        self.ready(ready=False)

    def _set(self, service: str, status: str) -> None:
        self._statuses[service] = status
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _check(self, _requests: AsyncIterator[bytes], context: Context) -> bytes:
        status = self._statuses.get(await self._asked(context))
        if status is None:
            await context.abort(grpc.StatusCode.NOT_FOUND)
            raise AssertionError("abort raises")
        return _answer(status)

    async def _watch(self, _requests: AsyncIterator[bytes], context: Context) -> None:
        service, told = await self._asked(context), ""
        while True:
            # The change to wait for is that behind the status, also where writing takes long.
            status, changed = self._statuses.get(service, "SERVICE_UNKNOWN"), self._changed
            if status != told:
                await context.write(_answer(status))
                told = status
            await changed.wait()

    async def _asked(self, context: Context) -> str:
        """The service that the call asks for."""
        question = await self._questions.read(context)
        try:
            service: str = health_pb2.HealthCheckRequest.FromString(question).service
        except DecodeError:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"The question is no {_SERVICE} request")
            raise
        return service


def _answer(status: str) -> bytes:
    answer: bytes = health_pb2.HealthCheckResponse(status=_STATUS.Value(status)).SerializeToString()
    return answer
