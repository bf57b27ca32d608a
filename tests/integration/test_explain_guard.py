"""No reading scans a partition, or touches one out of its bounds: on twelve of 100,000 rows each.

Every statement that the reader sends is caught at the engine and explained as it ran.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import Engine

from storage.readers import After, Comparison, Cursor, Filters, PageQuery, Property, Reader, RowNumber
from storage.readers.minutes import minutes_of
from storage.readers.snapshot import Snapshots
from tests.support.databases import Databases
from tests.support.query_plans import Allowed, Explained, captured, explained, problems
from tests.support.seeding import BROKEN_NAME, NAMES, RARE_NAME, RUNS, recent_days, seed
from tests.support.writing import engine_of
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind

SEED = recent_days(days=12, rows_per_day=100_000)
ROWS_OF_A_MINUTE = -(-SEED.rows_per_day // 1_440)
LIMIT = 100
MIDDLE = SEED.first_day + timedelta(days=5, hours=7, minutes=13)
FROM_MIDDLE = Filters(start=MIDDLE, end=MIDDLE + timedelta(days=2, minutes=90))
INVALID, NOT_VALID = (Verdict.INVALID,), (Verdict.INVALID, Verdict.UNPLANNED)
SUBJECT = "user 42"

#: Filters whose index knows all of them, with the number of its scans that a page merges.
EXACT = {
    "all": (Filters(), 1),
    "range": (FROM_MIDDLE, 1),
    "frequent name": (Filters(names=NAMES[:1]), 1),
    "rare name": (Filters(names=(RARE_NAME,)), 1),
    "unknown name": (Filters(names=("no such name",)), 1),
    "twenty names": (Filters(names=NAMES), 20),
    "name in range": (Filters(names=NAMES[:1], start=FROM_MIDDLE.start, end=FROM_MIDDLE.end), 1),
    "not valid": (Filters(statuses=NOT_VALID), 2),
    "not valid names": (Filters(names=NAMES[3:9], statuses=NOT_VALID), 12),
    "subject": (Filters(subject=SUBJECT), 1),
    "run": (Filters(run_id=RUNS[0]), 1),
    "subjects": (Filters(subjects=(SUBJECT, "user 43")), 2),
}
#: Filters of which a search looks at every row that an index gives.
SEARCHED = {
    "valid": Filters(statuses=(Verdict.VALID,)),
    "valid of a name": Filters(names=(BROKEN_NAME,), statuses=(Verdict.VALID,)),
    "other names": Filters(names_not=NAMES[:3]),
    "rare source": Filters(source_ids=(4,)),
    "app version": Filters(app_versions=("4.2.0",)),
    "source and name": Filters(source_ids=(4,), names=(RARE_NAME,)),
    "subject's invalid": Filters(subject=SUBJECT, statuses=INVALID),
    "subject's run": Filters(subject=SUBJECT, run_id=RUNS[1]),
    "other subjects": Filters(subjects_not=(SUBJECT,)),
    "other sources": Filters(source_ids_not=(1, 2, 3)),
    "violation": Filters(kinds=(Kind.WRONG_TYPE,), paths=("/total",)),
    "no such violation": Filters(kinds_not=(Kind.WRONG_TYPE,), names=(RARE_NAME,)),
    "subject's property": Filters(
        subject=SUBJECT, properties=(Property(("total",), Comparison.MORE, (Decimal(10),)),)
    ),
}

Reading = Callable[[], object]


@dataclass(frozen=True)
class Stored:
    """A million rows, and who reads them."""

    engine: Engine
    reader: Reader
    app_id: int

    def checked(self, reading: Reading, allowed: Allowed) -> list[Explained]:
        """The statements of a reading, once it is certain that they do nothing they may not do."""
        with captured(self.engine) as statements:
            reading()
        plans = explained(self.engine, statements)
        assert plans, "the reading sent no statement that the guard can see"
        assert [(wrong, plan.sql) for plan in plans for wrong in problems(plan, allowed)] == []
        return plans

    def places(self, filters: Filters, *, newest_first: bool) -> list[Reading]:
        """Pages at the beginning, behind a row in the middle and, where rows have numbers, at some."""
        query = partial(PageQuery, self.app_id, filters, newest_first, LIMIT)
        view = self.reader.page(query()).view
        numbers = [view.total // 3, view.total // 2, view.total - 1] if view.total else []
        places = [None, After(SEED.rows // 2, view), *(RowNumber(number, view) for number in numbers)]
        return [partial(self.reader.page, query(place)) for place in places]


@pytest.fixture(scope="module")
def stored(databases: Databases) -> Iterator[Stored]:
    with databases.fresh() as url, engine_of(url) as engine:
        app_id = seed(engine, "shop", SEED)
        # Takes the time that a busy machine needs: what is looked at is how, not how long.
        yield Stored(engine, Reader(engine, scan_seconds=60), app_id)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("name", EXACT)
def test_pages_that_an_index_knows_read_no_more_than_they_give(
    stored: Stored, name: str, newest_first: bool
) -> None:
    filters, scans = EXACT[name]
    # A row more than asked, and of each of the partitions that are merged the next one.
    allowed = Allowed(scans * (LIMIT + 1 + SEED.days), ROWS_OF_A_MINUTE)
    for reading in stored.places(filters, newest_first=newest_first):
        plans = stored.checked(reading, allowed)
        # No statement touches two days.
        if name in {"all", "range", "frequent name", "name in range"}:
            assert all(len(plan.partitions()) <= 1 for plan in plans)


def test_the_minute_of_a_row_is_one_look_into_an_index(stored: Stored) -> None:
    seqs = (1, SEED.rows // 3, SEED.rows)
    with captured(stored.engine) as statements, Snapshots(stored.engine, 60_000).open() as conn:
        assert len(minutes_of(conn, stored.app_id, seqs)) == len(seqs)
    (plan,) = explained(stored.engine, statements)
    (look,) = [node for node in plan.nodes() if node.get("Relation Name") == "app_minute"]
    assert (look["Index Name"], look["Actual Rows"], look["Actual Loops"]) == ("app_minute_by_seq", 1, 3)
    assert "Filter" not in look


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(("limit", "is_kept"), [(14, False), (20, True)])
def test_rows_of_many_days_come_by_two_statements_and_touch_no_day_more(
    stored: Stored, newest_first: bool, limit: int, is_kept: bool
) -> None:
    """Of more than eight days by a plan that is kept."""
    page = partial(PageQuery, stored.app_id, Filters(names=(RARE_NAME,)), newest_first, limit)
    first = stored.reader.page(page())
    for query in page(), page(After(first.rows[3].seq, first.view)):
        rows = stored.reader.page(query).rows
        plans = stored.checked(partial(stored.reader.page, query), Allowed(None, ROWS_OF_A_MINUTE))
        assert [plan.sql.startswith("EXECUTE") for plan in plans if plan.partitions()] == [False, is_kept]
        nearest, rest = [plan.partitions() for plan in plans if plan.partitions()]
        days = {row.received_at.date() for row in rows}
        assert (len(rows), len(nearest)) == (limit, 1)
        # And the days of the row behind it, and of the one before it, if those are others.
        assert len(days) <= 1 + len(rest) <= len(days) + 2


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("name", SEARCHED)
def test_searches_go_by_an_index_from_bound_to_bound(stored: Stored, name: str, newest_first: bool) -> None:
    for reading in stored.places(SEARCHED[name], newest_first=newest_first):
        stored.checked(reading, Allowed(None, ROWS_OF_A_MINUTE))


@pytest.mark.parametrize("name", SEARCHED)
def test_counting_goes_by_the_same_indexes(stored: Stored, name: str) -> None:
    query = PageQuery(stored.app_id, SEARCHED[name], True, LIMIT)
    stored.checked(partial(stored.reader.count, query), Allowed(None, ROWS_OF_A_MINUTE))


def feed_readings(stored: Stored) -> dict[str, list[Reading]]:
    """Readings of the feed, of one event, and of what surrounds them; by the reader's method."""
    reader, app_id, last = stored.reader, stored.app_id, SEED.rows
    epoch = reader.ledger(app_id).epoch
    cursors = [Cursor(epoch, 0, seq) for seq in (0, last // 2, last - LIMIT, last)]
    return {
        "apps": [reader.apps],
        "ledger": [partial(reader.ledger, app_id)],
        "since": [partial(reader.since, app_id, cursor, LIMIT) for cursor in cursors],
        "payloads": [
            partial(reader.payloads, app_id, range(last // 3 + 7_000, last // 3 + 7_000 + LIMIT), 10**6)
        ],
        "event": [partial(reader.event, app_id, seq) for seq in (1, last // 3, last)],
        "sources": [partial(reader.sources, app_id)],
        "servers": [reader.servers],
        "stored_sizes": [reader.stored_sizes],
    }


def figures_readings(stored: Stored) -> dict[str, list[Reading]]:
    """Readings of figures, by the reader's method: of all time, and of a range."""
    reader, app_id = stored.reader, stored.app_id
    start, end = FROM_MIDDLE.start, FROM_MIDDLE.end
    rejected = reader.rejected(app_id, None, None, (), None, 50)
    by_name = PageQuery(app_id, Filters(names=NAMES[:1]), True, LIMIT)
    (first, *_), following = rejected.rows, rejected.next

    def ranged(method: Callable[..., object], *more: object) -> list[Reading]:
        return [partial(method, app_id, None, None, *more), partial(method, app_id, start, end, *more)]

    return {
        "totals": ranged(reader.totals),
        "series": [
            *ranged(reader.series, timedelta(hours=1)),
            partial(reader.series, app_id, start, end, timedelta(minutes=30)),
            *ranged(reader.series, timedelta(days=1), NAMES),
        ],
        "histogram": [
            partial(reader.histogram, app_id, filters, timedelta(hours=1))
            for filters in (Filters(), replace(FROM_MIDDLE, names_not=NAMES[:1], statuses=INVALID))
        ],
        "land": [
            partial(reader.land, page, MIDDLE) for page in (by_name, replace(by_name, filters=Filters()))
        ],
        "first_hour": [partial(reader.first_hour, app_id)],
        "rate": [partial(reader.rate, app_id)],
        "names": ranged(reader.names),
        "failing_fields": ranged(reader.failing_fields, 20),
        "issues": [partial(reader.issues, app_id)],
        "issue_bars": [
            partial(reader.issue_bars, app_id, None, None, timedelta(days=1)),
            partial(reader.issue_bars, app_id, SEED.end - timedelta(hours=30), SEED.end, timedelta(hours=1)),
        ],
        "coverage": ranged(reader.coverage),
        "field_coverage": [partial(reader.field_coverage, app_id)],
        "seen_event": [partial(reader.seen_event, app_id, RARE_NAME)],
        "unplanned_fields": [partial(reader.unplanned_fields, app_id)],
        "event_fields": [partial(reader.event_fields, app_id, NAMES[0])],
        "habits": [partial(reader.habits, app_id)],
        "plan": [partial(reader.plan, app_id, 1)],
        "plan_versions": [partial(reader.plan_versions, app_id)],
        "catalog": [partial(reader.catalog, app_id), partial(reader.catalog, app_id, RARE_NAME)],
        "rejected": [
            *ranged(reader.rejected, (), following, 50),
            *ranged(reader.rejected, ("id_conflict",), None, 50),
            *ranged(reader.rejected, ("no such reason",), None, 50),
        ],
        "rejected_groups": ranged(reader.rejected_groups, timedelta(hours=1)),
        "rejected_event": [partial(reader.rejected_event, app_id, first.day, first.sha256, first.reason)],
        "minutes_check": ranged(reader.minutes_check),
    }


def test_the_feed_reads_no_more_than_it_gives(stored: Stored) -> None:
    for readings in feed_readings(stored).values():
        for reading in readings:
            for plan in stored.checked(reading, Allowed(LIMIT + 1, 0)):
                assert len(plan.partitions()) <= 1


def test_figures_never_read_events(stored: Stored) -> None:
    for readings in figures_readings(stored).values():
        for reading in readings:
            assert not any(plan.reads_events for plan in stored.checked(reading, Allowed(0, 0)))


def test_no_method_of_the_reader_escapes_the_guard(stored: Stored) -> None:
    methods = {name for name in vars(Reader) if not name.startswith("_")}
    assert methods == {"page", "count", *feed_readings(stored), *figures_readings(stored)}


BOUNDS = (
    f"event.received_at >= '{MIDDLE:%Y-%m-%dT00:00:00+00:00}'"
    f" AND event.received_at < '{MIDDLE + timedelta(days=1):%Y-%m-%dT00:00:00+00:00}'"
)


#: Where the planner would choose better by itself than in the case that once was.
ORDERED_SCANS_ONLY = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"
)


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        (f"event.app_id + 0 = 1 AND {BOUNDS}", "Seq Scan on event_"),
        ("event.app_id = 1 AND seq = 7", "does not bound received_at"),
        (f"seq = 7 AND {BOUNDS}", "names no app"),
        (f"event.app_id = 1 AND (seq = 7 OR {BOUNDS} AND seq = 8)", "outside its bounds"),
        (f"event.app_id = 1 AND {BOUNDS} ORDER BY seq LIMIT 9 OFFSET 999", "OFFSET beyond one minute"),
    ],
)
def test_the_guard_sees_a_bad_query(stored: Stored, where: str, problem: str) -> None:
    (plan,) = explained(stored.engine, [f"SELECT * FROM event WHERE {where}"])
    assert any(problem in found for found in problems(plan, Allowed(LIMIT, ROWS_OF_A_MINUTE)))


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        (f"seq BETWEEN 500000 AND 560000 AND run_id || '' = 'x' AND {BOUNDS}", "rows, not 100"),
        (f"received_at < '{MIDDLE:%Y-%m-%dT00:01:00+00:00}' AND {BOUNDS}", "blocks for"),
    ],
)
def test_the_guard_sees_an_index_that_is_read_in_vain(stored: Stored, where: str, problem: str) -> None:
    query = f"SELECT seq FROM event WHERE event.app_id = 1 AND {where} ORDER BY event.app_id, seq LIMIT 50000"
    (plan,) = explained(stored.engine, [ORDERED_SCANS_ONLY, query])
    assert any(problem in found for found in problems(plan, Allowed(LIMIT, ROWS_OF_A_MINUTE)))


def test_the_guard_sees_a_rollup_read_whole(stored: Stored) -> None:
    (plan,) = explained(stored.engine, ["SELECT count(*) FROM rollup_minute WHERE name || '' = 'x'"])
    assert problems(plan, Allowed(0, 0)) == ["Seq Scan on rollup_minute"]
