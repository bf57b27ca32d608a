"""Rejected events, page by page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.selectable import Subquery

from storage.errors import BadRequest, NotFound
from storage.model import Source
from storage.readers.ledgers import read_ledger
from storage.readers.minutes import check_range
from storage.readers.results import RejectedCursor, RejectedPage, RejectedRow
from storage.readers.spans import Span
from storage.schema import rejected_event, source

#: Most rejected events of a page: each may carry storage.schema.MAX_RAW_BYTES.
MAX_REJECTED = 100
#: How many index entries a page looks at for rare reasons before it answers what it has. A few milliseconds.
_MAX_LOOKED_AT = 50_000

_KEY = (rejected_event.c.last_seen_at, rejected_event.c.sha256, rejected_event.c.reason)
_COLUMNS = (
    rejected_event.c.day,
    rejected_event.c.sha256,
    rejected_event.c.reason,
    rejected_event.c.message,
    rejected_event.c.name,
    rejected_event.c.raw,
    rejected_event.c.raw_bytes,
    rejected_event.c.run_id,
    rejected_event.c.first_seen_at,
    rejected_event.c.last_seen_at,
    rejected_event.c.count,
    source.c.sdk,
    source.c.app_version,
    source.c.platform,
    source.c.environment,
)
_ITS_SOURCE = and_(
    source.c.app_id == rejected_event.c.app_id, source.c.source_id == rejected_event.c.source_id
)


@dataclass(frozen=True, slots=True)
class RejectedQuery:
    """Rejected events last seen in a range, of any of these reasons; no reason: of all."""

    app_id: int
    span: Span
    reasons: tuple[str, ...]
    after: RejectedCursor | None
    limit: int


def read_rejected(conn: Connection, query: RejectedQuery) -> RejectedPage:
    """Rejected events last seen in the range. Raises NotFound, BadRequest."""
    check_range(query.span.start, query.span.end)
    limit, reasons = query.limit, query.reasons
    if not 1 <= limit <= MAX_REJECTED:
        raise BadRequest(f"limit is {limit}: ask for 1 to {MAX_REJECTED} rejected events")
    read_ledger(conn, query.app_id)
    looked_at = _looked_at(query, _MAX_LOOKED_AT if reasons else limit + 1)
    found = tuple(_row(row._mapping) for row in conn.execute(_wanted(query, looked_at, limit + 1)))
    if len(found) > limit:
        return RejectedPage(found[:limit], _cursor(found[limit - 1]))
    return RejectedPage(found, _searched_to(conn, looked_at) if reasons else None)


def read_rejected_event(conn: Connection, app_id: int, day: date, sha256: str, reason: str) -> RejectedRow:
    """One rejected event. Raises NotFound, BadRequest."""
    key = (rejected_event.c.day == day, rejected_event.c.sha256 == _digest(sha256))
    statement = select(*_COLUMNS).select_from(rejected_event.outerjoin(source, _ITS_SOURCE))
    row = conn.execute(
        statement.where(rejected_event.c.app_id == app_id, *key, rejected_event.c.reason == reason)
    ).one_or_none()
    if row is None:
        raise NotFound("this rejected event is gone: its retention is over, or its app was deleted")
    return _row(row._mapping)


def _looked_at(query: RejectedQuery, limit: int) -> Subquery:
    """Keys in order, behind the cursor: an index-only scan of rejected_event_by_last_seen."""
    (last_seen, sha256, reason), span, after = _KEY, query.span, query.after
    conditions = [rejected_event.c.app_id == query.app_id]
    if span.start is not None:
        conditions.append(last_seen >= span.start)
    if span.end is not None:
        conditions.append(last_seen < span.end)
    if after is not None:
        behind = tuple_(sha256, reason) > tuple_(literal(_digest(after.sha256)), literal(after.reason))
        conditions += [last_seen <= after.last_seen_at, or_(last_seen < after.last_seen_at, behind)]
    return select(*_KEY).where(*conditions).order_by(*_in_order(_KEY)).limit(limit).subquery("looked_at")


def _wanted(query: RejectedQuery, looked_at: Subquery, limit: int) -> Select[Any]:
    """The rows of those keys that have one of the reasons, by rejected_event_pkey."""
    keys = select(looked_at).order_by(*_in_order(looked_at.c)).limit(limit)
    wanted = (keys.where(looked_at.c.reason.in_(query.reasons)) if query.reasons else keys).subquery("wanted")
    its_row = and_(
        rejected_event.c.app_id == query.app_id,
        rejected_event.c.day == cast(func.timezone("UTC", wanted.c.last_seen_at), Date),
        rejected_event.c.sha256 == wanted.c.sha256,
        rejected_event.c.reason == wanted.c.reason,
    )
    rows = wanted.join(rejected_event, its_row).outerjoin(source, _ITS_SOURCE)
    return select(*_COLUMNS).select_from(rows).order_by(*_in_order(wanted.c))


def _searched_to(conn: Connection, looked_at: Subquery) -> RejectedCursor | None:
    """The last key that a search for reasons looked at; None: there are no more."""
    count = func.count().over()
    backwards = (looked_at.c.last_seen_at, looked_at.c.sha256.desc(), looked_at.c.reason.desc())
    last = conn.execute(select(looked_at, count).order_by(*backwards).limit(1)).one_or_none()
    if last is None or last[3] < _MAX_LOOKED_AT:
        return None
    return RejectedCursor(last[0], bytes(last[1]).hex(), last[2])


def _in_order(columns: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    last_seen, sha256, reason = columns
    return [last_seen.desc(), sha256, reason]


def _digest(sha256: str) -> bytes:
    try:
        return bytes.fromhex(sha256)
    except ValueError:
        raise BadRequest("a rejected event's sha256 is written in hexadecimal digits") from None


def _cursor(row: RejectedRow) -> RejectedCursor:
    return RejectedCursor(row.last_seen_at, row.sha256, row.reason)


def _row(row: Mapping[Any, Any]) -> RejectedRow:
    return RejectedRow(
        day=row["day"],
        sha256=bytes(row["sha256"]).hex(),
        reason=row["reason"],
        message=row["message"],
        name=row["name"],
        raw=bytes(row["raw"]),
        raw_bytes=row["raw_bytes"],
        source=Source(*(row[field] or "" for field in ("sdk", "app_version", "platform", "environment"))),
        run_id=row["run_id"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        count=row["count"],
    )
