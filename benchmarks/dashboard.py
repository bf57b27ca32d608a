"""What the dashboard costs and how fast it is: `lvd bench dashboard`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Engine

from benchmarks import browser_figures
from benchmarks.browser import open_browser
from benchmarks.browser_figures import WATCH_GRID
from benchmarks.database import BenchDatabase, bench_database, bench_engine
from benchmarks.errors import BenchFailed
from benchmarks.figures import percentile, rounded
from benchmarks.load import LoadCase, offer
from benchmarks.read import ReadCase, Stored, stored_rows
from benchmarks.servers import Dashboard, dashboard, ingest_servers
from benchmarks.statements import LOG_EVERY_STATEMENT, StatementLog, asks_for_stats
from benchmarks.surroundings import surroundings
from benchmarks.tenants import new_tenants
from benchmarks.usage import Watch, postgres_processes, resident
from benchmarks.viewing.fleet import viewers
from benchmarks.viewing.job import ViewJob, ViewReport
from dashboard.settings import DashboardSettings
from storage.settings import read_settings

Say = Callable[[str], None]

#: As the dashboard's engine names itself to Postgres.
APPLICATION = "lvd-dashboard"
#: Until all pages are open and the caches are filled.
_SETTLE_SECONDS = 5.0
#: Pages open at once, one number after the other.
_VIEWERS = (1, 50, 200, 1_000)
#: The seeded rows end with yesterday: of every range this one surely has some.
RANGE = "7d"
_BUSY_PER_MINUTE = 60_000
_BUSY_SECONDS = 15
#: Rows of the two apps on which a scrolled grid is compared.
_FEW_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class DashboardCase:
    """What is stored, and how long is looked."""

    rows: int = 1_000_000
    partitions: int = 10
    #: For each number of viewers.
    seconds: int = 20
    jumps: int = 100
    browser: bool = True
    seed: int = 1


def run(case: DashboardCase, data_dir: Path | None, say: Say) -> dict[str, Any]:
    """The whole benchmark; its figures as JSON. Raises BenchFailed, StorageError."""
    with (
        bench_database(None, data_dir, LOG_EVERY_STATEMENT) as database,
        bench_engine(database.url) as engine,
    ):
        document: dict[str, Any] = {
            "benchmark": "dashboard",
            "surroundings": surroundings(engine, case.seed),
            "case": {**asdict(case), "statements_counted_by": "the server's log"},
            "dashboard_settings": read_settings(DashboardSettings).model_dump(mode="json"),
        }
        stored = stored_rows(ReadCase(case.rows, case.partitions, seed=case.seed), engine, say)
        with dashboard(database.url) as page:
            idle = resident([page.process])
            document["viewers"] = _crowds(case, database, engine, page, stored, say)
            if case.browser:
                document |= _seen_by_browser(case, engine, page, stored, say)
            document |= _busy(case, database, engine, page, say)
            document["dashboard_rss_mb"] = {
                "idle": rounded(idle / 1e6),
                "after": rounded(resident([page.process]) / 1e6),
            }
        return document | _ratios(document["viewers"])


def run_freshness(seed: int, say: Say) -> dict[str, Any]:
    """How soon a browser shows what was sent; as JSON. Raises BenchFailed, StorageError."""
    with bench_database(None) as database, bench_engine(database.url) as engine:
        document = {
            "benchmark": "freshness",
            "surroundings": surroundings(engine, seed),
            "dashboard_settings": read_settings(DashboardSettings).model_dump(mode="json"),
        }
        (tenant,) = new_tenants(engine, 1)
        say("100 events one by one, as a browser shows them")
        with (
            ingest_servers(database.url, 1) as servers,
            dashboard(database.url) as page,
            open_browser(WATCH_GRID) as browser,
        ):
            return document | browser_figures.freshness_figures(browser, page, tenant, servers, seed)


def view_job(page: Dashboard, app_id: int, count: int, seconds: float, range_key: str) -> ViewJob:
    """So many viewers of an app, with the product's own tick."""
    tick = read_settings(DashboardSettings).tick_seconds
    return ViewJob(page.host, page.port, app_id, count, seconds, tick, range_key, _SETTLE_SECONDS)


def _crowds(  # noqa: PLR0913, PLR0917 - what a run is made of
    case: DashboardCase, database: BenchDatabase, engine: Engine, page: Dashboard, stored: Stored, say: Say
) -> dict[str, dict[str, float]]:
    crowds = {}
    for count in _VIEWERS:
        say(f"{count:,} viewers for {case.seconds} s, nothing arrives")
        job = view_job(page, stored.app_id, count, case.seconds, RANGE)
        crowds[str(count)] = _crowd(job, database, engine, page)
    return crowds


def _crowd(job: ViewJob, database: BenchDatabase, engine: Engine, page: Dashboard) -> dict[str, float]:
    watch = Watch({"dashboard": [page.process], "postgres": postgres_processes(engine)})
    statements, report = counted_statements(job, database, watch)
    dashboard_used, postgres_used = watch.used["dashboard"], watch.used["postgres"]
    return {
        **_answers(report, job.seconds),
        "statements_per_s": rounded(len(statements) / job.seconds),
        "stats_per_min": rounded(60 * sum(map(asks_for_stats, statements)) / job.seconds),
        "dashboard_cores": rounded(dashboard_used.cpu_seconds / job.seconds),
        "postgres_cores": rounded(postgres_used.cpu_seconds / job.seconds),
        "dashboard_rss_mb": rounded(dashboard_used.peak_rss / 1e6),
    }


def counted_statements(
    job: ViewJob, database: BenchDatabase, watch: AbstractContextManager[object]
) -> tuple[list[str], ViewReport]:
    """The dashboard's statements while viewers look, once they settled; `watch` is entered for that time."""
    if database.log is None:
        raise BenchFailed("Statements are counted in the embedded server's log, and this server is not one")
    log = StatementLog(database.log, APPLICATION)
    with viewers(job) as lookers:
        sleep(job.settle_seconds)
        log.mark()
        with watch:
            sleep(job.seconds)
        statements = log.statements()
        return statements, lookers.report()


def _answers(report: ViewReport, seconds: float) -> dict[str, float]:
    if not report.answer_seconds:
        raise BenchFailed(f"The viewers had no answer: {report.first_error or 'none came in time'}")
    return {
        "answers_per_s": rounded(len(report.answer_seconds) / seconds),
        "p50_ms": rounded(percentile(report.answer_seconds, 0.5) * 1000),
        "p95_ms": rounded(percentile(report.answer_seconds, 0.95) * 1000),
        "bytes_p50": percentile(report.answer_bytes, 0.5),
        "errors": report.errors,
    }


def _ratios(crowds: dict[str, dict[str, float]]) -> dict[str, float]:
    one, many = (crowds[count]["statements_per_s"] for count in ("1", "200"))
    if not one:
        raise BenchFailed("One viewer's page asked nothing of the database: its statements were not counted")
    return {"statements_of_200_viewers_to_1": rounded(many / one)}


def _busy(
    case: DashboardCase, database: BenchDatabase, engine: Engine, page: Dashboard, say: Say
) -> dict[str, Any]:
    """One page, and the browser's freshness, while events come."""
    (tenant,) = new_tenants(engine, 1)
    with ingest_servers(database.url, 1) as servers:
        load = LoadCase(_BUSY_PER_MINUTE, _BUSY_SECONDS, viewers=1, seed=case.seed)
        came = offer(load, engine, tenant, servers, page, say)
        ticks = _BUSY_SECONDS / read_settings(DashboardSettings).tick_seconds
        figures: dict[str, Any] = {
            "busy": {
                "events_per_second": came["events_per_second"],
                "answers_per_tick": rounded(came["feed_answers"] / ticks),
                "answer_bytes_p50": came["feed_answer_bytes_p50"],
                "answer_bytes_max": came["feed_answer_bytes_max"],
                "freshness_p95_ms": came["freshness_p95_ms"],
            }
        }
        if case.browser:
            say("100 events one by one, as a browser shows them")
            with open_browser(WATCH_GRID) as browser:
                figures |= browser_figures.freshness_figures(browser, page, tenant, servers)
        return figures


def _seen_by_browser(
    case: DashboardCase, engine: Engine, page: Dashboard, stored: Stored, say: Say
) -> dict[str, Any]:
    few = stored_rows(ReadCase(_FEW_ROWS, 1, seed=case.seed), engine, say)
    say(f"a browser: first paint, {case.jumps} jumps and filter changes, scrolling, ticks")
    with open_browser(WATCH_GRID) as browser:
        figures = {
            "first_paint_of_10k_rows_ms": browser_figures.first_paint_ms(browser, page, few),
            "jumps": browser_figures.jumps(browser, page, stored, case.jumps, case.seed),
            "filter_changes": browser_figures.filter_changes(browser, page, stored, case.jumps),
            "scrolled": browser_figures.scrolled(browser, page, stored),
        }
    tick = read_settings(DashboardSettings).tick_seconds
    with open_browser() as browser:
        return figures | {"ticks": browser_figures.ticks(browser, page, stored, tick)}
