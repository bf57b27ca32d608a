"""Figures over a time range, all from rollups: their cost does not grow with what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select, text

from storage.errors import BadRequest
from storage.model import Ledger
from storage.readers.condition import Condition, condition_of
from storage.readers.lasting import Lasting
from storage.readers.ledgers import read_ledger
from storage.readers.minute_bars import Bar, minute_bars
from storage.readers.minutes import EPOCH, HOUR, MINUTE, ceiling, check_range, floor
from storage.readers.model import Filters
from storage.readers.results import FailingField, MinuteCheck, NameCount, Rate, Series, Totals
from storage.readers.rollup_counts import by_name, by_status, counted, rows_only
from storage.readers.spans import Cut, Span, cut
from storage.schema import rollup_hour, rollup_minute
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind

#: Most bars of a series.
MAX_BARS = 500
#: Most failing fields that are answered.
MAX_FAILING_FIELDS = 1_000

#: By app_minute_pkey: the minutes of which a part lies in the last 60 s.
_RATE = text("""
SELECT clock.now, minute, received FROM (SELECT now() AS now) AS clock
LEFT JOIN app_minute ON app_id = :app_id AND minute > clock.now - interval '2 minutes'
""")

#: By event_name_pkey: at most storage.schema.MAX_NAMES_PER_APP rows.
_FIRST_SEEN = text("SELECT name, first_seen_at FROM event_name WHERE app_id = :app_id")

#: By failing_field_hour_pkey, bounded by the range.
_FAILING = text("""
SELECT name, path, kind, sum(count)::bigint AS events, min(hour) FROM failing_field_hour AS field
WHERE app_id = :app_id AND hour >= coalesce(CAST(:start AS timestamptz), '-infinity')
AND hour < coalesce(CAST(:end AS timestamptz), 'infinity')
GROUP BY name, path, kind
HAVING coalesce((
    SELECT max(last_seen_at) FROM issue_source AS issue WHERE issue.app_id = :app_id
        AND issue.name = field.name AND issue.path = field.path AND issue.kind = field.kind
), 'infinity') >= coalesce(CAST(:since AS timestamptz), '-infinity')
ORDER BY 4 DESC, name, path, kind LIMIT :limit
""")

#: By rollup_minute_pkey: at most an hour of minutes for each failing field. Those minutes know names alone:
#: another field of the same event may have failed before. So not before the issue itself was first seen, by
#: issue_source_pkey.
_FIRST_MINUTES = text("""
SELECT place, greatest(min(minute), (
    SELECT date_trunc('minute', min(first_seen_at)) FROM issue_source AS issue
    WHERE issue.app_id = :app_id AND issue.name = failing_name AND issue.path = failing_path
        AND issue.kind = failing_kind
)) AS minute FROM unnest(
    CAST(:names AS text[]), CAST(:paths AS text[]), CAST(:kinds AS text[]), CAST(:statuses AS smallint[]),
    CAST(:hours AS timestamptz[])
) WITH ORDINALITY AS failing (failing_name, failing_path, failing_kind, failing_status, hour, place)
JOIN rollup_minute ON app_id = :app_id AND name = failing_name AND status = failing_status
    AND minute >= greatest(hour, CAST(:start AS timestamptz)) AND minute < hour + interval '1 hour'
GROUP BY place, failing_name, failing_path, failing_kind
""")

#: By app_minute_pkey and rollup_minute_pkey, both bounded by the range.
_MINUTES_CHECK = text("""
SELECT minute, coalesce(received, 0), coalesce(counted, 0) FROM
    (SELECT minute, received FROM app_minute WHERE app_id = :app_id
     AND minute >= coalesce(CAST(:start AS timestamptz), '-infinity')
     AND minute < coalesce(CAST(:end AS timestamptz), 'infinity')) AS before
    FULL JOIN
    (SELECT minute, sum(count)::bigint AS counted FROM rollup_minute WHERE app_id = :app_id
     AND minute >= coalesce(CAST(:start AS timestamptz), '-infinity')
     AND minute < coalesce(CAST(:end AS timestamptz), 'infinity')
     GROUP BY minute) AS after
    USING (minute)
ORDER BY minute
""")


def read_totals(
    conn: Connection, lasting: Lasting, app_id: int, start: datetime | None, end: datetime | None
) -> Totals:
    """Events by verdict. Raises NotFound, BadRequest."""
    check_range(start, end)
    ledger = read_ledger(conn, app_id)
    parts, every = cut(start, end), Condition()
    hours = _closed_hours(conn, ledger, parts.hours)
    if parts.hours is None or hours is None:
        return Totals(ledger, by_status(conn, app_id, parts, every))
    kept = lasting.totals(conn, (app_id, ledger.epoch), hours)
    rest = by_status(conn, app_id, replace(parts, hours=Span(hours.end, parts.hours.end)), every)
    return Totals(ledger, {verdict: kept[verdict] + rest[verdict] for verdict in Verdict})


def _closed_hours(conn: Connection, ledger: Ledger, hours: Span | None) -> Span | None:
    """The hours that are there and never change; None: there are none.

    From the first one that is there, for retention takes them from the oldest on.
    """
    if hours is None or ledger.last_received_at is None:
        return None
    newest = floor(ledger.last_received_at, HOUR)
    end = newest if hours.end is None else min(hours.end, newest)
    if hours.start is not None and hours.start >= end:
        return None
    first = _first_bucket(conn, ledger.app_id, HOUR)
    if first is None:
        return None
    start = first if hours.start is None else max(hours.start, first)
    return Span(start, end) if start < end else None


def read_series(conn: Connection, app_id: int, span: Span, step: timedelta, names: Sequence[str]) -> Series:
    """Counts per bar. Raises NotFound, BadRequest."""
    condition = Condition(names=tuple(sorted(set(names))) or None)
    return _series(conn, app_id, span, step, condition)


def read_histogram(conn: Connection, app_id: int, filters: Filters, step: timedelta) -> Series:
    """Stored events per bar, of what the rollups know of the filters. Raises NotFound, BadRequest."""
    condition = condition_of(filters)
    known = rows_only(replace(condition.counted, start=None, end=None))
    return _series(conn, app_id, Span(filters.start, filters.end), step, known)


def read_first_hour(conn: Connection, app_id: int) -> datetime | None:
    """The first hour that is counted; None: there is none. Raises NotFound."""
    return _first_bucket(conn, read_ledger(conn, app_id).app_id, HOUR)


def _series(conn: Connection, app_id: int, span: Span, step: timedelta, condition: Condition) -> Series:
    check_range(span.start, span.end)
    _check_step(step)
    ledger = read_ledger(conn, app_id)
    start = span.start or _first_bucket(conn, app_id, step)
    end = span.end or _next_minute(ledger)
    if start is None or end is None or start >= end:
        return series_of((), (), step)
    starts = bar_starts(start, end, step)
    return series_of(_bars(conn, app_id, Span(start, end), condition, step), starts, step)


def series_of(bars: Iterable[Bar], starts: tuple[datetime, ...], step: timedelta) -> Series:
    """The bars as a series; those without events count 0."""
    counts = {verdict: [0] * len(starts) for verdict in Verdict}
    place = {start: index for index, start in enumerate(starts)}
    for start, status, count in bars:
        counts[Verdict(status)][place[start]] = int(count)
    return Series(step, starts, {verdict: tuple(values) for verdict, values in counts.items()})


def bar_starts(start: datetime, end: datetime, step: timedelta) -> tuple[datetime, ...]:
    """Where the bars that cover [start, end) begin. Raises BadRequest for more than MAX_BARS."""
    first = floor(start, step)
    bars = (ceiling(end, step) - first) // step
    if bars > MAX_BARS:
        raise BadRequest(f"{bars} bars of {step} are more than {MAX_BARS}: take a wider step")
    return tuple(first + index * step for index in range(bars))


def read_rate(conn: Connection, app_id: int) -> Rate:
    """How fast events arrive now. Raises NotFound."""
    ledger = read_ledger(conn, app_id)
    rows = conn.execute(_RATE, {"app_id": app_id}).all()
    now: datetime = rows[0][0]
    minutes = [(minute, received) for _, minute, received in rows if minute is not None]
    return Rate(per_second(minutes, now), ledger.last_received_at, now)


def per_second(minutes: Iterable[tuple[datetime, int]], now: datetime) -> float:
    """Events per second over the last 60 s: a minute counts by the part of it that lies in them."""
    window = now - MINUTE
    parts = ((min((minute + MINUTE - window) / MINUTE, 1.0), received) for minute, received in minutes)
    return sum(max(part, 0.0) * received for part, received in parts) / MINUTE.total_seconds()


def read_names(
    conn: Connection, app_id: int, start: datetime | None, end: datetime | None
) -> tuple[NameCount, ...]:
    """Event names with their counts, most frequent first. Raises NotFound, BadRequest."""
    check_range(start, end)
    read_ledger(conn, app_id)
    counts = by_name(conn, app_id, cut(start, end), Condition())
    first_seen = {row.name: row.first_seen_at for row in conn.execute(_FIRST_SEEN, {"app_id": app_id})}
    names = [NameCount(name, by_verdict, first_seen.get(name)) for name, by_verdict in counts.items()]
    return tuple(sorted(names, key=lambda found: (-sum(found.counts.values()), found.name)))


def read_failing_fields(
    conn: Connection, app_id: int, start: datetime | None, end: datetime | None, limit: int
) -> tuple[FailingField, ...]:
    """Fields that break the plan, those in most events first. Raises NotFound, BadRequest.

    They are counted by whole hours around the range, events by its minutes: a field counts in no more events
    than were invalid in the range. One of whose events none was, or that failed last before the range, is
    left out.
    """
    check_range(start, end)
    read_ledger(conn, app_id)
    if not 1 <= limit <= MAX_FAILING_FIELDS:
        raise BadRequest(f"limit is {limit}: ask for 1 to {MAX_FAILING_FIELDS} fields")
    hours = Span(start and floor(start, HOUR), end and ceiling(end, HOUR))
    parameters = {
        "app_id": app_id,
        "start": hours.start,
        "end": hours.end,
        "since": start,
        "limit": MAX_FAILING_FIELDS,
    }
    rows = conn.execute(_FAILING, parameters).all()
    names = tuple({row.name for row in rows})
    events = by_name(conn, app_id, cut(start, end), rows_only(Condition(names=names)))
    counts = [min(row.events, events.get(row.name, {}).get(_status(row), 0)) for row in rows]
    found = [(count, row) for count, row in zip(counts, rows, strict=True) if count]
    found.sort(key=lambda each: (-each[0], each[1].name, each[1].path, each[1].kind))
    shown = found[:limit]
    begun = _first_minutes(conn, app_id, start, [row for _, row in shown])
    return tuple(
        _failing_field(row, count, events[row.name], begun.get(place, row.min))
        for place, (count, row) in enumerate(shown, 1)
    )


def _status(row: Row[Any]) -> Verdict:
    """What events are told that break the plan so."""
    return Verdict.UNPLANNED if row.kind == Kind.UNPLANNED_EVENT else Verdict.INVALID


def _failing_field(
    row: Row[Any], count: int, events: Mapping[Verdict, int], first_at: datetime
) -> FailingField:
    return FailingField(row.name, row.path, row.kind, count, count / sum(events.values()), first_at)


def _first_minutes(
    conn: Connection, app_id: int, start: datetime | None, rows: Sequence[Row[Any]]
) -> dict[int, datetime]:
    """By place of the row, from 1."""
    parameters = {
        "app_id": app_id,
        "names": [row.name for row in rows],
        "paths": [row.path for row in rows],
        "kinds": [row.kind for row in rows],
        "statuses": [int(_status(row)) for row in rows],
        "hours": [row.min for row in rows],
        "start": start,
    }
    found = conn.execute(_FIRST_MINUTES, parameters)
    return {row.place: row.minute for row in found}


def read_minutes_check(
    conn: Connection, app_id: int, start: datetime | None, end: datetime | None
) -> tuple[MinuteCheck, ...]:
    """Per minute, what was received against the sum of its verdicts. Raises NotFound, BadRequest."""
    check_range(start, end)
    read_ledger(conn, app_id)
    rows = conn.execute(_MINUTES_CHECK, {"app_id": app_id, "start": start, "end": end})
    return tuple(MinuteCheck(*row) for row in rows)


def _check_step(step: timedelta) -> None:
    if step < MINUTE or step % MINUTE != timedelta(0):
        raise BadRequest(f"step is {step}: bars are whole minutes wide")


def _first_bucket(conn: Connection, app_id: int, step: timedelta) -> datetime | None:
    """Where the rollup that knows the step begins. By its primary key: one row."""
    bucket = rollup_hour.c.hour if step % HOUR == timedelta(0) else rollup_minute.c.minute
    first: datetime | None = conn.execute(
        select(func.min(bucket)).where(bucket.table.c.app_id == app_id)
    ).scalar_one()
    return first


def _next_minute(ledger: Ledger) -> datetime | None:
    at = ledger.last_received_at
    return None if at is None else floor(at, MINUTE) + MINUTE


def _bars(conn: Connection, app_id: int, span: Span, condition: Condition, step: timedelta) -> list[Bar]:
    """By hours where the bars allow it, else by minutes: those of the app, or where names matter of each."""
    if step % HOUR == timedelta(0):
        return _counted_bars(conn, app_id, cut(span.start, span.end), condition, step)
    if condition.names is None and not condition.names_not:
        bars = minute_bars(conn, app_id, span, step, condition.statuses)
        if bars is not None:
            return bars
    return _counted_bars(conn, app_id, Cut(span, None, None), condition, step)


def _counted_bars(
    conn: Connection, app_id: int, parts: Cut, condition: Condition, step: timedelta
) -> list[Bar]:
    found = counted(app_id, parts, condition)
    if found is None:
        return []
    start = func.date_bin(literal(step), found.c.bucket, literal(EPOCH))
    statement = select(start, found.c.status, func.sum(found.c.count)).group_by(start, found.c.status)
    return [(at, status, int(count)) for at, status, count in conn.execute(statement)]
