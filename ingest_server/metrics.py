"""All metrics of the ingest server: name, kind, unit and meaning in one place."""

from collections.abc import Iterable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector

from ingest_server.status import REASONS, STATUSES
from storage.reasons import Reason
from tracking_plan.verdict import Verdict

#: From a commit on a fast disk to the lock timeout. In seconds.
_COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_GROUP_BUCKETS = (1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000)


class GroupError(StrEnum):
    """Whose fault it is that a transaction failed: the database's or ours."""

    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class OfferedAgain(StrEnum):
    """Why a transaction did not take a batch: another writer held the app, or the plan changed."""

    BUSY = "busy"
    REPLANNED = "replanned"


class Metrics:
    """The metrics of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        # Memory, CPU time, descriptors and the garbage collector, under the names that all processes have.
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self.read_bytes = Counter(
            "lvd_ingest_read_bytes", "Bytes of messages that were read", registry=registry
        )
        self.read_events = Counter(
            "lvd_ingest_read_events", "Events in messages that were read", registry=registry
        )
        self.committed_batches = Counter(
            "lvd_ingest_committed_batches", "Batches that were committed", registry=registry
        )
        self.committed_events = self._counter(
            "lvd_ingest_committed_events",
            "Events that were committed, by verdict",
            "verdict",
            (verdict.name.lower() for verdict in Verdict),
        )
        self.rejected_events = self._counter(
            "lvd_ingest_rejected_events", "Rejected events, by reason", "reason", Reason
        )
        self.ended_calls = self._counter(
            "lvd_ingest_ended_calls", "Calls that ended, by gRPC status", "status", STATUSES
        )
        self.refused_calls = self._counter(
            "lvd_ingest_refused_calls",
            "Calls that the server ended with an error, by reason: each limit has its own",
            "reason",
            REASONS,
        )
        self.offered_again = self._counter(
            "lvd_ingest_offered_again_batches",
            "Batches that a transaction did not take, by reason (busy: another writer held the app;"
            " replanned: the plan changed)",
            "reason",
            OfferedAgain,
        )
        self.failed_groups = self._counter(
            "lvd_ingest_failed_groups", "Transactions that failed, by error", "error", GroupError
        )
        self.open_calls = Gauge("lvd_ingest_open_calls", "Calls that are open now", registry=registry)
        self.in_flight_bytes = Gauge(
            "lvd_ingest_in_flight_bytes",
            "Estimated memory of batches that were read and are not acked, in bytes",
            registry=registry,
        )
        self.queued_events = Gauge(
            "lvd_ingest_queued_events", "Events that wait for a writer", registry=registry
        )
        self.database_available = Gauge(
            "lvd_ingest_database_available", "1 while the database takes writes, else 0", registry=registry
        )
        self.arrival_ahead_seconds = Gauge(
            "lvd_ingest_arrival_ahead_seconds",
            "How far the last arrival of any app lies ahead of the database's clock, in seconds; 0 below a"
            " minute",
            registry=registry,
        )
        self.clock_ahead_seconds = Gauge(
            "lvd_ingest_clock_ahead_seconds",
            "How far this server's clock lies ahead of the database's, in seconds; below 0: behind it",
            registry=registry,
        )
        self.commit_seconds = Histogram(
            "lvd_ingest_commit_seconds",
            "Time of one transaction, from its first lock to COMMIT, in seconds",
            buckets=_COMMIT_BUCKETS,
            registry=registry,
        )
        self.ack_seconds = Histogram(
            "lvd_ingest_ack_seconds",
            "Time from a batch read to its ack, in seconds",
            buckets=_COMMIT_BUCKETS,
            registry=registry,
        )
        self.group_events = Histogram(
            "lvd_ingest_group_events",
            "Events of one transaction",
            buckets=_GROUP_BUCKETS,
            registry=registry,
        )

    def _counter(self, name: str, meaning: str, label: str, values: Iterable[str]) -> Counter:
        """At 0 for every value: rate() does not see the first of what appears only when it happens."""
        counter = Counter(name, meaning, [label], registry=self.registry)
        for value in values:
            counter.labels(value)
        return counter
