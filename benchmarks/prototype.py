"""The prototype's own table, before and after, over the same rows in one run: `lvd bench prototype`."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
from sqlalchemy import Engine

from benchmarks import browser_figures, prototype_ways
from benchmarks.browser import open_browser
from benchmarks.browser_figures import WATCH_GRID
from benchmarks.dashboard import RANGE, counted_statements, view_job
from benchmarks.database import BenchDatabase, bench_database, bench_engine
from benchmarks.figures import percentile, rounded
from benchmarks.load import LoadCase, offer
from benchmarks.processes import started
from benchmarks.read import PAGE_ROWS, ReadCase, Stored, median_ms, stored_rows, timed
from benchmarks.servers import Dashboard, dashboard, ingest_servers
from benchmarks.statements import LOG_EVERY_STATEMENT, asks_for_stats
from benchmarks.surroundings import surroundings
from benchmarks.tenants import new_tenants
from benchmarks.usage import Watch
from dashboard.cache import Cache
from dashboard.cached_reader import CachedReader
from dashboard.health import Health
from dashboard.settings import DashboardSettings
from dashboard.time_ranges import TimeRange
from storage.database import create_engine
from storage.readers import Filters, PageQuery, Reader, RowNumber
from storage.settings import read_settings

Say = Callable[[str], None]
Row = dict[str, Any]

#: What the prototype's authors promised of their next version.
PROMISED = {
    "stats_ms": "1",
    "stats_queries_per_minute": "1",
    "messages_per_second": "10-20",
    "page_100_ms": "5",
    "rows_10k_in_dom_ms": "50",
    "memory_of_stats_mb": "50",
}

_CALLS = 100
_PAGE = 100
_DOM_ROWS = 10_000
_BUSY_PER_MINUTE = 60_000
_BUSY_SECONDS = 15
_MEMORY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class PrototypeCase:
    """What is stored, and who looks."""

    rows: int = 1_000_000
    viewers: int = 20
    #: For what is counted over time.
    seconds: int = 60
    browser: bool = True
    seed: int = 1


def run(case: PrototypeCase, say: Say) -> dict[str, Any]:
    """The whole benchmark; its figures as JSON. Raises BenchFailed, StorageError."""
    with (
        bench_database(None, overrides=LOG_EVERY_STATEMENT) as database,
        bench_engine(database.url) as engine,
    ):
        document: dict[str, Any] = {
            "benchmark": "prototype",
            "surroundings": surroundings(engine, case.seed),
            "case": {**asdict(case), "statements_counted_by": "the server's log"},
        }
        stored = stored_rows(ReadCase(case.rows, 10, seed=case.seed), engine, say)
        rows: dict[str, Row] = {}
        say("statistics: every row into Python, against the dashboard's")
        rows["stats_ms"] = _stats(engine, stored)
        rows["memory_of_stats_mb"] = _memory(database, stored)
        say("page 100: OFFSET, against a jump")
        rows["page_100_ms"] = _page_100(engine, stored)
        with dashboard(database.url) as page:
            say(f"{case.viewers} viewers for {case.seconds} s: statistics for each, against the dashboard's")
            rows["stats_queries_per_minute"] = _stats_queries(case, database, page, stored)
            rows["messages_per_second"] = _messages(case, database, engine, page, say)
            if case.browser:
                say("10,000 rows: an element for each, against the grid")
                rows["rows_10k_in_dom_ms"] = _in_dom(case, engine, page, say)
        for name, row in rows.items():
            row["promised"] = PROMISED[name]
        return document | {"figures": rows}


def _stats(engine: Engine, stored: Stored) -> Row:
    """After: what one more viewer costs, and what the first one after a change does."""
    reader = Reader(engine)
    with tempfile.TemporaryDirectory(prefix="lvd-bench-", ignore_cleanup_errors=True) as folder:
        cache = Cache(Path(folder))
        settings = read_settings(DashboardSettings)
        cached = CachedReader(reader, cache, Health(lambda: datetime.now(UTC)), settings.coalesce_seconds)
        again = timed(lambda: cached.counts(stored.app_id, TimeRange()), _CALLS)
        cache.close()
    first = timed(lambda: reader.totals(stored.app_id, None, None), _CALLS)
    return {
        "before": rounded(median_ms(lambda: prototype_ways.stats_of_loaded_rows(engine, stored.app_id), 1)),
        "after": rounded(percentile(again, 0.5) * 1000),
        "after_without_cache": rounded(percentile(first, 0.5) * 1000),
    }


def _memory(database: BenchDatabase, stored: Stored) -> Row:
    return {"before": _grown(database, stored, "prototype"), "after": _grown(database, stored, "ours")}


def _grown(database: BenchDatabase, stored: Stored, way: str) -> float:
    """By how much a process grows, at its peak, while it counts; in megabytes."""
    environment = {"LVD_DATABASE_URL": database.url}
    arguments = (way, str(stored.app_id))
    with started("benchmarks.memory_process", *arguments, environment=environment) as process:
        process.hear(_MEMORY_SECONDS)
        with Watch({way: [psutil.Process(process.pid)]}) as watch:
            process.say(b"go")
            process.hear(_MEMORY_SECONDS)
    return rounded((watch.used[way].peak_rss - watch.used[way].first_rss) / 1e6)


def _page_100(engine: Engine, stored: Stored) -> Row:
    offset = min((_PAGE - 1) * PAGE_ROWS, max(0, stored.rows - PAGE_ROWS))
    reader = Reader(engine)
    view = reader.page(PageQuery(stored.app_id, Filters(), newest_first=True, limit=PAGE_ROWS)).view
    query = PageQuery(
        stored.app_id, Filters(), newest_first=True, limit=PAGE_ROWS, at=RowNumber(offset, view)
    )
    before = median_ms(lambda: prototype_ways.page_by_time(engine, stored.app_id, offset, PAGE_ROWS))
    after = percentile(timed(lambda: reader.page(query), _CALLS), 0.5) * 1000
    return {"before": rounded(before), "after": rounded(after)}


def _stats_queries(case: PrototypeCase, database: BenchDatabase, page: Dashboard, stored: Stored) -> Row:
    """Before: each viewer asks once per tick, as far as the database keeps up."""
    tick = read_settings(DashboardSettings).tick_seconds
    asked = _ask_for_each(case, database, stored, tick)
    job = view_job(page, stored.app_id, case.viewers, case.seconds, RANGE)
    statements, _ = counted_statements(job, database, nullcontext())
    stats = sum(map(asks_for_stats, statements))
    return {"before": rounded(60 * asked / case.seconds), "after": rounded(60 * stats / case.seconds)}


def _ask_for_each(case: PrototypeCase, database: BenchDatabase, stored: Stored, tick: float) -> int:
    engine = create_engine(database.url, pool_size=case.viewers, application_name="lvd bench")
    ends_at = monotonic() + case.seconds

    def look(_: int) -> int:
        asked = 0
        while (began := monotonic()) < ends_at:
            prototype_ways.stats_by_group(engine, stored.app_id)
            asked += 1
            sleep(max(0.0, began + tick - monotonic()))
        return asked

    try:
        with ThreadPoolExecutor(case.viewers) as pool:
            return sum(pool.map(look, range(case.viewers)))
    finally:
        engine.dispose()


def _messages(case: PrototypeCase, database: BenchDatabase, engine: Engine, page: Dashboard, say: Say) -> Row:
    """Before: each event that arrives is a message to each page. After: the answers that a page gets."""
    (tenant,) = new_tenants(engine, 1)
    load = LoadCase(_BUSY_PER_MINUTE, _BUSY_SECONDS, viewers=1, seed=case.seed)
    with ingest_servers(database.url, 1) as servers:
        came = offer(load, engine, tenant, servers, page, say)
    return {
        "before": came["events_per_second"],
        "after": rounded(came["feed_answers"] / came["feed_seconds"]),
    }


def _in_dom(case: PrototypeCase, engine: Engine, page: Dashboard, say: Say) -> Row:
    few = stored_rows(ReadCase(_DOM_ROWS, 1, seed=case.seed), engine, say)
    with open_browser(WATCH_GRID) as browser:
        before = browser_figures.row_elements_ms(browser, _DOM_ROWS)
        return {"before": before, "after": browser_figures.first_paint_ms(browser, page, few)}
