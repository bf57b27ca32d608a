"""How many events a second are judged, deduplicated and durably stored: `lvd bench ingest`."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from benchmarks.checks import check_tables
from benchmarks.copy_rates import ReadyRows, indexed_rate, ready_rows, unindexed_rate
from benchmarks.database import bench_database, bench_engine
from benchmarks.errors import BenchFailed
from benchmarks.events import PLAN, DraftMaker
from benchmarks.figures import merged, percentile, rates_by_stored, rounded
from benchmarks.history import seeded_tenant, write_history
from benchmarks.sending.feeder import Diet, Feeder
from benchmarks.sending.fleet import Fleet, fleet
from benchmarks.sending.job import Job, Repeats, Report, StreamJob, Times
from benchmarks.sending.templates import make_templates
from benchmarks.servers import IngestServers, ingest_servers
from benchmarks.surroundings import surroundings
from benchmarks.tenants import Tenant, new_tenants
from benchmarks.usage import Used, Watch, postgres_processes
from ingest_server.settings import IngestSettings
from livevalidation.options import VerdictDetail
from storage.settings import read_settings
from tracking_plan.compiled import CompiledPlan, compile_plan
from tracking_plan.formats.native import plan_from_document

#: Distinct events that each client makes beforehand, and their bytes.
_POOL_EVENTS = 200_000
_POOL_BYTES = 128 << 20
#: Rows of the COPYs that the rate is held against, and their bytes.
_COPY_ROWS = 300_000
_COPY_BYTES = 256 << 20
#: Batches per stream before the clock starts: one opens the stream and loads the plan; where events are
#: sent again, there must be some to choose from.
_WARM_UP, _WARM_UP_FOR_DUPLICATES = 1, 20
#: Rates are told for every so many events.
_RATE_STEP = 1_000_000

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class IngestCase:
    """What is sent, and to what."""

    events: int
    batch_size: int = 500
    apps: int = 1
    streams: int = 4
    unacked: int = 20
    payload_bytes: int = 140
    #: 0 … 1
    duplicates: float = 0.0
    repeats: Repeats = Repeats.RECENT
    #: Rows that are stored on the days before today, for Repeats.HISTORY.
    history_rows: int = 1_000_000
    history_days: int = 20
    times: Times = Times.NOW
    verdicts: VerdictDetail = "problems"
    clients: int = 1
    servers: int = 1
    seed: int = 1
    #: The whole run must be over by then.
    max_seconds: int = 3_600

    def check(self) -> None:
        """Raises BenchFailed where the parts do not go together."""
        if self.streams < max(self.apps, self.clients):
            raise BenchFailed(
                f"{self.streams} streams do not reach {self.apps} apps from {self.clients} clients, as a "
                f"stream belongs to one of each: give at least {max(self.apps, self.clients)}"
            )
        if self.from_history and self.apps > 1:
            raise BenchFailed(
                "Events of history are sent again to the one app that has it: leave --apps at 1"
            )

    @property
    def from_history(self) -> bool:
        """Whether stored rows are needed before the run."""
        return self.duplicates > 0 and self.repeats is Repeats.HISTORY

    @property
    def batches_by_stream(self) -> list[int]:
        """How many batches each stream sends after the start."""
        batches = -(-self.events // self.batch_size)
        return [batches // self.streams + (stream < batches % self.streams) for stream in range(self.streams)]

    @property
    def templates(self) -> int:
        """Distinct batches that each client makes."""
        events = min(_POOL_EVENTS, _POOL_BYTES // self.payload_bytes, self.events)
        return max(1, events // self.batch_size)

    def warm_up(self, batches: int) -> int:
        """Batches that a stream sends before the start."""
        if self.duplicates >= 1:
            return batches
        return _WARM_UP_FOR_DUPLICATES if self.duplicates else _WARM_UP


def run(case: IngestCase, database_url: str | None, data_dir: Path | None, say: Say) -> dict[str, Any]:
    """The whole benchmark; its figures as JSON. Raises BenchFailed, StorageError."""
    case.check()
    with bench_database(database_url, data_dir) as database, bench_engine(database.url) as engine:
        document: dict[str, Any] = {
            "benchmark": "ingest",
            "surroundings": surroundings(engine, case.seed),
            "case": asdict(case),
            "ingest_settings": read_settings(IngestSettings).model_dump(mode="json"),
        }
        say("making rows for the COPYs")
        rows = _ready_rows(case)
        before = _copy_rates(engine, rows, say)
        with _tenants(case, engine, say) as (tenants, history):
            sent = _send(case, engine, database.url, tenants, history, say)
        after = _copy_rates(engine, rows, say)
        return {**document, **sent, **_ratios(sent["events_per_second"], before, after)}


@contextmanager
def _tenants(case: IngestCase, engine: Engine, say: Say) -> Iterator[tuple[list[Tenant], str]]:
    """Apps, and a file of stored events to send again ("": none)."""
    if not case.from_history:
        yield new_tenants(engine, case.apps), ""
        return
    say(f"storing {case.history_rows:,} rows on the {case.history_days} days before today")
    tenant = seeded_tenant(engine, case.history_rows, case.history_days)
    with TemporaryDirectory(prefix="lvd-bench-") as folder:
        path = Path(folder) / "history"
        write_history(engine, tenant.app_id, case.history_rows, path, case.seed)
        yield [tenant], str(path)


def _ready_rows(case: IngestCase) -> ReadyRows:
    size = case.payload_bytes + 160
    rows = min(case.events, _COPY_ROWS, _COPY_BYTES // size)
    per_copy = min(read_settings(IngestSettings).group_events, max(1, (8 << 20) // size))
    plan = _plan()
    templates = make_templates(DraftMaker(case.seed, case.payload_bytes), case.seed, iter([1_000] * 20))
    numbers = count()
    diet = Diet(templates, Times.NOW, 0.0, case.repeats, (), lambda: next(numbers), time.time)
    feeder = Feeder(diet, case.seed)
    return ready_rows(_wires(feeder), plan, rows, per_copy)


def _wires(feeder: Feeder) -> Iterator[bytes]:
    while True:
        yield feeder.fresh().wire


def _plan() -> CompiledPlan:
    return compile_plan(plan_from_document(PLAN), 1)


def _copy_rates(engine: Engine, rows: ReadyRows, say: Say) -> dict[str, float]:
    say(f"COPY of {rows.rows:,} rows over one connection, without and with indexes")
    return {"unindexed": unindexed_rate(engine, rows), "indexed": indexed_rate(engine, rows)}


def _ratios(rate: float, before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in ("unindexed", "indexed"):
        mean = fmean((before[kind], after[kind]))
        figures |= {
            f"{kind}_copy_per_second": rounded(mean),
            f"{kind}_copy_per_second_before": rounded(before[kind]),
            f"{kind}_copy_per_second_after": rounded(after[kind]),
            f"ratio_to_{kind}_copy": rounded(rate / mean),
        }
    return figures


def _send(  # noqa: PLR0913, PLR0917 - what a run is made of
    case: IngestCase, engine: Engine, url: str, tenants: Sequence[Tenant], history: str, say: Say
) -> dict[str, Any]:
    stored_before = check_tables(engine)
    with ingest_servers(url, case.servers) as servers:
        say("clients make their batches and warm up")
        with (
            fleet(jobs(case, servers.address, tenants, history=history)) as clients,
            _watch(clients, servers, engine) as watch,
        ):
            say(f"sending {case.events:,} events")
            reports = clients.send(case.max_seconds)
    say("checking what was stored")
    stored = check_tables(engine)
    return {**figures(case, reports, watch.used), **totals(reports, stored - stored_before)}


def jobs(
    case: IngestCase,
    address: str,
    tenants: Sequence[Tenant],
    *,
    history: str = "",
    rate: float | None = None,
    **burst: float,
) -> list[Job]:
    """A job for each client; streams take turns among apps and clients."""
    streams = [
        StreamJob(tenants[stream % len(tenants)].key, case.warm_up(batches), batches)
        for stream, batches in enumerate(case.batches_by_stream)
    ]
    return [
        Job(
            target=address,
            streams=tuple(streams[number :: case.clients]),
            batch_size=case.batch_size,
            payload_bytes=case.payload_bytes,
            unacked=case.unacked,
            verdicts=case.verdicts,
            times=case.times,
            duplicates=case.duplicates,
            repeats=case.repeats,
            history=history,
            templates=case.templates,
            seed=case.seed + number,
            number=number,
            rate=None if rate is None else rate / case.clients,
            **burst,
        )
        for number in range(case.clients)
    ]


def _watch(clients: Fleet, servers: IngestServers, engine: Engine) -> Watch:
    groups = {
        "client": clients.processes,
        "ingest": servers.processes,
        "postgres": postgres_processes(engine),
    }
    return Watch({name: group for name, group in groups.items() if group})


def figures(case: IngestCase, reports: Sequence[Report], used: Mapping[str, Used]) -> dict[str, Any]:
    """Rates, times and what they cost, from the start on."""
    acks = [seconds for report in reports for seconds in report.ack_seconds]
    acked = sum(sum(report.acked_by_second.values()) for report in reports)
    seconds = max(report.ended for report in reports) - min(report.started for report in reports)
    by_second = merged(report.acked_by_second for report in reports)
    return {
        "events": acked,
        "seconds": rounded(seconds),
        "events_per_second": rounded(acked / seconds),
        "ack_p50_ms": rounded(percentile(acks, 0.5) * 1000),
        "ack_p99_ms": rounded(percentile(acks, 0.99) * 1000),
        "cpu_us_per_event": {name: rounded(use.cpu_seconds / acked * 1e6) for name, use in used.items()},
        "cores_used": {name: rounded(use.cpu_seconds / seconds) for name, use in used.items()},
        "peak_rss_mb": {name: rounded(use.peak_rss / 1e6) for name, use in used.items()},
        "idle_rss_mb": {name: rounded(use.first_rss / 1e6) for name, use in used.items()},
        "rates": rates_by_stored(by_second, min(_RATE_STEP, case.events)),
        "retries": sum(report.retries for report in reports),
    }


def totals(reports: Sequence[Report], stored: int) -> dict[str, int]:
    """Events in all, warm-up included. Raises BenchFailed where one is missing."""
    received, duplicate, rejected, invalid = (
        sum(sum(getattr(report, what)) for report in reports)
        for what in ("received", "duplicate", "rejected", "invalid")
    )
    if stored + duplicate + rejected != received:
        raise BenchFailed(
            f"{received} events were acked, but {stored} are stored, {duplicate} were called duplicates and "
            f"{rejected} rejected: {received - stored - duplicate - rejected} are missing"
        )
    return {
        "acked": received,
        "stored": stored,
        "duplicate": duplicate,
        "rejected": rejected,
        "invalid": invalid,
    }
