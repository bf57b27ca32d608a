"""The feed: what was committed since a cursor; and one event with all that is known of it."""

from sqlalchemy import Connection

from storage.errors import NotFound
from storage.model import Ledger
from storage.readers.access import EVERY_ROW
from storage.readers.event_rows import fetch_payload, fetch_rows
from storage.readers.ledgers import read_ledger, read_plan
from storage.readers.model import Changes, Cursor, EventDetail
from storage.readers.pages import check_limit
from storage.readers.stretches import stretch_of


def read_since(conn: Connection, app_id: int, cursor: Cursor, limit: int) -> Changes:
    """Rows past the cursor: seq is dense and in commit order, so none is missed or repeated."""
    check_limit(limit)
    ledger = read_ledger(conn, app_id)
    newest = Cursor(ledger.epoch, ledger.version, ledger.last_seq)
    if _is_gap(ledger, cursor):
        return Changes(ledger, True, (), False, newest)
    if cursor.seq == ledger.last_seq:
        return Changes(ledger, False, (), False, newest)
    last = min(ledger.last_seq, cursor.seq + limit)
    stretch = stretch_of(conn, app_id, cursor.seq + 1, last)
    rows = fetch_rows(conn, EVERY_ROW, stretch, limit, newest_first=False)
    truncated = last < ledger.last_seq
    # While rows are left the version is an old one: the next reading must not take them for read.
    following = Cursor(ledger.epoch, cursor.version, last) if truncated else newest
    return Changes(ledger, False, rows, truncated, following)


def read_event(conn: Connection, app_id: int, seq: int) -> EventDetail:
    """One event. Raises NotFound."""
    ledger = read_ledger(conn, app_id)
    if not ledger.first_seq <= seq <= ledger.last_seq:
        raise NotFound(f"there is no event {seq}: the app has {ledger.first_seq} to {ledger.last_seq}")
    stretch = stretch_of(conn, app_id, seq, seq)
    rows = fetch_rows(conn, EVERY_ROW, stretch, 1, newest_first=False)
    if not rows:
        raise NotFound(f"event {seq} is gone: its retention has just ended")
    plan = read_plan(conn, app_id, rows[0].plan_version)
    return EventDetail(rows[0], fetch_payload(conn, stretch), plan)


def _is_gap(ledger: Ledger, cursor: Cursor) -> bool:
    return cursor.epoch != ledger.epoch or not ledger.first_seq - 1 <= cursor.seq <= ledger.last_seq
