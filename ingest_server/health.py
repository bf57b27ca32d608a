"""What load balancers and supervisors ask: does the process live, and does it take events.

By grpc.health.v1: the service name "" means the process and is SERVING as long as it answers; the name of
IngestService means readiness, NOT_SERVING while the database is away or the server is about to stop.
"""

from collections.abc import AsyncIterator

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio  # type: ignore[attr-defined]

from ingest_server.in_flight import Context
from ingest_server.questions import Questions

_STATUS = health_pb2.HealthCheckResponse.ServingStatus
_SERVICE = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name


class Health:
    """Sets what the health service answers; for one event loop."""

    def __init__(self, service: str) -> None:
        self._servicer = aio.HealthServicer()
        self._service = service
        self._questions = Questions()
        self._stopping = False

    def handlers(self) -> "grpc.GenericRpcHandler[bytes, health_pb2.HealthCheckResponse]":
        """Both methods as the streams that they are on the wire: see IngestServicer.handlers."""
        answer = health_pb2.HealthCheckResponse.SerializeToString
        return grpc.method_handlers_generic_handler(
            _SERVICE,
            {
                "Check": grpc.stream_unary_rpc_method_handler(self._check, None, answer),
                "Watch": grpc.stream_stream_rpc_method_handler(self._watch, None, answer),
            },
        )

    async def live(self) -> None:
        """The process answers."""
        await self._servicer.set("", _STATUS.Value("SERVING"))

    async def ready(self, *, ready: bool) -> None:
        """Events are taken, or not; never again once stopping."""
        serving = ready and not self._stopping
        await self._servicer.set(self._service, _STATUS.Value("SERVING" if serving else "NOT_SERVING"))

    async def stopping(self) -> None:
        """The server takes no more calls."""
        self._stopping = True
        await self.ready(ready=False)

    async def _check(
        self, _requests: AsyncIterator[bytes], context: Context
    ) -> health_pb2.HealthCheckResponse:
        return await self._servicer.Check(await self._asked(context), context)

    async def _watch(self, _requests: AsyncIterator[bytes], context: Context) -> None:
        await self._servicer.Watch(await self._asked(context), context)

    async def _asked(self, context: Context) -> health_pb2.HealthCheckRequest:
        question = await self._questions.read(context)
        try:
            return health_pb2.HealthCheckRequest.FromString(question)
        except DecodeError:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"The question is no {_SERVICE} request")
            raise
