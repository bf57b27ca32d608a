"""Counts from the rollups: hours where they can be used, minutes at the edges."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, union_all
from sqlalchemy.sql.selectable import Subquery

from storage.readers.condition import Condition
from storage.readers.row_tests import tests_of_name_and_status
from storage.readers.spans import Cut, Span
from storage.schema import rollup_hour, rollup_minute
from tracking_plan.verdict import STORED, Verdict

_STORED = tuple(int(status) for status in STORED)
_NOTHING = Span(None, None)


def rows_only(condition: Condition) -> Condition:
    """The condition without verdicts that have no rows."""
    return condition if condition.statuses is not None else replace(condition, statuses=_STORED)


def counted(app_id: int, parts: Cut, condition: Condition) -> Subquery | None:
    """Rollup rows (bucket, name, status, count) of a range; None: the range is empty.

    By rollup_hour_pkey and rollup_minute_pkey, bounded by the range. Takes the names and statuses of the
    condition, every verdict where it has none.
    """
    scans = [_scan(rollup_minute, app_id, span, condition) for span in parts.minutes]
    if parts.hours is not None:
        scans.append(_scan(rollup_hour, app_id, parts.hours, condition))
    return union_all(*scans).subquery("counted") if scans else None


def by_status(conn: Connection, app_id: int, parts: Cut, condition: Condition) -> dict[Verdict, int]:
    """Events of a range by verdict; every verdict is there."""
    counts = dict.fromkeys(Verdict, 0)
    found = counted(app_id, parts, condition)
    if found is not None:
        statement = select(found.c.status, func.sum(found.c.count)).group_by(found.c.status)
        counts.update({Verdict(status): int(count) for status, count in conn.execute(statement)})
    return counts


def by_name(conn: Connection, app_id: int, parts: Cut, condition: Condition) -> dict[str, dict[Verdict, int]]:
    """Events of a range by name and verdict; every verdict is there."""
    counts: dict[str, dict[Verdict, int]] = {}
    found = counted(app_id, parts, condition)
    if found is not None:
        keys = (found.c.name, found.c.status)
        for name, status, count in conn.execute(select(*keys, func.sum(found.c.count)).group_by(*keys)):
            counts.setdefault(name, dict.fromkeys(Verdict, 0))[Verdict(status)] = int(count)
    return counts


def by_bucket(
    conn: Connection, table: Table, app_id: int, span: Span, condition: Condition
) -> list[tuple[datetime, int]]:
    """(bucket, events) of one rollup that meet the condition, newest first, without empty buckets."""
    scan = _scan(table, app_id, span, condition).subquery("scan")
    statement = select(scan.c.bucket, func.sum(scan.c.count)).group_by(scan.c.bucket)
    rows = conn.execute(statement.order_by(scan.c.bucket.desc()))
    return [(bucket, int(count)) for bucket, count in rows]


def _scan(table: Table, app_id: int, span: Span, condition: Condition) -> Select[Any]:
    bucket = table.primary_key.columns.values()[1]
    return select(bucket.label("bucket"), table.c.name, table.c.status, table.c.count).where(
        table.c.app_id == app_id, *_within(bucket, span), *tests_of_name_and_status(table, condition)
    )


def _within(bucket: ColumnElement[datetime], span: Span) -> list[ColumnElement[bool]]:
    conditions = [bucket >= span.start] if span.start is not None else []
    return [*conditions, bucket < span.end] if span.end is not None else conditions
