"""Takes the apps' ledgers: one writer per app at a time, and no two writers that wait for each other."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2.errors

from storage.database import LOCK_TIMEOUT_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: How long a group waits for its first app, in milliseconds: a transaction takes less, and whoever holds a
#: ledger longer (a server that froze, a person) must not hold up the group's other apps. No less: each wait
#: in vain costs the preparation of the app's rows.
LEDGER_WAIT_MS = 250
#: The same of a group of one app, which holds up nobody else: the group before it may take 300 ms.
_LONE_WAIT_MS = 1_000

#: Waits for the first app only, while nothing is held.
_WAIT_FOR_FIRST = f"""
SET LOCAL lock_timeout = %(wait_ms)s;
SELECT FROM app_ledger WHERE app_id = %(first)s FOR UPDATE;
SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS};
"""
#: Takes of the apps those that are free. The clock is read by the outer query, after the rows are locked: a
#: clock read beside FOR UPDATE is older than the wait. By app_ledger_pkey.
_TAKE_FREE = """
WITH locked AS MATERIALIZED (
    SELECT app_id, last_seq, last_received_at, plan_version FROM app_ledger
    WHERE app_id = ANY(%(app_ids)s) FOR UPDATE SKIP LOCKED
)
SELECT app_id, last_seq, last_received_at, plan_version, clock_timestamp() FROM locked
"""


@dataclass(frozen=True, slots=True)
class LockedLedger:
    """An app's ledger under its lock, and the time at which this transaction receives."""

    last_seq: int
    plan_version: int
    #: Postgres's clock, never before the app's last arrival.
    received_at: datetime
    #: Microseconds since 1970: received_at, and the clock itself.
    received_us: int
    clock_us: int


@dataclass(frozen=True, slots=True)
class Locks:
    """What a transaction holds."""

    ledgers: dict[int, LockedLedger]
    #: The first app was held by somebody else all the time; else one that is not among the ledgers is gone.
    waited_in_vain: bool


def lock_ledgers(cursor: Any, app_ids: list[int]) -> Locks:
    """Begins a transaction and locks; leaves out apps that others hold, and the first one if there is none.

    Waits up to LEDGER_WAIT_MS for the first app, longer for the only one.
    """
    wait_ms = LEDGER_WAIT_MS if len(app_ids) > 1 else _LONE_WAIT_MS
    parameters = {"first": app_ids[0], "app_ids": app_ids, "wait_ms": wait_ms}
    try:
        cursor.execute(f"BEGIN;{_WAIT_FOR_FIRST}{_TAKE_FREE}", parameters)
    except psycopg2.errors.LockNotAvailable:
        cursor.execute("ROLLBACK")
        cursor.execute(f"BEGIN;{_TAKE_FREE}", {"app_ids": app_ids[1:]})
        return Locks(_ledgers(cursor), waited_in_vain=True)
    return Locks(_ledgers(cursor), waited_in_vain=False)


def _ledgers(cursor: Any) -> dict[int, LockedLedger]:
    return {row[0]: _locked(*row[1:]) for row in cursor.fetchall()}


def _locked(
    last_seq: int, last_received_at: datetime | None, plan_version: int, clock: datetime
) -> LockedLedger:
    received_at = clock if last_received_at is None else max(clock, last_received_at)
    return LockedLedger(last_seq, plan_version, received_at, to_us(received_at), to_us(clock))


def to_us(time: datetime) -> int:
    """Microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND
