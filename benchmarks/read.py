"""What reads cost at a given number of rows and partitions: `lvd bench read`."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, text

from benchmarks import prototype_ways
from benchmarks.database import bench_database, bench_engine
from benchmarks.errors import BenchFailed
from benchmarks.figures import percentiles_ms, rounded
from benchmarks.seeding import NAMES, RARE_NAME, SUBJECTS, Seed, recent_days, seed
from benchmarks.surroundings import surroundings
from dashboard.time_ranges import step_for
from storage.database import translate_errors
from storage.readers import Cursor, Filters, PageQuery, Reader, RowNumber, View
from tracking_plan.verdict import Verdict

Say = Callable[[str], None]
Read = Callable[[], object]

#: Rows of a page, and of one reading of a feed that was left behind.
PAGE_ROWS = 100
_FEED_ROWS = 500
_WARM_UP_CALLS = 10
#: Failing fields that the dashboard asks for.
_FAILING_FIELDS = 8
#: The prototype's ways take seconds: the median of so many.
_SLOW_CALLS = 3

_BYTES = text("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('event')")


@dataclass(frozen=True, slots=True)
class ReadCase:
    """What is stored, and how often each reader is asked."""

    rows: int
    partitions: int = 10
    calls: int = 200
    seed: int = 1

    @property
    def stored(self) -> Seed:
        """The rows, evenly over the partitions, which end with yesterday."""
        return recent_days(self.partitions, -(-self.rows // self.partitions))


@dataclass(frozen=True, slots=True)
class Stored:
    """An app with the case's rows."""

    app_id: int
    name: str
    rows: int
    #: The first instant behind the newest row's day.
    end: datetime


def run(case: ReadCase, database_url: str | None, data_dir: Path | None, say: Say) -> dict[str, Any]:
    """The whole benchmark; its figures as JSON. Raises BenchFailed, StorageError."""
    with bench_database(database_url, data_dir) as database, bench_engine(database.url) as engine:
        document: dict[str, Any] = {
            "benchmark": "read",
            "surroundings": surroundings(engine, case.seed),
            "case": asdict(case),
        }
        started = perf_counter()
        stored = stored_rows(case, engine, say)
        document |= {"load_seconds": rounded(perf_counter() - started), "rows": stored.rows}
        document["events_gb"] = rounded(_size(engine) / 1e9)
        readers: dict[str, dict[str, float]] = {}
        for name, read in _reads(Reader(engine), stored, Random(case.seed)).items():
            say(f"reading {name}")
            readers[name] = percentiles_ms(timed(read, case.calls))
        document["readers"] = readers
        say("the prototype's ways: every row into Python, GROUP BY, OFFSET")
        return document | _comparisons(engine, stored, readers)


def stored_rows(case: ReadCase, engine: Engine, say: Say) -> Stored:
    """The case's rows: stored now, or by an earlier run in the same folder today."""
    wanted = case.stored
    name = f"bench {wanted.days} days of {wanted.rows_per_day} to {wanted.end:%Y-%m-%d}"
    found = [app for app in Reader(engine).apps() if app.name == name]
    if found:
        if found[0].ledger.last_seq != wanted.rows:
            raise BenchFailed(
                f"The app {name!r} was not stored whole: remove the data folder, and begin again"
            )
        return Stored(found[0].app_id, name, wanted.rows, wanted.end)
    say(f"storing {wanted.rows:,} rows in {wanted.days} partitions")
    return Stored(seed(engine, name, wanted), name, wanted.rows, wanted.end)


def timed(read: Read, calls: int) -> list[float]:
    """Seconds of each call, after some that only warm up."""
    for _ in range(min(calls, _WARM_UP_CALLS)):
        read()
    samples = []
    for _ in range(calls):
        started = perf_counter()
        read()
        samples.append(perf_counter() - started)
    return samples


def _reads(reader: Reader, stored: Stored, random: Random) -> dict[str, Read]:
    return {**_pages(reader, stored, random), **_figures(reader, stored)}


def _pages(reader: Reader, stored: Stored, random: Random) -> dict[str, Read]:
    app_id, last = stored.app_id, stored.rows
    ledger = reader.ledger(app_id)
    # As if the app had changed once since, by _FEED_ROWS rows.
    cursor = Cursor(ledger.epoch, ledger.version - 1, max(0, last - _FEED_ROWS))
    return {
        "newest": lambda: reader.page(_page(app_id, Filters())),
        "jump_middle": _jumps(reader, app_id, Filters(), random.randrange),
        "jump_end": _jumps(reader, app_id, Filters(), lambda total: max(0, total - PAGE_ROWS)),
        "by_name": _jumps(reader, app_id, Filters(names=(NAMES[3],)), random.randrange),
        "by_status": _jumps(reader, app_id, Filters(statuses=(Verdict.INVALID,)), random.randrange),
        "rare_name": lambda: reader.page(_page(app_id, Filters(names=(RARE_NAME,)))),
        "subject": lambda: reader.page(_page(app_id, Filters(subject=f"user {random.randrange(SUBJECTS)}"))),
        "feed": lambda: reader.since(app_id, cursor, _FEED_ROWS),
        "event": lambda: reader.event(app_id, random.randrange(last) + 1),
    }


def _page(app_id: int, filters: Filters, at: RowNumber | None = None) -> PageQuery:
    return PageQuery(app_id, filters, newest_first=True, limit=PAGE_ROWS, at=at)


def _jumps(reader: Reader, app_id: int, filters: Filters, place: Callable[[int], int]) -> Read:
    """Jumps to row numbers of a view that is open."""
    view: View = reader.page(_page(app_id, filters)).view
    total = view.total or 0
    if not total:
        raise BenchFailed(f"No row meets {filters}: store more rows")
    return lambda: reader.page(_page(app_id, filters, RowNumber(place(total), view)))


def _figures(reader: Reader, stored: Stored) -> dict[str, Read]:
    app_id, end, day = stored.app_id, stored.end, timedelta(days=1)

    def series(span: timedelta) -> Read:
        return partial(reader.series, app_id, end - span, end, step_for(span))

    def tiles(start: datetime | None) -> object:
        return reader.totals(app_id, start, None if start is None else end), reader.rate(app_id)

    return {
        "tiles": partial(tiles, end - day),
        "tiles_of_all": partial(tiles, None),
        "series_1h": series(timedelta(hours=1)),
        "series_24h": series(day),
        "series_30d": series(30 * day),
        "failing_fields": partial(reader.failing_fields, app_id, end - day, end, _FAILING_FIELDS),
        "coverage": partial(reader.coverage, app_id, end - day, end),
    }


def _comparisons(
    engine: Engine, stored: Stored, readers: dict[str, dict[str, float]]
) -> dict[str, dict[str, dict[str, float]]]:
    """The prototype's ways over the same rows, and how many times faster ours are."""
    middle = stored.rows // 2
    stats, jump = readers["tiles_of_all"]["p50_ms"], readers["jump_middle"]["p50_ms"]
    slow = {
        "stats_every_row_into_python": median_ms(
            lambda: prototype_ways.stats_of_every_row(engine, stored.app_id), 1
        ),
        "stats_group_by": median_ms(lambda: prototype_ways.stats_by_group(engine, stored.app_id)),
        "deep_page_by_offset": median_ms(
            lambda: prototype_ways.page_by_offset(engine, stored.app_id, middle, PAGE_ROWS)
        ),
    }
    ours = {"stats_every_row_into_python": stats, "stats_group_by": stats, "deep_page_by_offset": jump}
    return {
        "comparisons": {
            name: {"ms": rounded(took), "ours_ms": ours[name], "times_faster": rounded(took / ours[name])}
            for name, took in slow.items()
        }
    }


def median_ms(way: Read, calls: int = _SLOW_CALLS) -> float:
    """Milliseconds of something slow, without a warm-up."""
    samples = []
    for _ in range(calls):
        started = perf_counter()
        way()
        samples.append(perf_counter() - started)
    return median(samples) * 1000


def _size(engine: Engine) -> int:
    with translate_errors(), engine.connect() as conn:
        return int(conn.execute(_BYTES).scalar_one())
