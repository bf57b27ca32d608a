"""A batch from being read to being acked, and what all calls of a server share to get it there."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

import grpc.aio
import structlog

from ingest_server.acks import Detail, build_ack
from ingest_server.activity import Activity
from ingest_server.auth import Authenticator, KeyRing
from ingest_server.budget import Account, Budget
from ingest_server.errors import MessageTooLarge
from ingest_server.group_commit import GroupCommit
from ingest_server.intake import Intake
from ingest_server.metrics import Metrics
from ingest_server.pending import Pending
from ingest_server.rate import RateLimit
from ingest_server.weight import weigh_undecoded
from storage.model import Outcome
from tracking_plan.verdict import Verdict

_log = structlog.get_logger(__name__)

Context = grpc.aio.ServicerContext[bytes, bytes]


@dataclass(frozen=True, slots=True)
class CallBounds:
    """How far producers may run ahead."""

    max_unread_acks: int
    ack_timeout_seconds: float
    max_message_bytes: int
    max_events_per_batch: int


@dataclass(frozen=True, slots=True)
class Edge:
    """What calls share; used on one event loop only."""

    ring: KeyRing
    authenticator: Authenticator
    intake: Intake
    group_commit: GroupCommit
    budget: Budget
    rate: RateLimit
    bounds: CallBounds
    metrics: Metrics
    #: Replaced by the heartbeat: [0] is the current one.
    activity: list[Activity] = field(default_factory=lambda: [Activity()])


class InFlight:
    """One batch that was read and is charged to its stream's account until `release`."""

    __slots__ = ("_account", "_decoded", "_edge", "_read_at", "_settled", "_weight")

    def __init__(self, edge: Edge, account: Account, message_bytes: int) -> None:
        self._edge = edge
        self._account = account
        #: What the budget counts of it in all, and as decoded, in bytes.
        self._weight = self._decoded = 0
        self._read_at = monotonic()
        # Errors are results, since nobody may be left to take them up as exceptions.
        self._settled: asyncio.Future[tuple[Pending, Outcome | Exception]]
        self._settled = asyncio.get_running_loop().create_future()
        self._weigh(message_bytes, 0)
        edge.metrics.read_bytes.inc(message_bytes)

    @classmethod
    async def offer(cls, edge: Edge, account: Account, message: bytes) -> "InFlight":
        """Decodes, judges and queues a message. Raises what ends its call."""
        if len(message) > edge.bounds.max_message_bytes:
            raise MessageTooLarge(len(message), edge.bounds.max_message_bytes)
        edge.rate.check(account.app_id)
        batch = cls(edge, account, len(message))
        try:
            await batch._begin_decoding(len(message))
            pending = await edge.intake.prepare(message, account.app_id, batch._settle)
            batch._weigh(pending.weight, pending.weight)
            edge.metrics.read_events.inc(pending.events)
            edge.group_commit.offer(pending)
            edge.rate.spend(account.app_id, pending.events)
        except BaseException:
            batch._give_back()
            raise
        return batch

    async def ack(self, detail: Detail) -> bytes:
        """The serialised ack, once the batch is committed. Raises what it was not committed for."""
        pending, result = await asyncio.shield(self._settled)
        if isinstance(result, Exception):
            raise result
        return build_ack(pending.batch_id, pending.submission, result, detail).SerializeToString()

    def release(self) -> None:
        """Gives back what it takes: at once if it is settled, else as soon as it is."""
        if self._settled.done():
            self._give_back()
        else:
            self._settled.add_done_callback(lambda _: self._give_back())

    def _settle(self, pending: Pending, result: Outcome | Exception) -> None:
        if isinstance(result, Outcome):
            self._count(pending, result)
        self._settled.set_result((pending, result))

    async def _begin_decoding(self, message_bytes: int) -> None:
        """Waits until there is room for the most that it may weigh."""
        weight = weigh_undecoded(message_bytes, self._edge.bounds.max_events_per_batch)
        await self._edge.budget.decode(self._account, weight - self._weight, weight)
        self._weight = self._decoded = weight

    def _weigh(self, weight: int, decoded: int) -> None:
        """So much it takes from now on."""
        self._edge.budget.charge(self._account, weight - self._weight, decoded - self._decoded)
        self._weight, self._decoded = weight, decoded
        self._edge.metrics.in_flight_bytes.set(self._edge.budget.used)

    def _give_back(self) -> None:
        self._weigh(0, 0)

    def _count(self, pending: Pending, outcome: Outcome) -> None:
        metrics, seconds = self._edge.metrics, monotonic() - self._read_at
        metrics.committed_batches.inc()
        metrics.ack_seconds.observe(seconds)
        for verdict in Verdict:
            if count := outcome.counts[verdict]:
                metrics.committed_events.labels(verdict.name.lower()).inc(count)
        for rejection in outcome.rejections:
            metrics.rejected_events.labels(rejection.code).inc()
        _log.debug(
            "batch_committed",
            app=pending.app_id,
            batch=pending.batch_id,
            received=pending.events,
            last_seq=outcome.last_seq,
            seconds=round(seconds, 6),
        )
        self._edge.activity[0].committed(pending.submission, pending.size, outcome, seconds)
