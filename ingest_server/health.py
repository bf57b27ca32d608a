"""What load balancers and supervisors ask: does the process live, and does it take events.

By grpc.health.v1: the service name "" means the process and is SERVING as long as it answers; the name of
IngestService means readiness, NOT_SERVING while the database is away or the server is about to stop.
"""

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio  # type: ignore[attr-defined]

_STATUS = health_pb2.HealthCheckResponse.ServingStatus


class Health:
    """Sets what the health service answers; for one event loop."""

    def __init__(self, service: str) -> None:
        self.servicer = aio.HealthServicer()
        self._service = service
        self._stopping = False

    async def live(self) -> None:
        """The process answers."""
        await self.servicer.set("", _STATUS.Value("SERVING"))

    async def ready(self, *, ready: bool) -> None:
        """Events are taken, or not; never again once stopping."""
        serving = ready and not self._stopping
        await self.servicer.set(self._service, _STATUS.Value("SERVING" if serving else "NOT_SERVING"))

    async def stopping(self) -> None:
        """The server takes no more calls."""
        self._stopping = True
        await self.ready(ready=False)
