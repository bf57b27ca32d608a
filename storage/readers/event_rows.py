"""The queries on `event` and what their rows become.

Every one names one app and bounds `received_at`, for seq alone prunes no partition. psycopg2 writes the
values into the statement, so partitions are pruned, and left unlocked, when it is planned; rows of one key
over many days come by a plan that is kept.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Select, Text, cast, func, literal, select, true
from sqlalchemy.sql.selectable import TableValuedAlias

from storage.readers.access import EVERY_ROW, Access
from storage.readers.event_columns import COLUMNS, event_row, ordered, terms_of_partial, with_sources
from storage.readers.key_rows import rows_of_key
from storage.readers.model import EventRow
from storage.readers.row_tests import row_tests
from storage.readers.stretches import Stretch, days_of
from storage.schema import event


def fetch_rows(
    conn: Connection, access: Access, stretch: Stretch, limit: int, *, newest_first: bool
) -> tuple[EventRow, ...]:
    """The first rows of the stretch in the asked order: one index scan per key, merged by seq.

    Each scan reads at most `limit` rows where the access is exact; else up to all of its rows in the
    stretch. The sources come by source_pkey.
    """
    if access.exact and len(access.keys) == 1:
        rows = rows_of_key(conn, access, stretch, limit, newest_first=newest_first)
    else:
        found = _merged(access, stretch, limit, COLUMNS, newest_first=newest_first).subquery("found")
        order = ordered(found.c.seq, newest_first=newest_first)
        rows = conn.execute(with_sources(found, literal(stretch.app_id), (order,)))
    return tuple(event_row(row) for row in rows)


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
        select(found.c.seq).order_by(ordered(found.c.seq, newest_first=newest_first)).offset(offset).limit(1)
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
    return merged.order_by(ordered(scan.c.seq, newest_first=newest_first)).limit(limit)


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
        .where(event.c.app_id == stretch.app_id, *equals, *terms_of_partial(access.columns))
        .where(event.c.seq >= stretch.first_seq, event.c.seq <= stretch.last_seq)
        .where(*_arrived_in(stretch), *row_tests(access.rest))
        .order_by(ordered(event.c.seq, newest_first=newest_first))
    )


def _arrived_in(stretch: Stretch) -> list[ColumnElement[bool]]:
    start, end = days_of(stretch)
    return [event.c.received_at >= start, event.c.received_at < end]
