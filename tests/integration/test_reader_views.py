"""Views of a grid while the app goes on: new rows, retention, an epoch that ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Connection, Engine, Table, text

from storage.errors import BadRequest, NotFound, Unavailable
from storage.model import Ledger
from storage.readers import (
    After,
    Filters,
    Gap,
    Page,
    PageQuery,
    Reader,
    RowNumber,
    key_rows,
)
from storage.readers.condition import Condition
from storage.readers.lasting import Counts, Lasting, Rollups
from storage.readers.spans import Span
from storage.retention import retain
from storage.schema import MAX_NAMES_PER_APP, rollup_hour, rollup_minute
from tests.support.events import new_event, submission
from tests.support.query_plans import captured
from tests.support.reading import page_at_row, read_to_the_end, seqs_of, stored_rows, wanted_seqs
from tests.support.seeding import NAMES, recent_days, seed
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

FREQUENT = Filters(names=(NAMES[0],))
NOT_VALID = Filters(statuses=(Verdict.INVALID, Verdict.UNPLANNED))
VALID = Filters(statuses=(Verdict.VALID,))


_APP_NAMES = (f"shop {number}" for number in count())


def write(engine: Engine, app_id: int, events: int, *, marker: str) -> None:
    """Events of two names and two verdicts, all in this very minute."""
    made = [
        new_event(
            f"{marker} {number}",
            None,
            name=NAMES[number % 2],
            verdict=Verdict.INVALID if number % 3 == 0 else Verdict.VALID,
        )
        for number in range(events)
    ]
    with writer_on(engine) as writer:
        assert not writer.write([submission(app_id, made)]).busy


def any_page(page: Page) -> None:
    """No expectation of single pages."""


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("filters", [Filters(), FREQUENT, NOT_VALID, VALID])
def test_rows_that_arrive_later_move_no_row_of_a_view(
    engine: Engine, filters: Filters, newest_first: bool
) -> None:
    app_id, reader = new_app(engine), Reader(engine)
    write(engine, app_id, 300, marker="before")
    query = PageQuery(app_id, filters, newest_first, limit=17)
    first = reader.page(query)
    expected = wanted_seqs(stored_rows(engine, app_id), filters, newest_first=newest_first)
    write(engine, app_id, 200, marker="after")
    assert first.view.total == len(expected)
    for offset in (0, 5, len(expected) // 2, len(expected) - 1):
        page = page_at_row(reader, query, offset, first.view)
        assert seqs_of(page.rows) == expected[offset : offset + 17]
    behind = replace(query, at=After(expected[0], first.view))
    assert seqs_of(reader.page(behind).rows) == expected[1:18]
    assert len(reader.page(replace(query, limit=500)).rows) > len(expected)


def test_the_writers_rows_are_read_as_they_were_written(engine: Engine) -> None:
    app_id, reader = new_app(engine), Reader(engine)
    occurred_us = int(datetime.now(UTC).timestamp()) * 1_000_000 + 123_456
    event = new_event("id-1", occurred_us, subject="Ünal", run_id="r", verdict=Verdict.INVALID)
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [event], run_id="r")])
    (row,) = reader.page(PageQuery(app_id, Filters(), True, 10)).rows
    assert (row.seq, row.name, row.status, row.subject) == (1, event.name, Verdict.INVALID, "Ünal")
    assert (row.event_id, row.run_id, row.source.app_version) == ("id-1", "r", "4.2.0")
    assert row.violations == event.violations
    assert row.occurred_at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=occurred_us)
    detail = reader.event(app_id, 1)
    assert (detail.row, detail.payload, detail.plan_document) == (row, event.payload, None)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("filters", [Filters(), FREQUENT, NOT_VALID, VALID])
def test_a_view_outlives_the_rows_that_retention_takes(
    engine: Engine, filters: Filters, newest_first: bool
) -> None:
    app_id, reader = seed(engine, next(_APP_NAMES), recent_days(days=3, rows_per_day=400)), Reader(engine)
    query = PageQuery(app_id, filters, newest_first, limit=50)
    view = reader.page(query).view
    expected = wanted_seqs(stored_rows(engine, app_id), filters, newest_first=newest_first)
    since_midnight = datetime.now(UTC) - datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert len(retain(engine, since_midnight + timedelta(hours=30)).dropped) == 1
    there = set(wanted_seqs(stored_rows(engine, app_id), filters, newest_first=newest_first))
    assert 0 < len(there) < len(expected) == view.total
    for offset in range(0, len(expected), 50):
        page = page_at_row(reader, query, offset, view)
        assert seqs_of(page.rows) == [seq for seq in expected[offset : offset + 50] if seq in there]
    fresh = reader.page(query)
    assert fresh.view.total == len(there)
    assert set(read_to_the_end(reader, query, any_page)) == there


def test_a_view_without_rows(engine: Engine) -> None:
    app_id, reader = new_app(engine), Reader(engine)
    for filters in (Filters(), FREQUENT, VALID, Filters(subject="nobody")):
        page = reader.page(PageQuery(app_id, filters, True, 10))
        assert (page.rows, page.more) == ((), False)
        again = reader.page(PageQuery(app_id, filters, True, 10, RowNumber(0, page.view)))
        assert (again.rows, again.more) == ((), False)
    write(engine, app_id, 5, marker="now")
    assert reader.page(PageQuery(app_id, Filters(), True, 10)).view.total == 5


def test_a_view_of_an_epoch_that_ended_is_a_gap(engine: Engine) -> None:
    app_id, reader = new_app(engine), Reader(engine)
    write(engine, app_id, 5, marker="now")
    view = reader.page(PageQuery(app_id, Filters(), True, 10)).view
    with engine.begin() as conn:
        conn.execute(text("UPDATE app_ledger SET epoch = epoch + 1 WHERE app_id = :id"), {"id": app_id})
    with pytest.raises(Gap) as gap:
        reader.page(PageQuery(app_id, Filters(), True, 10, RowNumber(0, view)))
    assert gap.value.ledger.epoch == view.epoch + 1


def test_a_name_that_the_rollups_do_not_keep_apart_has_no_total(engine: Engine) -> None:
    app_id, reader = seed(engine, next(_APP_NAMES), recent_days(days=1, rows_per_day=500)), Reader(engine)
    with engine.begin() as conn:
        conn.execute(
            text("DELETE FROM event_name WHERE app_id = :id AND name = :name"),
            {"id": app_id, "name": NAMES[0]},
        )
        conn.execute(
            text(
                "INSERT INTO event_name SELECT :id, 'filler ' || n, now() FROM"
                " generate_series((SELECT count(*) + 1 FROM event_name WHERE app_id = :id), :most) AS n"
            ),
            {"id": app_id, "most": MAX_NAMES_PER_APP},
        )
    for filters in (FREQUENT, Filters(names_not=(NAMES[0],))):
        query = PageQuery(app_id, filters, True, 50)
        page = reader.page(query)
        assert page.view.total is None
        expected = wanted_seqs(stored_rows(engine, app_id), filters, newest_first=True)
        assert read_to_the_end(reader, query, any_page) == expected
        with pytest.raises(BadRequest, match="no row numbers"):
            reader.page(replace(query, at=RowNumber(50, page.view)))
    assert reader.page(PageQuery(app_id, Filters(names=(NAMES[1],)), True, 50)).view.total


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (PageQuery(1, Filters(), True, 0), "1 to 500"),
        (PageQuery(1, Filters(), True, 501), "1 to 500"),
        (PageQuery(1, Filters(), True, 10, RowNumber(-1)), "from 0"),
        (PageQuery(1, Filters(subject="x"), True, 10, RowNumber(3)), "no row numbers"),
        (PageQuery(1, Filters(statuses=(Verdict.DUPLICATE,)), True, 10), "'duplicate'"),
        (PageQuery(1, Filters(names=("a\0b",)), True, 10), "NUL"),
        (PageQuery(1, Filters(names=("\ud800",)), True, 10), "half a character"),
        (PageQuery(1, Filters(names=tuple(map(str, range(201)))), True, 10), "at most 200"),
        (PageQuery(1, Filters(start=datetime(2026, 1, 1)), True, 10), "time zone"),  # noqa: DTZ001
        (PageQuery(1, Filters(end=datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)), True, 10), "whole minute"),
        (PageQuery(1, Filters(end=datetime(9999, 12, 31, 23, 59, tzinfo=UTC)), True, 10), "years"),
    ],
)
def test_what_cannot_be_served_is_refused_with_its_reason(
    engine: Engine, query: PageQuery, words: str
) -> None:
    asked = replace(query, app_id=new_app(engine))
    with pytest.raises(BadRequest, match=words):
        Reader(engine).page(asked)


def test_an_unknown_app_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound, match="no app 4711"):
        Reader(engine).page(PageQuery(4711, Filters(), True, 10))


def test_a_reading_that_takes_too_long_says_so(engine: Engine) -> None:
    app_id = new_app(engine)
    with engine.begin() as conn:
        conn.execute(text("LOCK TABLE app_ledger IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(Unavailable):
            Reader(engine, statement_timeout_ms=100).page(PageQuery(app_id, Filters(), True, 10))


def test_ledger_and_rows_come_from_one_snapshot(engine: Engine) -> None:
    """A row that is committed between the statements of one reading is in none of its parts."""
    app_id = new_app(engine)
    write(engine, app_id, 50, marker="before")
    with engine_of(engine.url.render_as_string(hide_password=False)) as other:
        late = iter(["during"])

        def commit_more() -> float:
            for marker in late:
                write(other, app_id, 50, marker=marker)
            return 0.0

        page = Reader(engine, clock=commit_more).page(PageQuery(app_id, VALID, True, 500))
        assert next(late, None) is None
    assert page.ledger.last_seq == page.view.snapshot_seq == 50
    assert max(seqs_of(page.rows)) <= 50


@pytest.mark.parametrize(
    ("table", "length", "counts"),
    [
        (rollup_hour, timedelta(hours=1), lambda rollups, span: rollups.hours(span, Condition()).counts),
        (rollup_minute, timedelta(minutes=1), lambda rollups, span: rollups.minutes(span, Condition())),
    ],
)
def test_what_a_snapshot_has_open_is_counted_anew_whatever_the_view_says(
    database: str, table: Table, length: timedelta, counts: Callable[[Rollups, Span], Counts]
) -> None:
    noon = datetime(2026, 3, 29, 12, tzinfo=UTC)
    bucket, lasting = Span(noon, noon + length), Lasting()

    def counted(conn: Connection, ledger: Ledger, told: int) -> Counts:
        conn.execute(table.update().values(count=told))
        return counts(Rollups(conn, ledger, lasting), bucket)

    with engine_of(database) as engine, engine.connect() as conn:
        app_id = new_app(engine)
        started = {table.primary_key.columns.values()[1].name: noon}
        conn.execute(table.insert(), {"app_id": app_id, **started, "name": "A", "status": 0, "count": 1})
        within = replace(Reader(engine).ledger(app_id), last_received_at=noon + length * 0.99)
        assert [counted(conn, within, told) for told in (1, 2)] == [((noon, 1),), ((noon, 2),)]
        behind = replace(within, last_received_at=noon + length)
        # Now it is closed: what is counted is kept.
        assert [counted(conn, behind, told) for told in (3, 4)] == [((noon, 3),), ((noon, 3),)]


def test_a_name_is_asked_for_until_it_has_counts_of_its_own(engine: Engine) -> None:
    app_id, reader = new_app(engine), Reader(engine)

    def asks() -> bool:
        with captured(engine) as statements:
            reader.page(PageQuery(app_id, Filters(names=(NAMES[0], NAMES[1])), True, 50))
        return any("FROM event_name" in statement for statement in statements)

    assert [asks(), asks()] == [True, True]
    write(engine, app_id, 50, marker="named")
    assert [asks(), asks()] == [True, False]


def test_a_jump_asks_once_for_the_minutes_of_an_hour_that_is_over(engine: Engine) -> None:
    app_id = seed(engine, next(_APP_NAMES), recent_days(days=1, rows_per_day=5_000))
    reader = Reader(engine)
    query = PageQuery(app_id, FREQUENT, True, 10)
    view = reader.page(query).view
    assert view.total

    def asked(row: int) -> tuple[list[int], int]:
        with captured(engine) as statements:
            page = reader.page(replace(query, at=RowNumber(row, view)))
        return seqs_of(page.rows), sum("FROM rollup_minute" in statement for statement in statements)

    there, first = asked(view.total // 2)
    assert asked(view.total // 2) == (there, 0)
    # Of that hour, and of the one that the view ends in.
    assert first == 2


def test_a_session_that_lost_its_plans_is_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rows, "_FAR", timedelta(0))
    app_id = new_app(engine)
    write(engine, app_id, 50, marker="planned")
    with engine_of(engine.url.render_as_string(hide_password=False), pool_size=1) as single:
        reader, query = Reader(single), PageQuery(app_id, FREQUENT, True, 500)
        before = seqs_of(reader.page(query).rows)
        with single.connect() as conn:
            conn.execute(text("DEALLOCATE ALL"))
        with pytest.raises(Unavailable, match="try again"):
            reader.page(query)
        assert seqs_of(reader.page(query).rows) == before != []
