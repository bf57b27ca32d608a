"""An open loop: events come at a rate of their own while viewers look: `lvd bench load`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Engine

from benchmarks.beside import repeating
from benchmarks.checks import check_tables
from benchmarks.database import bench_database, bench_engine
from benchmarks.errors import BenchFailed
from benchmarks.figures import percentile, rounded
from benchmarks.freshness import freshness
from benchmarks.ingest import IngestCase, Say, figures, jobs, totals
from benchmarks.read import ReadCase, stored_rows
from benchmarks.sending.fleet import fleet
from benchmarks.sending.job import Report
from benchmarks.servers import Dashboard, IngestServers, dashboard, ingest_servers
from benchmarks.surroundings import surroundings
from benchmarks.tenants import Tenant, new_tenants
from benchmarks.usage import Watch, postgres_processes
from benchmarks.viewing.asking import export
from benchmarks.viewing.fleet import viewers
from benchmarks.viewing.job import ViewJob, ViewReport
from dashboard.settings import DashboardSettings
from ingest_server.settings import IngestSettings
from storage.settings import read_settings

#: A producer sends what came within so many seconds as one batch, up to _LARGEST_BATCH events.
_BATCH_SECONDS = 0.05
_LARGEST_BATCH = 500
_STREAMS = 4
#: An open loop does not wait for acks; the server itself bounds what it reads ahead.
_UNACKED = 100_000
#: Viewers look a little longer than events come, so that they see the last ones.
_MORE_SECONDS = 3.0
#: Acks are told by so many seconds, to see a burst and what comes after it.
_INTERVAL = 5


@dataclass(frozen=True, slots=True)
class LoadCase:
    """What is offered, and who looks."""

    per_minute: int
    seconds: int = 60
    viewers: int = 10
    #: For so many seconds from the start so many times the rate is offered.
    burst_seconds: int = 0
    burst_factor: float = 1.0
    servers: int = 1
    #: If any, the load is offered twice: alone first, then beside the viewers and exports of an app with so
    #: many rows, one after the other.
    export_rows: int = 0
    payload_bytes: int = 140
    seed: int = 1

    @property
    def rate(self) -> float:
        """Events per second, without the burst."""
        return self.per_minute / 60

    @property
    def ingest(self) -> IngestCase:
        """The same as the senders take it."""
        extra = min(self.burst_seconds, self.seconds) * (self.burst_factor - 1)
        return IngestCase(
            events=max(1, round(self.rate * (self.seconds + extra))),
            batch_size=min(_LARGEST_BATCH, max(1, round(self.rate * _BATCH_SECONDS))),
            streams=_STREAMS,
            unacked=_UNACKED,
            payload_bytes=self.payload_bytes,
            servers=self.servers,
            seed=self.seed,
        )


def run(case: LoadCase, say: Say) -> dict[str, Any]:
    """The whole benchmark; its figures as JSON. Raises BenchFailed, StorageError."""
    with bench_database(None) as database, bench_engine(database.url) as engine:
        document: dict[str, Any] = {
            "benchmark": "load",
            "surroundings": surroundings(engine, case.seed),
            "case": {**asdict(case), "batch_size": case.ingest.batch_size},
            "ingest_settings": read_settings(IngestSettings).model_dump(mode="json"),
            "dashboard_settings": read_settings(DashboardSettings).model_dump(mode="json"),
        }
        (tenant,) = new_tenants(engine, 1)
        with ingest_servers(database.url, case.servers) as servers, dashboard(database.url) as page:
            if not case.export_rows:
                return document | offer(case, engine, tenant, servers, page, say)
            return document | _beside_exports(case, engine, tenant, servers, page, say)


def _beside_exports(  # noqa: PLR0913, PLR0917 - what a run is made of
    case: LoadCase, engine: Engine, tenant: Tenant, servers: IngestServers, page: Dashboard, say: Say
) -> dict[str, Any]:
    exported = stored_rows(ReadCase(case.export_rows, 1, seed=case.seed), engine, say)
    alone = offer(replace(case, viewers=0), engine, tenant, servers, page, say)
    say(f"again, beside exports of {exported.rows:,} rows")
    sizes: list[int] = []
    with repeating(lambda: sizes.append(export(page, exported.app_id))):
        beside = offer(case, engine, tenant, servers, page, say)
    return {
        **beside,
        "alone": {name: alone[name] for name in ("events_per_second", "ack_p50_ms", "ack_p99_ms")},
        "ack_p99_times_alone": rounded(beside["ack_p99_ms"] / alone["ack_p99_ms"]),
        # The last of them ends behind the load.
        "exports": len(sizes),
        "exported_mb": rounded(sum(sizes) / 1e6),
    }


def offer(  # noqa: PLR0913, PLR0917 - what a run is made of
    case: LoadCase, engine: Engine, tenant: Tenant, servers: IngestServers, page: Dashboard, say: Say
) -> dict[str, Any]:
    """Offers the load to servers that run; what came of it."""
    stored_before = check_tables(engine)
    asked = jobs(
        case.ingest,
        servers.address,
        [tenant],
        rate=case.rate,
        burst_seconds=float(case.burst_seconds),
        burst_factor=case.burst_factor,
    )
    look = ViewJob(
        page.host,
        page.port,
        tenant.app_id,
        case.viewers,
        case.seconds + _MORE_SECONDS,
        read_settings(DashboardSettings).tick_seconds,
        "1h",
    )
    with fleet(asked) as clients, viewers(look) as lookers:
        groups = {
            "client": clients.processes,
            "viewers": [lookers.process],
            "ingest": servers.processes,
            "dashboard": [page.process],
            "postgres": postgres_processes(engine),
        }
        say(f"{case.per_minute:,} events a minute for {case.seconds} s, {case.viewers} viewers")
        with Watch({name: group for name, group in groups.items() if group}) as watch:
            reports = clients.send(10 * case.seconds + 600.0)
            seen = lookers.report()
    stored = check_tables(engine)
    return {
        **figures(case.ingest, reports, watch.used),
        **(_seen(reports, seen) if case.viewers else {}),
        "offered_per_minute": case.per_minute,
        **totals(reports, stored - stored_before),
        "acks": _by_interval(reports),
    }


def _seen(reports: Sequence[Report], seen: ViewReport) -> dict[str, Any]:
    sent = [pair for report in reports for pair in zip(report.sent_at, report.last_seq, strict=True)]
    ages = [age for viewer in seen.seen for age in freshness(sent, viewer)]
    if not ages or not seen.answer_seconds:
        raise BenchFailed(f"The viewers saw no event: {seen.first_error or 'they had no answer in time'}")
    return {
        "freshness_p50_ms": rounded(percentile(ages, 0.5) * 1000),
        "freshness_p95_ms": rounded(percentile(ages, 0.95) * 1000),
        "feed_answers": len(seen.answer_seconds),
        "feed_seconds": rounded(seen.seconds),
        "feed_answer_bytes_p50": percentile(seen.answer_bytes, 0.5),
        "feed_answer_bytes_max": max(seen.answer_bytes),
        "feed_p95_ms": rounded(percentile(seen.answer_seconds, 0.95) * 1000),
        "viewer_errors": seen.errors,
        "first_viewer_error": seen.first_error or None,
    }


def _by_interval(reports: Sequence[Report]) -> list[dict[str, float]]:
    """p99 of acks by the interval in which their batch was to be sent."""
    start = min(report.started for report in reports)
    taken: dict[int, list[float]] = {}
    for report in reports:
        for at, seconds in zip(report.sent_at, report.ack_seconds, strict=True):
            taken.setdefault(int((at - start) // _INTERVAL), []).append(seconds)
    return [
        {
            "from_second": interval * _INTERVAL,
            "batches": len(taken[interval]),
            "ack_p99_ms": rounded(percentile(taken[interval], 0.99) * 1000),
        }
        for interval in sorted(taken)
    ]
