"""Rows of one key, by the one index that starts with its columns: statements that are built once, over many
days with a plan that is kept."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Integer, bindparam, select, tuple_

from storage.readers.access import Access
from storage.readers.event_columns import COLUMNS, ordered, terms_of_partial, with_sources
from storage.readers.kept_statements import KeptStatement
from storage.readers.minutes import DAY
from storage.readers.stretches import Stretch, days_of
from storage.schema import event

#: Over more days than these, rows of one key come by a plan that is kept.
_FAR = 8 * DAY


def rows_of_key(
    conn: Connection, access: Access, stretch: Stretch, limit: int, *, newest_first: bool
) -> CursorResult[Any]:
    """The first rows of an exact access of one key, with their sources: at most `limit` are read."""
    statement = _key_statement(access.columns, newest_first=newest_first)
    values = _key_values(access, stretch, limit)
    if stretch.end - stretch.start > _FAR:
        return statement.run_by_kept_plan(conn, values)
    return statement.run(conn, values)


@cache
def _key_statement(columns: tuple[str, ...], *, newest_first: bool) -> KeptStatement:
    """As `event_rows._scan`, of one key and with nothing left to check. Ordered by the key, too, which is but
    one: so no other index will do, whatever the planner believes of values that it does not know."""
    place = [*(event.c[column] for column in columns), event.c.seq]
    app_id = bindparam("app_id", type_=event.c.app_id.type)
    key = [bindparam(column, type_=event.c[column].type) for column in columns]
    first, last = (bindparam(edge, type_=event.c.seq.type) for edge in ("first_seq", "last_seq"))
    start, end = (bindparam(edge, type_=event.c.received_at.type) for edge in ("start", "end"))
    found = (
        select(*COLUMNS)
        .where(event.c.app_id == app_id, *terms_of_partial(columns))
        .where(tuple_(*place) >= tuple_(*key, first), tuple_(*place) <= tuple_(*key, last))
        .where(event.c.received_at >= start, event.c.received_at < end)
        .order_by(*(ordered(column, newest_first=newest_first) for column in place))
        .limit(bindparam("limit", type_=Integer))
        .subquery("found")
    )
    order = [ordered(found.c[column.name], newest_first=newest_first) for column in place]
    direction = "newest_first" if newest_first else "oldest_first"
    return KeptStatement("_".join(("event_rows", *columns, direction)), with_sources(found, app_id, order))


def _key_values(access: Access, stretch: Stretch, limit: int) -> dict[str, object]:
    start, end = days_of(stretch)
    return {
        **dict(zip(access.columns, access.keys[0], strict=True)),
        "app_id": stretch.app_id,
        "first_seq": stretch.first_seq,
        "last_seq": stretch.last_seq,
        "start": start,
        "end": end,
        "limit": limit,
    }
