"""The queries on `event` and what their rows become.

Every one names one app and bounds `received_at`, for seq alone prunes no partition. psycopg2 writes the
values into the statement, so partitions are pruned, and left unlocked, when it is planned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.selectable import Subquery

from storage.model import Source
from storage.readers.access import Access, Branch
from storage.readers.condition import Condition
from storage.readers.minutes import MINUTE, minutes_of
from storage.readers.model import EventRow
from storage.schema import event, source
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

_COLUMNS = (
    event.c.seq,
    event.c.received_at,
    event.c.occurred_at,
    event.c.name,
    event.c.status,
    event.c.subject,
    event.c.run_id,
    event.c.event_id,
    event.c.source_id,
    event.c.plan_version,
    event.c.violations,
)
#: What each partial index asks for, by its column: the planner takes it only where the query repeats this.
_PARTIAL = {
    "status": event.c.status != literal_column("0"),
    "subject": event.c.subject.is_not(None),
    "run_id": event.c.run_id.is_not(None),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where to look: seqs of one app, both ends included, and the time [start, end) in which they arrived."""

    app_id: int
    first_seq: int
    last_seq: int
    start: datetime
    end: datetime


def stretch_of(conn: Connection, app_id: int, first_seq: int, last_seq: int) -> Stretch:
    """The stretch between two stored rows."""
    minutes = minutes_of(conn, app_id, (first_seq, last_seq))
    return Stretch(app_id, first_seq, last_seq, minutes[first_seq], minutes[last_seq] + MINUTE)


def fetch_rows(
    conn: Connection, access: Access, stretch: Stretch, limit: int, *, newest_first: bool
) -> tuple[EventRow, ...]:
    """The first rows of the stretch in the asked order: one index scan per branch, merged by seq.

    Each branch reads at most `limit` rows where the access is exact; else up to all of its rows in the
    stretch. The sources come by source_pkey.
    """
    found = _merged(access, stretch, limit, _COLUMNS, newest_first=newest_first).subquery("found")
    rows = conn.execute(_with_sources(found, stretch.app_id, newest_first=newest_first))
    return tuple(_event_row(row._mapping) for row in rows)


def seq_at(
    conn: Connection, access: Access, stretch: Stretch, offset: int, *, newest_first: bool
) -> int | None:
    """The seq of a row by its number from the asked end of a stretch; None: there are fewer rows.

    The only OFFSET there is: the stretch is one minute of arrival, and the nearer end is asked for.
    """
    found = _merged(access, stretch, offset + 1, (event.c.seq,), newest_first=newest_first).subquery("found")
    statement = (
        select(found.c.seq).order_by(_order(found.c.seq, newest_first=newest_first)).offset(offset).limit(1)
    )
    seq: int | None = conn.execute(statement).scalar_one_or_none()
    return seq


def fetch_payload(conn: Connection, stretch: Stretch) -> bytes:
    """The payload of the one row of a stretch. By event_pkey, in one partition."""
    payload: str = conn.execute(
        select(cast(event.c.payload, Text)).where(*_on_key(Branch({}), stretch), *_arrived_in(stretch))
    ).scalar_one()
    return payload.encode()


def _merged(
    access: Access, stretch: Stretch, limit: int, columns: Sequence[ColumnElement[Any]], *, newest_first: bool
) -> Select[Any]:
    scans = [
        select(*columns)
        .where(*_on_key(branch, stretch), *_arrived_in(stretch), *_rest(access.rest))
        .order_by(*(_order(column, newest_first=newest_first) for column in _key(branch)))
        .limit(limit)
        for branch in access.branches
    ]
    if len(scans) == 1:
        return scans[0]
    merged = union_all(*(select(scan.subquery()) for scan in scans)).subquery("merged")
    return select(merged).order_by(_order(merged.c.seq, newest_first=newest_first)).limit(limit)


def _key(branch: Branch) -> list[ColumnElement[Any]]:
    """The columns of the branch's index."""
    return [event.c.app_id, *(event.c[column] for column in branch.equals), event.c.seq]


def _on_key(branch: Branch, stretch: Stretch) -> list[ColumnElement[bool]]:
    """The branch's rows of a stretch, as a range of its index's key.

    Said with `=`, any index that gives the order of seq would do, and where statistics call a value frequent
    the planner walks event_pkey and filters: without end, if the value has become rare. Of a range of keys
    only the one index gives the order.
    """
    values = [stretch.app_id, *branch.equals.values()]
    first, last = (tuple_(*map(literal, [*values, seq])) for seq in (stretch.first_seq, stretch.last_seq))
    partial = [_PARTIAL[column] for column in branch.equals if column in _PARTIAL]
    key = tuple_(*_key(branch))
    return [key >= first, key <= last, *partial]


def _arrived_in(stretch: Stretch) -> list[ColumnElement[bool]]:
    return [event.c.received_at >= stretch.start, event.c.received_at < stretch.end]


def _rest(rest: Condition) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if rest.names is not None:
        conditions.append(event.c.name.in_(rest.names))
    if rest.names_not:
        conditions.append(event.c.name.not_in(rest.names_not))
    if rest.statuses is not None:
        conditions.append(event.c.status.in_(rest.statuses))
    if rest.run_id is not None:
        conditions.append(event.c.run_id == rest.run_id)
    if rest.source_ids is not None:
        conditions.append(event.c.source_id.in_(rest.source_ids))
    return conditions


def _with_sources(found: Subquery, app_id: int, *, newest_first: bool) -> Select[Any]:
    columns = [column for column in found.c if column.name not in ("source_id", "violations")]
    return (
        select(
            *columns,
            cast(found.c.violations, Text).label("violations"),
            source.c.sdk,
            source.c.app_version,
            source.c.platform,
            source.c.environment,
        )
        .select_from(found)
        .outerjoin(source, and_(source.c.app_id == app_id, source.c.source_id == found.c.source_id))
        .order_by(_order(found.c.seq, newest_first=newest_first))
    )


def _order(column: ColumnElement[Any], *, newest_first: bool) -> ColumnElement[Any]:
    return column.desc() if newest_first else column.asc()


def _event_row(row: Mapping[Any, Any]) -> EventRow:
    return EventRow(
        row["seq"],
        row["received_at"],
        row["occurred_at"],
        row["name"],
        Verdict(row["status"]),
        row["subject"],
        row["run_id"],
        row["event_id"],
        Source(*(row[field] or "" for field in ("sdk", "app_version", "platform", "environment"))),
        row["plan_version"],
        _violations(row["violations"]),
    )


def _violations(text: str | None) -> tuple[Violation, ...]:
    return tuple(
        Violation(item["path"], Kind(item["kind"]), item["expected"], item["received"], item["value"])
        for item in orjson.loads(text or "[]")
    )
