"""Numbers the programs that producers send from, so that an event row carries four bytes for its source."""

from dataclasses import astuple
from typing import Any

import psycopg2.errors

from storage.ledger import LEDGER_WAIT_MS
from storage.model import Source
from storage.schema import MAX_SOURCES_PER_APP, OTHER

#: Counts what comes from sources beyond the limit.
OTHER_SOURCE = Source(OTHER, OTHER, OTHER, OTHER)

#: By source_fields_key.
_FIND = (
    "SELECT source_id FROM source WHERE app_id = %s AND sdk = %s AND app_version = %s AND platform = %s "
    "AND environment = %s"
)
#: One at a time per app; the ledger is left alone, so no writer waits. It is waited for no longer than for a
#: ledger: whoever holds it longer must not hold up the group's other apps.
_WAIT = f"BEGIN; SET LOCAL lock_timeout = {LEDGER_WAIT_MS}"
_LOCK = "SELECT 1 FROM app WHERE app_id = %s FOR UPDATE"
_COUNT = "SELECT count(*), coalesce(max(source_id), 0) FROM source WHERE app_id = %s"
_INSERT = (
    "INSERT INTO source (app_id, source_id, sdk, app_version, platform, environment) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)


class AppHeld(Exception):
    """Somebody else holds the app, so that its sources cannot be numbered now."""


def source_id(cursor: Any, app_id: int, source: Source) -> int | None:
    """The source's number within its app, made if it is new; None: there is no such app.

    In a transaction of its own. Raises AppHeld.
    """
    cursor.execute(_WAIT)
    try:
        cursor.execute(_LOCK, (app_id,))
    except psycopg2.errors.LockNotAvailable:
        cursor.execute("ROLLBACK")
        raise AppHeld from None
    number = _number(cursor, app_id, source) if cursor.fetchone() is not None else None
    cursor.execute("COMMIT")
    return number


def _number(cursor: Any, app_id: int, source: Source) -> int:
    number = _find(cursor, app_id, source)
    return _make(cursor, app_id, source) if number is None else number


def _find(cursor: Any, app_id: int, source: Source) -> int | None:
    cursor.execute(_FIND, (app_id, *astuple(source)))
    row: tuple[int] | None = cursor.fetchone()
    return None if row is None else row[0]


def _make(cursor: Any, app_id: int, source: Source) -> int:
    cursor.execute(_COUNT, (app_id,))
    count, highest = cursor.fetchone()
    if count >= MAX_SOURCES_PER_APP and source != OTHER_SOURCE:
        return _number(cursor, app_id, OTHER_SOURCE)
    cursor.execute(_INSERT, (app_id, highest + 1, *astuple(source)))
    return int(highest) + 1
