"""Drops what is older than the retention, a whole day at a time.

First every app's first_seq is raised and committed, so that no reader counts on the rows; then the
partition is detached beside running queries, then dropped. Rollups and the rest go by the same clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import sleep

from sqlalchemy import Connection, Engine, text

from storage.database import translate_errors
from storage.errors import Unavailable
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
#: How many days the servers keep that were heard of lately, of those that keep most. They say so every few
#: seconds, but not while the database is away: after an outage nobody may be the first to drop.
_KEPT_BY_SERVERS = text(
    "SELECT max(CAST(document ->> 'retention_days' AS int)) FROM server_heartbeat "
    "WHERE seen_at > clock_timestamp() - interval '1 hour'"
)

#: Rows of these tables that lie wholly before the end of the dropped day, by their primary keys per app.
_AGED = (
    text("DELETE FROM app_minute WHERE app_id = :app_id AND minute < :end"),
    text("DELETE FROM rollup_minute WHERE app_id = :app_id AND minute < :end"),
    text("DELETE FROM rollup_hour WHERE app_id = :app_id AND hour < :end"),
    text("DELETE FROM failing_field_hour WHERE app_id = :app_id AND hour < :end"),
    text("DELETE FROM issue_source WHERE app_id = :app_id AND last_seen_at < :end"),
    text("DELETE FROM rejected_event WHERE app_id = :app_id AND day < CAST(:end AS date)"),
)
#: Whether an attached partition is half detached; no row: it is not attached.
_PENDING = text(
    "SELECT inhdetachpending FROM pg_inherits WHERE inhparent = 'event'::regclass "
    "AND inhrelid = to_regclass(:name)"
)
#: Tables that were detached, or built and never attached.
_LOOSE = text(
    "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relname ~ '^event_[0-9]{8}$' "
    "AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'event'::regclass) "
    "AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)"
)
#: Nothing is dropped while the clocks of this machine and of the database differ by more: one of them is
#: wrong, and what is dropped is gone. In seconds.
_MAX_DOUBT_SECONDS = 3_600.0
_DETACH_TRIES = 50
_DETACH_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run dropped."""

    dropped: tuple[Partition, ...]


def retain(engine: Engine, retention: timedelta) -> Retained:
    """Drops the partitions that are over. Any number may run at once; one works.

    Raises Unavailable, also while this machine's clock contradicts the database's, or a server that ran
    within the last hour keeps more days.
    """
    with maintenance(engine) as conn:
        clock: datetime = conn.execute(_CLOCK).scalar_one()
        _check_clock(clock, datetime.now(UTC))
        _drop_interrupted(conn)
        over = [day for day in attached(conn) if day.end <= clock - retention - _GRACE]
        if over:
            _check_servers(conn, retention)
            _forget(engine, over[-1].end)
        for partition in over:
            _detach(conn, partition)
            run_ddl(conn, f"DROP TABLE {partition.name}")
    return Retained(tuple(over))


def _check_clock(database: datetime, machine: datetime) -> None:
    seconds = abs((database - machine).total_seconds())
    if seconds > _MAX_DOUBT_SECONDS:
        raise Unavailable(
            f"The clocks of this machine and of the database differ by {seconds / 3600:.0f} hours: nothing is"
            " dropped until they agree"
        )


def _check_servers(conn: Connection, retention: timedelta) -> None:
    """A shell, or one more server, without the others' environment must not drop what they keep."""
    days: int | None = conn.execute(_KEPT_BY_SERVERS).scalar_one()
    if days is not None and timedelta(days=days) > retention:
        raise Unavailable(
            f"A server that ran within the last hour keeps {days} days, here {retention.days} are asked for:"
            " nothing is dropped until LVD_RETENTION_DAYS is the same for all"
        )


def _forget(engine: Engine, end: datetime) -> None:
    """Raises each app's first_seq past the rows before `end`, and drops its rollups before it."""
    with translate_errors(), engine.connect() as conn:
        app_ids = conn.execute(_APPS).scalars().all()
    for app_id in app_ids:
        for statement in (_RAISE, *_AGED):
            # Each in a transaction of its own: the ledger is held for the first alone, and shortly.
            with translate_errors(), engine.begin() as conn:
                conn.execute(statement, {"app_id": app_id, "end": end})


def _detach(conn: Connection, partition: Partition) -> None:
    """Detaches beside running queries. It waits for those that see the partition, and is tried again."""
    for _ in range(_DETACH_TRIES):
        pending = conn.execute(_PENDING, {"name": partition.name}).scalar_one_or_none()
        if pending is None:
            return
        how = "FINALIZE" if pending else "CONCURRENTLY"
        try:
            run_ddl(conn, f"ALTER TABLE event DETACH PARTITION {partition.name} {how}", tries=1)
        except Unavailable:
            sleep(_DETACH_PAUSE_SECONDS)
    raise Unavailable(f"Partition {partition.name} is in use by long transactions: it is dropped later")


def _drop_interrupted(conn: Connection) -> None:
    """Finishes what an interrupted run left: a partition half detached, or detached and not dropped."""
    for partition in attached(conn):
        if conn.execute(_PENDING, {"name": partition.name}).scalar_one_or_none():
            _detach(conn, partition)
    for name in conn.execute(_LOOSE).scalars().all():
        run_ddl(conn, f"DROP TABLE {name}")
