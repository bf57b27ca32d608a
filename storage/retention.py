"""Drops what is older than the retention, a whole day at a time.

First every app's first_seq is raised and committed, so that no reader counts on the rows; then the
partition is detached beside running queries, then dropped. Rollups and the rest go by the same clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from storage.database import translate_errors
from storage.partitions import Partition, attached, maintenance, run_ddl

#: A partition is dropped when its end is older than the retention by this much: events at the edge of the
#: accepted window still find their duplicates.
_GRACE = timedelta(hours=1)

#: By app_minute_pkey; locks one app at a time, as a writer does.
_RAISE = text(
    "UPDATE app_ledger l SET version = version + 1, first_seq = greatest(first_seq, coalesce("
    "(SELECT min(m.first_seq) FROM app_minute m WHERE m.app_id = l.app_id AND m.minute >= :end), "
    "l.last_seq + 1)) WHERE l.app_id = :app_id"
)
_APPS = text("SELECT app_id FROM app_ledger ORDER BY app_id")
_CLOCK = text("SELECT clock_timestamp()")

#: Rows of these tables that lie wholly before the end of the dropped day, by their primary keys per app.
_AGED = (
    "DELETE FROM app_minute WHERE app_id = :app_id AND minute < :end",
    "DELETE FROM rollup_minute WHERE app_id = :app_id AND minute < :end",
    "DELETE FROM rollup_hour WHERE app_id = :app_id AND hour < :end",
    "DELETE FROM failing_field_hour WHERE app_id = :app_id AND hour < :end",
    "DELETE FROM rejected_event WHERE app_id = :app_id AND day < CAST(:end AS date)",
)


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run dropped."""

    dropped: tuple[Partition, ...]


def retain(engine: Engine, retention: timedelta) -> Retained:
    """Drops the partitions that are over. Any number may run at once; one works. Raises Unavailable."""
    with maintenance(engine) as conn:
        clock: datetime = conn.execute(_CLOCK).scalar_one()
        _drop_detached(conn)
        over = [day for day in attached(conn) if day.end <= clock - retention - _GRACE]
        if over:
            _forget(engine, over[-1].end)
        for partition in over:
            run_ddl(conn, f"ALTER TABLE event DETACH PARTITION {partition.name} CONCURRENTLY")
            run_ddl(conn, f"DROP TABLE {partition.name}")
    return Retained(tuple(over))


def _forget(engine: Engine, end: datetime) -> None:
    """Raises each app's first_seq past the rows before `end`, and drops its rollups before it."""
    with translate_errors(), engine.connect() as conn:
        app_ids = conn.execute(_APPS).scalars().all()
    for app_id in app_ids:
        with translate_errors(), engine.begin() as conn:
            for statement in (_RAISE, *map(text, _AGED)):
                conn.execute(statement, {"app_id": app_id, "end": end})


def _drop_detached(conn: Connection) -> None:
    """Finishes what an interrupted run left: a partition half detached, or detached and not dropped."""
    pending = conn.execute(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'event'::regclass AND i.inhdetachpending"
        )
    ).scalars()
    for name in pending.all():
        run_ddl(conn, f"ALTER TABLE event DETACH PARTITION {name} FINALIZE")
    loose = conn.execute(
        text(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relname ~ '^event_[0-9]{8}$' "
            "AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'event'::regclass) "
            "AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)"
        )
    ).scalars()
    for name in loose.all():
        run_ddl(conn, f"DROP TABLE {name}")
