"""Puts the ingest server together, starts it, and stops it without losing what it has read."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread
from typing import TypeVar
from uuid import uuid4

import grpc.aio
import structlog
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from ingest_server.activity import Activity
from ingest_server.auth import Authenticator, KeyRing
from ingest_server.background import Chore, Chores, DaemonPool
from ingest_server.budget import Budget, Shares
from ingest_server.exposition import Exposition
from ingest_server.group_commit import Crew, GroupBounds, GroupCommit, Hooks
from ingest_server.health import Health
from ingest_server.heartbeat import Gauges, heartbeat_document
from ingest_server.in_flight import CallBounds, Edge
from ingest_server.intake import Intake, Pools
from ingest_server.maintenance import maintain
from ingest_server.metrics import Metrics
from ingest_server.outage import Outage
from ingest_server.places import Places
from ingest_server.plans import PlanCache
from ingest_server.rate import RateLimit
from ingest_server.servicer import SERVICE, IngestServicer
from ingest_server.settings import IngestSettings
from ingest_server.tls import server_credentials
from storage import migrate
from storage.clock import ALARM_SECONDS, arrivals_ahead, seconds_ahead
from storage.database import create_engine
from storage.errors import Unavailable
from storage.heartbeats import HeartbeatStore
from storage.keys import KEYS_CHANNEL, KeyStore
from storage.listen import Listener, Notice
from storage.memory import Memory
from storage.niceness import backends_come_first
from storage.plans import PLANS_CHANNEL, PlanStore
from storage.room import prove_room
from storage.settings import StorageSettings
from storage.writer import Writer

T = TypeVar("T")

_log = structlog.get_logger(__name__)

#: Connections beside the writers': that of light apps, key and plan reads, chores, partitions, the listener.
_OTHER_CONNECTIONS = 9
_THREADS = 4
#: More would only take turns: decoding does not free the interpreter's lock.
_DECODE_THREADS = 2
_MILLISECOND = timedelta(milliseconds=1)
#: A call that was told to end gets so long to send its last bytes, in seconds.
_STOP_GRACE = 1.0


class StartError(Exception):
    """The server cannot start; the message says why and how to mend it."""


def channel_options(settings: IngestSettings) -> list[tuple[str, int]]:
    """gRPC's own bounds. Times are in milliseconds."""
    return [
        ("grpc.so_reuseport", int(settings.reuse_port)),
        # Twice the limit: what is just too large is refused by us, behind the acks of what came before.
        ("grpc.max_receive_message_length", 2 * settings.max_message_bytes),
        ("grpc.max_concurrent_streams", settings.max_streams_per_connection),
        # With it windows grow with the producer's speed: 10 streams of a slow server took 2.7 GB.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.max_metadata_size", 16 * 1024),
        # Finds producers that vanished, and lets those behind proxies ping us.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
        ("grpc.server_handshake_timeout_ms", settings.handshake_timeout // _MILLISECOND),
    ]


class IngestServer:
    """One ingest server on the running event loop: `start`, then `drain`, once each."""

    def __init__(self, settings: IngestSettings, storage: StorageSettings, database_url: str) -> None:
        self.settings = settings
        self.metrics = Metrics()
        #: host:port that is served, known after start.
        self.address = settings.address
        self._retention = storage.retention
        self._engine = create_engine(
            database_url,
            pool_size=settings.writers + _OTHER_CONNECTIONS,
            application_name="lvd ingest",
        )
        backends_come_first(self._engine)
        self._loop = asyncio.get_running_loop()
        self._calls_pool = DaemonPool(_THREADS, "calls")
        self._decode_pool = ThreadPoolExecutor(_DECODE_THREADS, "decode")
        self._health = Health(SERVICE)
        self._ring = KeyRing(KeyStore(self._engine).active)
        self._plans = PlanCache(PlanStore(self._engine).in_force)
        self._outage = Outage(self._prove_database, self._database_changed)
        self._heartbeats = HeartbeatStore(self._engine)
        self._server_id, self._started_at = uuid4(), datetime.now(UTC)
        pools = Pools(self._calls_pool, self._decode_pool)
        self._intake = Intake(self._plans, settings.decode_limits, settings.inline_bytes, pools)
        memory = Memory()
        self._group_commit = GroupCommit(
            Crew(
                [Writer(self._engine, storage.limits, memory) for _ in range(settings.writers)],
                Writer(self._engine, storage.limits, memory),
            ),
            GroupBounds(settings.group_events, settings.group_bytes, settings.linger_ms / 1_000),
            self._outage,
            Hooks(self._intake.rejudge, self._loop.call_soon_threadsafe),
            self.metrics,
        )
        self._edge = self._make_edge()
        self._servicer = IngestServicer(self._edge, Places(settings.places))
        self._drained = False
        self._chores = Chores(self._all_chores())
        self._listener = Listener(self._engine, (PLANS_CHANNEL, KEYS_CHANNEL), self._hear)
        self._grpc = grpc.aio.server(options=channel_options(settings))
        #: Metrics and health over HTTP, if a place was set for them.
        self.exposition: Exposition | None = None

    async def start(self) -> None:
        """Serves; a database that is away is waited for, with readiness NOT_SERVING. Raises StartError."""
        self._bind()
        self._expose()
        if not await self._in_thread(self._schema_is_there):
            self._outage.close()
            Thread(target=self._outage.wait_for_return, name="outage", daemon=True).start()
        self._health.live()
        self._health.ready(ready=self._outage.available)
        self.metrics.database_available.set(self._outage.available)
        self._group_commit.start()
        self._listener.start()
        self._chores.start()
        await self._grpc.start()
        if self.exposition is not None:
            self.exposition.start()
        _log.info("serving", address=self.address, server=str(self._server_id))

    async def drain(self) -> None:
        """Stops: reads no more, commits and acks what was read, then closes. Within the drain timeout.

        Again it does nothing.
        """
        if self._drained:
            return
        self._drained = True
        seconds = self.settings.drain_timeout.total_seconds()
        ends_at = self._loop.time() + seconds
        self._health.stopping()
        await self._servicer.drain(seconds)
        # Each in a thread of its own kind: those for questions may all hang in the database.
        await asyncio.to_thread(self._group_commit.close, max(1.0, ends_at - self._loop.time()))
        await self._grpc.stop(_STOP_GRACE)
        await asyncio.to_thread(self._chores.stop, _STOP_GRACE)
        await asyncio.to_thread(self._listener.stop, _STOP_GRACE)
        if self.exposition is not None:
            await asyncio.to_thread(self.exposition.stop)
        self._decode_pool.shutdown(cancel_futures=True)
        await asyncio.to_thread(self._calls_pool.stop, _STOP_GRACE)
        self._engine.dispose()
        _log.info("stopped", address=self.address)

    def _make_edge(self) -> Edge:
        settings = self.settings
        shares = Shares(settings.process_bytes, settings.app_bytes, settings.stream_bytes)
        return Edge(
            ring=self._ring,
            authenticator=Authenticator(self._ring, self._calls_pool),
            intake=self._intake,
            group_commit=self._group_commit,
            budget=Budget(shares),
            rate=RateLimit(settings.app_events_per_second, settings.app_burst.total_seconds()),
            bounds=CallBounds(
                settings.max_unread_acks,
                settings.ack_timeout.total_seconds(),
                settings.max_message_bytes,
                settings.max_events_per_batch,
            ),
            metrics=self.metrics,
        )

    def _bind(self) -> None:
        self._grpc.add_generic_rpc_handlers((self._servicer.handlers(), self._health.handlers()))
        if self.settings.reflection:
            names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._grpc)
        address, tls = self.settings.address, self.settings.tls
        try:
            if tls is None:
                port = self._grpc.add_insecure_port(address)
            else:
                port = self._grpc.add_secure_port(address, server_credentials(tls))
        except RuntimeError:
            raise StartError(
                f"{address} cannot be served: the port is taken, or the address is not this"
                " machine's. Set another one by LVD_INGEST_ADDRESS"
            ) from None
        self.address = f"{address.rpartition(':')[0]}:{port}"

    def _expose(self) -> None:
        address = self.settings.metrics_address
        if address is None:
            return
        try:
            self.exposition = Exposition(address, self.metrics.registry, self._takes_events)
        except OSError as error:
            raise StartError(
                f"Metrics cannot be served at {address} ({error.strerror}): set another address by"
                " LVD_INGEST_METRICS_ADDRESS"
            ) from None

    def _takes_events(self) -> bool:
        return self._outage.available and not self._drained

    def _schema_is_there(self) -> bool:
        """False: the database is away, so nobody knows. Raises StartError."""
        try:
            self._check_schema()
        except Unavailable as error:
            _log.warning("database_away_at_start", why=str(error))
            return False
        return True

    def _check_schema(self) -> None:
        """Raises StartError, Unavailable."""
        status = migrate.status(self._engine)
        if not status.is_usable:
            raise StartError(
                f"The database's schema is at {status.current or 'nothing'}, this server needs"
                f" {status.head}: run `lvd db upgrade`"
            )

    def _all_chores(self) -> tuple[Chore, ...]:
        settings = self.settings
        return (
            Chore("keys", settings.key_refresh.total_seconds(), self._refresh_keys),
            Chore("heartbeat", settings.heartbeat.total_seconds(), self._beat),
            Chore(
                "maintenance",
                settings.maintenance.total_seconds(),
                lambda: maintain(self._engine, self._retention),
            ),
        )

    def _refresh_keys(self) -> None:
        self._ring.refresh()
        self._loop.call_soon_threadsafe(self._servicer.end_revoked)

    def _prove_database(self) -> None:
        """Whether events can be judged and stored; by it the intake opens again."""
        # The server may have started while nobody could ask.
        self._check_schema()
        self._ring.refresh()
        prove_room(self._engine)

    def _hear(self, notice: Notice) -> None:
        if notice.channel in (None, KEYS_CHANNEL):
            self._refresh_keys()
        self._plans.hear(notice)

    def _database_changed(self, available: bool) -> None:
        self.metrics.database_available.set(available)
        self._loop.call_soon_threadsafe(partial(self._health.ready, ready=available))

    def _beat(self) -> None:
        activity = asyncio.run_coroutine_threadsafe(self._next_activity(), self._loop).result(_STOP_GRACE)
        document = heartbeat_document(self.address, os.getpid(), activity, self._gauges())
        self._watch_clock()
        self._heartbeats.beat(self._server_id, self._started_at, document)

    def _watch_clock(self) -> None:
        ahead = arrivals_ahead(self._engine)
        self.metrics.arrival_ahead_seconds.set(max(ahead.values(), default=0.0))
        if ahead:
            _log.warning("arrivals_ahead_of_clock", seconds_by_app=ahead)
        differs = seconds_ahead(self._engine, lambda: datetime.now(UTC))
        self.metrics.clock_ahead_seconds.set(differs)
        if abs(differs) > ALARM_SECONDS:
            _log.warning("clock_differs_from_the_databases", seconds_ahead=round(differs))

    async def _next_activity(self) -> Activity:
        """The counts since the last heartbeat; taken on the loop, which adds to them."""
        activity, self._edge.activity[0] = self._edge.activity[0], Activity()
        return activity

    def _gauges(self) -> Gauges:
        return Gauges(
            open_calls=self._servicer.open_calls,
            queued_events=self._group_commit.queued_events,
            in_flight_bytes=self._edge.budget.used,
            database_available=self._outage.available,
            retention_days=self._retention.days,
            plan_versions=self._plans.versions(),
        )

    async def _in_thread(self, blocks: Callable[[], T]) -> T:
        return await self._loop.run_in_executor(self._calls_pool, blocks)
