"""The queries on `event` and what their rows become.

Every one names one app and bounds `received_at`, for seq alone prunes no partition. psycopg2 writes the
values into the statement, so partitions are pruned, and left unlocked, when it is planned; rows of one key
over many days come by a plan that is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql.selectable import Subquery, TableValuedAlias

from storage.model import Source
from storage.readers.access import EVERY_ROW, Access
from storage.readers.condition import Condition
from storage.readers.kept_statements import KeptStatement
from storage.readers.minutes import DAY, MINUTE, ceiling, floor, minutes_of
from storage.readers.model import EventRow
from storage.readers.row_tests import row_tests
from storage.readers.spans import Window
from storage.schema import event, source
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

#: In the order of EventRow's fields.
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
_SOURCE_COLUMNS = (source.c.sdk, source.c.app_version, source.c.platform, source.c.environment)
#: What each partial index asks for, by its column: the planner takes it only where the query repeats this.
_PARTIAL = {
    "status": event.c.status != literal_column("0"),
    "subject": event.c.subject.is_not(None),
    "run_id": event.c.run_id.is_not(None),
}
#: By value: calling the enums takes a quarter of what is done for each row.
_VERDICTS = {int(verdict): verdict for verdict in Verdict}
_KINDS = {kind.value: kind for kind in Kind}
#: Over more days than these, rows of one key come by a plan that is kept.
_FAR = 8 * DAY


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where to look: seqs of one app, both ends included, of which those count that arrived in [start, end).

    Only the days of the times prune partitions; the seqs are to be as narrow as the times.
    """

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
    """The first rows of the stretch in the asked order: one index scan per key, merged by seq.

    Each scan reads at most `limit` rows where the access is exact; else up to all of its rows in the
    stretch. The sources come by source_pkey.
    """
    if access.exact and len(access.keys) == 1:
        rows = _rows_of_key(conn, access, stretch, limit, newest_first=newest_first)
    else:
        found = _merged(access, stretch, limit, _COLUMNS, newest_first=newest_first).subquery("found")
        order = _order(found.c.seq, newest_first=newest_first)
        rows = conn.execute(_with_sources(found, literal(stretch.app_id), (order,)))
    return tuple(_event_row(row) for row in rows)


def fetch_seqs(
    conn: Connection, access: Access, stretch: Stretch, limit: int, *, newest_first: bool
) -> tuple[int, ...]:
    """The seqs of the same rows, for who only counts them."""
    found = _merged(access, stretch, limit, (event.c.seq,), newest_first=newest_first)
    return tuple(conn.execute(found).scalars())


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
    scan = _scan(EVERY_ROW, (), stretch, (cast(event.c.payload, Text),), newest_first=False)
    payload: str = conn.execute(scan).scalar_one()
    return payload.encode()


def payload_sizes(conn: Connection, stretch: Stretch, seqs: Sequence[int]) -> dict[int, int]:
    """The bytes of payloads by seq; each lies in the stretch. By event_pkey."""
    size = func.octet_length(cast(event.c.payload, Text))
    return {row.seq: row.bytes for row in conn.execute(_of_seqs(stretch, seqs, size.label("bytes")))}


def fetch_payloads(conn: Connection, stretch: Stretch, seqs: Sequence[int]) -> dict[int, bytes]:
    """Payloads by seq; each lies in the stretch. By event_pkey."""
    rows = conn.execute(_of_seqs(stretch, seqs, cast(event.c.payload, Text)))
    return {seq: payload.encode() for seq, payload in rows}


def _of_seqs(stretch: Stretch, seqs: Sequence[int], column: ColumnElement[Any]) -> Select[Any]:
    scan = _scan(EVERY_ROW, (), stretch, (event.c.seq, column), newest_first=False)
    return scan.where(event.c.seq.in_(seqs))


def _merged(
    access: Access, stretch: Stretch, limit: int, columns: Sequence[ColumnElement[Any]], *, newest_first: bool
) -> Select[Any]:
    """The scans of the access, merged by seq: at most `limit` rows of each, at most `limit` in all."""
    if len(access.keys) == 1:
        key = [literal(value) for value in access.keys[0]]
        return _scan(access, key, stretch, columns, newest_first=newest_first).limit(limit)
    keys = _keys(access)
    scan = _scan(access, keys.c, stretch, columns, newest_first=newest_first).limit(limit).lateral("scan")
    merged = select(scan).select_from(keys.join(scan, true()))
    return merged.order_by(_order(scan.c.seq, newest_first=newest_first)).limit(limit)


def _keys(access: Access) -> TableValuedAlias:
    """The access's keys as a table: one statement, planned once, whatever their number."""
    arrays = [
        literal(list(values), ARRAY(event.c[column].type))
        for column, values in zip(access.columns, zip(*access.keys, strict=True), strict=True)
    ]
    return func.unnest(*arrays).table_valued(*access.columns).render_derived(name="keys")


def _scan(
    access: Access,
    key: Iterable[ColumnElement[Any]],
    stretch: Stretch,
    columns: Sequence[ColumnElement[Any]],
    *,
    newest_first: bool,
) -> Select[Any]:
    """Rows of one key in a stretch, by seq: the one index that starts with these columns has that order."""
    equals = [event.c[column] == value for column, value in zip(access.columns, key, strict=True)]
    return (
        select(*columns)
        .where(event.c.app_id == stretch.app_id, *equals, *_partial(access.columns))
        .where(event.c.seq >= stretch.first_seq, event.c.seq <= stretch.last_seq)
        .where(*_arrived_in(stretch), *_rest(access.rest))
        .order_by(_order(event.c.seq, newest_first=newest_first))
    )


def _arrived_in(stretch: Stretch) -> list[ColumnElement[bool]]:
    start, end = _days(stretch)
    return [event.c.received_at >= start, event.c.received_at < end]


def _days(stretch: Stretch) -> Window:
    """The partitions of a stretch. In whole days: a narrower range would prune no more, and would make the
    planner believe that so few rows are left that reading all of a partition's keys for them is cheap."""
    return floor(stretch.start, DAY), ceiling(stretch.end, DAY)


def _rows_of_key(
    conn: Connection, access: Access, stretch: Stretch, limit: int, *, newest_first: bool
) -> CursorResult[Any]:
    statement = _key_statement(access.columns, newest_first=newest_first)
    values = _key_values(access, stretch, limit)
    if stretch.end - stretch.start > _FAR:
        return statement.run_by_kept_plan(conn, values)
    return statement.run(conn, values)


@cache
def _key_statement(columns: tuple[str, ...], *, newest_first: bool) -> KeptStatement:
    """What `_scan` is, of one key and with nothing left to check. Ordered by the key, too, which is but one:
    so no other index will do, whatever the planner believes of values that it does not know."""
    place = [*(event.c[column] for column in columns), event.c.seq]
    app_id = bindparam("app_id", type_=event.c.app_id.type)
    key = [bindparam(column, type_=event.c[column].type) for column in columns]
    first, last = (bindparam(edge, type_=event.c.seq.type) for edge in ("first_seq", "last_seq"))
    start, end = (bindparam(edge, type_=event.c.received_at.type) for edge in ("start", "end"))
    found = (
        select(*_COLUMNS)
        .where(event.c.app_id == app_id, *_partial(columns))
        .where(tuple_(*place) >= tuple_(*key, first), tuple_(*place) <= tuple_(*key, last))
        .where(event.c.received_at >= start, event.c.received_at < end)
        .order_by(*(_order(column, newest_first=newest_first) for column in place))
        .limit(bindparam("limit", type_=Integer))
        .subquery("found")
    )
    order = [_order(found.c[column.name], newest_first=newest_first) for column in place]
    direction = "newest_first" if newest_first else "oldest_first"
    return KeptStatement("_".join(("event_rows", *columns, direction)), _with_sources(found, app_id, order))


def _key_values(access: Access, stretch: Stretch, limit: int) -> dict[str, object]:
    start, end = _days(stretch)
    return {
        **dict(zip(access.columns, access.keys[0], strict=True)),
        "app_id": stretch.app_id,
        "first_seq": stretch.first_seq,
        "last_seq": stretch.last_seq,
        "start": start,
        "end": end,
        "limit": limit,
    }


def _partial(columns: Iterable[str]) -> list[ColumnElement[bool]]:
    return [_PARTIAL[column] for column in columns if column in _PARTIAL]


def _rest(rest: Condition) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if rest.names is not None:
        conditions.append(event.c.name.in_(rest.names))
    if rest.names_not:
        conditions.append(event.c.name.not_in(rest.names_not))
    if rest.statuses is not None:
        conditions.append(event.c.status.in_(rest.statuses))
    if rest.subjects is not None:
        conditions.append(event.c.subject.in_(rest.subjects))
    if rest.run_ids is not None:
        conditions.append(event.c.run_id.in_(rest.run_ids))
    if rest.source_ids is not None:
        conditions.append(event.c.source_id.in_(rest.source_ids))
    return [*conditions, *_none_of(rest), *row_tests(rest)]


def _none_of(rest: Condition) -> Iterable[ColumnElement[bool]]:
    """Rows without a subject, or a run, have none of the unwanted ones."""
    if rest.subjects_not:
        yield or_(event.c.subject.is_(None), event.c.subject.not_in(rest.subjects_not))
    if rest.run_ids_not:
        yield or_(event.c.run_id.is_(None), event.c.run_id.not_in(rest.run_ids_not))


def _with_sources(
    found: Subquery, app_id: ColumnElement[int], order: Iterable[ColumnElement[Any]]
) -> Select[Any]:
    *columns, violations = found.c
    its_source = and_(source.c.app_id == app_id, source.c.source_id == found.c.source_id)
    return (
        select(*columns, cast(violations, Text), *_SOURCE_COLUMNS)
        .select_from(found.outerjoin(source, its_source))
        .order_by(*order)
    )


def _order(column: ColumnElement[Any], *, newest_first: bool) -> ColumnElement[Any]:
    return column.desc() if newest_first else column.asc()


def _event_row(row: Sequence[Any]) -> EventRow:
    seq, received_at, occurred_at, name, status, subject, run_id, event_id, _, version, violations = row[:11]
    return EventRow(
        seq,
        received_at,
        occurred_at,
        name,
        _VERDICTS[status],
        subject,
        run_id,
        event_id,
        Source(*(field or "" for field in row[11:])),
        version,
        _violations(violations) if violations else (),
    )


def _violations(text: str) -> tuple[Violation, ...]:
    return tuple(
        Violation(item["path"], _KINDS[item["kind"]], item["expected"], item["received"], item["value"])
        for item in orjson.loads(text)
    )
