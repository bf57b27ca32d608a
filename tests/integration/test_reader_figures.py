"""Figures from the rollups are what a GROUP BY over the rows says, whatever the range."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from storage.errors import BadRequest
from storage.heartbeats import HeartbeatStore
from storage.readers import Reader, RejectedCursor, RejectedRow
from storage.retention import retain
from tests.support.events import WRONG_TOTAL, new_event, submission
from tests.support.reading import StoredRow, stored_rows
from tests.support.seeding import (
    BROKEN_NAME,
    MISSING_NAME,
    NAMES,
    RARE_NAME,
    recent_days,
    seed,
)
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import STORED, Verdict
from tracking_plan.violation import Kind, Violation

SEED = recent_days(days=3, rows_per_day=2_000)
_MINUTES = int((SEED.end - SEED.first_day) / timedelta(minutes=1))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Stored:
    """A reader, what it reads, and the same as plain lists."""

    reader: Reader
    engine: Engine
    app_id: int
    rows: list[StoredRow]
    #: (minute, name, status, count) of every verdict.
    counted: list[tuple[datetime, str, int, int]]

    def within(self, start: datetime | None, end: datetime | None) -> list[tuple[datetime, str, int, int]]:
        return [
            row
            for row in self.counted
            if (start is None or row[0] >= start) and (end is None or row[0] < end)
        ]


@pytest.fixture(scope="module")
def stored(module_database: str) -> Iterator[Stored]:
    with engine_of(module_database) as engine:
        app_id = seed(engine, "shop", SEED)
        seed(engine, "another app", recent_days(days=1, rows_per_day=50))
        rows = stored_rows(engine, app_id)
        with engine.connect() as conn:
            others = conn.execute(
                text(
                    "SELECT minute, name, status, count FROM rollup_minute"
                    " WHERE app_id = :app_id AND status > 2"
                ),
                {"app_id": app_id},
            )
            counted = [tuple(row) for row in others]
        by_minute = Counter(
            (row.received_at.replace(second=0, microsecond=0), row.name, row.status) for row in rows
        )
        yield Stored(
            Reader(engine), engine, app_id, rows, [*counted, *((*k, n) for k, n in by_minute.items())]
        )


bounds = st.none() | st.integers(-90, _MINUTES + 90).map(lambda n: SEED.first_day + timedelta(minutes=n))
#: Divisors of an hour and a day or not; few enough bars for all of the range.
steps = st.sampled_from([11, 30, 60, 120, 420, 1440, 10080]).map(lambda minutes: timedelta(minutes=minutes))
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@thorough
@given(start=bounds, end=bounds)
def test_totals_are_the_sums_of_their_minutes(
    stored: Stored, start: datetime | None, end: datetime | None
) -> None:
    totals = stored.reader.totals(stored.app_id, start, end)
    expected = Counter[Verdict]()
    for _, _, status, count in stored.within(start, end):
        expected[Verdict(status)] += count
    assert totals.counts == {verdict: expected[verdict] for verdict in Verdict}
    assert totals.received == expected.total()
    assert totals.stored == sum(expected[verdict] for verdict in STORED)


def test_totals_that_were_asked_before_follow_arrivals_and_retention(database: str) -> None:
    with engine_of(database) as engine:
        app_id, reader = seed(engine, "shop", SEED), Reader(engine)

        def counted() -> int:
            sums = text("SELECT sum(count) FROM rollup_minute WHERE app_id = :app_id")
            with engine.connect() as conn:
                return int(conn.execute(sums, {"app_id": app_id}).scalar_one())

        told = [reader.totals(app_id, None, None).received]
        with writer_on(engine) as writer:
            for number in range(2):
                events = [new_event(f"{number} {n}", None) for n in range(5)]
                writer.write([submission(app_id, events, plan_version=1)])
                told.append(reader.totals(app_id, None, None).received)
        assert (told, counted()) == ([told[0], told[0] + 5, told[0] + 10], told[0] + 10)
        assert retain(engine, DAY).dropped
        for start in None, SEED.first_day:
            assert reader.totals(app_id, start, None).received == counted() < told[0]


@thorough
@given(start=bounds, end=bounds, step=steps, names=st.lists(st.sampled_from([*NAMES[:3], ""]), max_size=2))
def test_a_series_has_each_event_of_the_range_in_its_bar(
    stored: Stored, start: datetime | None, end: datetime | None, step: timedelta, names: list[str]
) -> None:
    expected = Counter[tuple[datetime, Verdict]]()
    for minute, name, status, count in stored.within(start, end):
        if not names or name in names:
            bar = datetime.fromtimestamp(
                minute.timestamp() // step.total_seconds() * step.total_seconds(), UTC
            )
            expected[bar, Verdict(status)] += count
    series = stored.reader.series(stored.app_id, start, end, step, names)
    assert list(series.starts) == [series.starts[0] + n * step for n in range(len(series.starts))]
    found = Counter(
        {
            (at, verdict): count
            for verdict, counts in series.counts.items()
            for at, count in zip(series.starts, counts, strict=True)
            if count
        }
    )
    assert found == expected


@thorough
@given(start=bounds, end=bounds)
def test_names_have_their_counts(stored: Stored, start: datetime | None, end: datetime | None) -> None:
    expected = Counter[tuple[str, int]]()
    for _, name, status, count in stored.within(start, end):
        expected[name, status] += count
    names = stored.reader.names(stored.app_id, start, end)
    found = {(n.name, int(v)): count for n in names for v, count in n.counts.items() if count}
    assert found == expected
    first_seen = {row.name: row.received_at for row in reversed(stored.rows)}
    assert all(name.first_seen == first_seen.get(name.name) for name in names)


@thorough
@given(start=bounds, end=bounds)
def test_coverage_tells_what_came_and_when_last(
    stored: Stored, start: datetime | None, end: datetime | None
) -> None:
    coverage = stored.reader.coverage(stored.app_id, start, end)
    within = [row for row in stored.within(start, end) if row[2] <= Verdict.UNPLANNED]
    last = {name: minute for minute, name, _, _ in sorted(within)}
    broken = {name for _, name, status, _ in within if status != Verdict.VALID}
    assert {event.name: event.last_seen for event in coverage.events} == {
        name: last.get(name) for name in (*NAMES, MISSING_NAME)
    }
    assert coverage.planned == len(NAMES) + 1
    assert MISSING_NAME in coverage.missing
    assert set(coverage.captured) == set(last) - {RARE_NAME}
    assert set(coverage.fully_valid) == set(last) - broken
    assert {name.name for name in coverage.unplanned} == set(last) & {RARE_NAME}


def test_without_a_plan_every_name_is_unplanned(stored: Stored) -> None:
    app_id = new_app(stored.engine)
    with writer_on(stored.engine) as writer:
        writer.write([submission(app_id, [new_event(f"e{n}", None, name="Signed Up") for n in range(3)])])
    coverage = stored.reader.coverage(app_id, None, None)
    assert (coverage.plan_version, coverage.events) == (0, ())
    assert [(name.name, name.stored) for name in coverage.unplanned] == [("Signed Up", 3)]


@thorough
@given(start=bounds, end=bounds)
def test_failing_fields_count_events_of_the_range(
    stored: Stored, start: datetime | None, end: datetime | None
) -> None:
    """Of each name one field fails."""
    failed, events = Counter[str](), Counter[str]()
    for _, name, status, count in stored.within(start, end):
        failed[name] += count if status == Verdict.INVALID else 0
        events[name] += count if status <= Verdict.UNPLANNED else 0
    fields = stored.reader.failing_fields(stored.app_id, start, end, 100)
    assert [(field.name, field.count) for field in fields] == sorted(
        ((name, count) for name, count in failed.items() if count), key=lambda item: (-item[1], item[0])
    )
    assert all(field.share == pytest.approx(failed[field.name] / events[field.name]) for field in fields)
    assert {(field.path, field.kind) for field in fields} <= {("/total", "wrong_type")}


def test_the_commonest_failing_field_comes_first(stored: Stored) -> None:
    (field,) = stored.reader.failing_fields(stored.app_id, None, None, 1)
    assert field.name == BROKEN_NAME


def app_with_two_failing_fields(stored: Stored) -> int:
    """/total and /order_id of one event."""
    app_id = new_app(stored.engine)
    both = (WRONG_TOTAL, Violation("/order_id", Kind.MISSING_REQUIRED, "string", "missing", ""))
    event = new_event("e-1", None, verdict=Verdict.INVALID)._replace(violations=both)
    with writer_on(stored.engine) as writer:
        writer.write([submission(app_id, [event])])
    return app_id


def test_a_field_does_not_begin_to_fail_before_its_own_first_violation(stored: Stored) -> None:
    """Though another field of the same event failed at the begin of the hour."""
    app_id = app_with_two_failing_fields(stored)
    with stored.engine.begin() as conn:
        for earlier in (
            "UPDATE rollup_minute SET minute = date_trunc('hour', minute) WHERE app_id = :app_id",
            "UPDATE issue_source"
            " SET first_seen_at = date_trunc('hour', first_seen_at) + interval '50 minutes'"
            " WHERE app_id = :app_id AND path = '/total'",
            "UPDATE issue_source SET first_seen_at = date_trunc('hour', first_seen_at)"
            " WHERE app_id = :app_id AND path = '/order_id'",
        ):
            conn.execute(text(earlier), {"app_id": app_id})
    fields = {field.path: field.first_at for field in stored.reader.failing_fields(app_id, None, None, 9)}
    assert fields["/order_id"].minute == 0
    assert fields["/total"] == fields["/order_id"] + 50 * MINUTE


def test_a_field_that_failed_last_before_the_range_is_left_out(stored: Stored) -> None:
    """Though another field of the same event fails within it, in the same hour."""
    app_id = app_with_two_failing_fields(stored)
    with stored.engine.begin() as conn:
        mended = "UPDATE issue_source SET last_seen_at = last_seen_at - interval '5 minutes'"
        conn.execute(text(f"{mended} WHERE app_id = :app_id AND path = '/order_id'"), {"app_id": app_id})
        start = conn.execute(
            text("SELECT max(minute) FROM rollup_minute WHERE app_id = :app_id"), {"app_id": app_id}
        )
        minute = start.scalar_one()
    paths = [
        {field.path for field in stored.reader.failing_fields(app_id, since, None, 9)}
        for since in (None, minute - 10 * MINUTE, minute)
    ]
    assert paths == [{"/total", "/order_id"}, {"/total", "/order_id"}, {"/total"}]


def test_each_minute_has_as_many_verdicts_as_it_received(stored: Stored) -> None:
    checks = stored.reader.minutes_check(stored.app_id, None, None)
    assert sum(check.received for check in checks) == sum(count for *_, count in stored.counted)
    assert all(check.agrees for check in checks)
    half = stored.reader.minutes_check(stored.app_id, checks[10].minute, checks[20].minute)
    assert half == checks[10:20]


def test_the_catalog_by_name_and_path(stored: Stored) -> None:
    every, one = stored.reader.catalog(stored.app_id), stored.reader.catalog(stored.app_id, BROKEN_NAME)
    assert [field for field in every if field.name == BROKEN_NAME] == list(one)
    assert list(every) == sorted(every, key=lambda field: (field.name, field.path, field.json_type))
    assert {field.json_type for field in one if field.path == "/total"} == {"number", "string"}
    rows = [row for row in stored.rows if row.name == BROKEN_NAME]
    assert sum(field.count for field in one if field.path == "/total") == len(rows)
    assert {(field.first_seen_at, field.last_seen_at) for field in one if field.path == "/order"} == {
        (rows[0].received_at, rows[-1].received_at)
    }


def all_rejected(stored: Stored, reasons: tuple[str, ...], limit: int) -> list[RejectedRow]:
    rows, after = list[RejectedRow](), None
    while True:
        page = stored.reader.rejected(stored.app_id, None, None, reasons, after, limit)
        rows += page.rows
        if page.next is None:
            return rows
        after = page.next


@pytest.mark.parametrize("reasons", [(), ("id_conflict",), ("id_conflict", "payload_not_json"), ("none",)])
@pytest.mark.parametrize("limit", [19, 100])
def test_pages_of_rejected_events_are_all_of_them_in_order(
    stored: Stored, reasons: tuple[str, ...], limit: int
) -> None:
    every = all_rejected(stored, (), 100)
    counted = sum(count for _, _, status, count in stored.counted if status > Verdict.DUPLICATE)
    assert sum(row.count for row in every) == counted
    assert every == sorted(every, key=lambda row: (-row.last_seen_at.timestamp(), row.sha256, row.reason))
    expected = [row for row in every if not reasons or row.reason in reasons]
    assert all_rejected(stored, reasons, limit) == expected


def test_a_rejected_event_by_its_key(stored: Stored) -> None:
    row = all_rejected(stored, (), 100)[5]
    assert stored.reader.rejected_event(stored.app_id, row.day, row.sha256, row.reason) == row
    assert row.raw.startswith(b"raw bytes of ")
    with pytest.raises(BadRequest, match="hexadecimal"):
        stored.reader.rejected_event(stored.app_id, row.day, "not hex", row.reason)


def test_rejected_events_of_a_range(stored: Stored) -> None:
    start, end = SEED.first_day + 5 * HOUR, SEED.first_day + 6 * HOUR
    page = stored.reader.rejected(stored.app_id, start, end, (), None, 100)
    assert page.next is None
    assert list(page.rows) == [
        row for row in all_rejected(stored, (), 100) if start <= row.last_seen_at < end
    ]


def test_the_rate_is_of_the_last_minute(stored: Stored) -> None:
    app_id = new_app(stored.engine)
    assert stored.reader.rate(app_id).per_second == 0
    with writer_on(stored.engine) as writer:
        writer.write([submission(app_id, [new_event(f"e{n}", None) for n in range(120)])])
    rate = stored.reader.rate(app_id)
    assert rate.last_received_at is not None
    # A minute may have ended since they were written: then a part of it is older than the last 60 s.
    minute = rate.last_received_at.replace(second=0, microsecond=0)
    left = min((minute + 2 * MINUTE - rate.now) / MINUTE, 1.0)
    assert rate.per_second == pytest.approx(2.0 * left)
    assert rate.now - rate.last_received_at < MINUTE


def test_servers_say_what_they_do(stored: Stored) -> None:
    assert stored.reader.servers() == HeartbeatStore(stored.engine).list() == ()


def test_minutes_in_which_an_older_server_wrote_are_added_up_by_name(database: str) -> None:
    """Such a server counts what was received, and not by verdict."""
    with engine_of(database) as engine:
        app_id = seed(engine, "shop", recent_days(days=1, rows_per_day=500))
        reader = Reader(engine)
        before = reader.series(app_id, None, None, timedelta(minutes=30))
        forget = (
            "UPDATE app_minute SET valid = 0, invalid = 0, duplicate = 0 WHERE app_id = :app_id AND minute"
        )
        for some in ("= (SELECT max(minute) FROM app_minute)", "IS NOT NULL"):
            with engine.begin() as conn:
                conn.execute(text(f"{forget} {some}"), {"app_id": app_id})
            assert reader.series(app_id, None, None, timedelta(minutes=30)) == before
    assert sum(before.counts[Verdict.VALID]) > 300


def test_a_series_must_be_drawable(stored: Stored) -> None:
    with pytest.raises(BadRequest, match="wider step"):
        stored.reader.series(stored.app_id, SEED.first_day, SEED.end, MINUTE)
    with pytest.raises(BadRequest, match="whole minutes"):
        stored.reader.series(stored.app_id, SEED.first_day, SEED.end, timedelta(seconds=90))
    assert stored.reader.series(new_app(stored.engine), None, None, DAY).starts == ()


def test_a_cursor_of_rejected_events_may_be_of_any_time(stored: Stored) -> None:
    after = RejectedCursor(SEED.first_day, "00", "")
    assert stored.reader.rejected(stored.app_id, None, None, (), after, 10).next is None
