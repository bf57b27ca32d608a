"""Daily partitions of `event`: made ahead, built apart and then attached, so that no writer waits.

DDL here runs with a lock_timeout of its own and is retried, and never while a ledger lock is held.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic, sleep

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import sqlstate, translate_errors
from storage.errors import Unavailable

#: Partitions exist for this many days after today.
DAYS_AHEAD = 7
#: Two servers never make or drop partitions at the same time. The number is ours alone: "lvd" in ASCII.
MAINTENANCE_LOCK = 0x6C7664
#: DDL gives up so soon, so that the writers queued behind it do not wait. In milliseconds.
DDL_LOCK_TIMEOUT_MS = 200
#: How long another server's maintenance is waited for, and how often it is looked whether it is over.
_LOCK_SECONDS, _LOCK_PAUSE_SECONDS = 60.0, 0.1
_DDL_TRIES = 50
_DDL_PAUSE_SECONDS = 0.1
#: SQLSTATE of a lock that did not come in time.
LOCK_NOT_AVAILABLE = "55P03"

_PREFIX = "event_"

#: The columns that lead in an index of `event`.
_NO_STATISTICS = ("app_id", "name", "subject", "run_id", "status")


@dataclass(frozen=True, slots=True)
class Partition:
    """One day (UTC) of `event`."""

    day: date

    @property
    def name(self) -> str:
        """The table's name: event_YYYYMMDD."""
        return f"{_PREFIX}{self.day:%Y%m%d}"

    @property
    def start(self) -> datetime:
        """First instant in it."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """First instant behind it."""
        return self.start + timedelta(days=1)


def ensure_ahead(engine: Engine, days: int = DAYS_AHEAD) -> tuple[Partition, ...]:
    """Makes the partitions of today (by Postgres's clock) and `days` more that are missing; returns those."""
    with translate_errors(), engine.connect() as conn:
        today: date = conn.execute(text("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")).scalar_one()
    return ensure_days(engine, [today + timedelta(days=ahead) for ahead in range(days + 1)])


def ensure_days(engine: Engine, wanted: list[date]) -> tuple[Partition, ...]:
    """Makes the partitions of these days that are missing; returns those. Any number may run at once."""
    with maintenance(engine) as conn:
        there = {partition.day for partition in attached(conn)}
        missing = tuple(Partition(day) for day in wanted if day not in there)
        for partition in missing:
            create_partition(conn, partition.day)
    return missing


@contextmanager
def maintenance(engine: Engine) -> Iterator[Connection]:
    """A connection in autocommit that holds the maintenance lock, with DDL's short lock_timeout."""
    with translate_errors(), engine.connect() as plain:
        conn = plain.execution_options(isolation_level="AUTOCOMMIT")
        _lock(conn)
        conn.execute(text(f"SET lock_timeout = {DDL_LOCK_TIMEOUT_MS}"))
        try:
            yield conn
        finally:
            # The session's settings and lock end with it; the pool gets a fresh connection.
            conn.invalidate()


def _lock(conn: Connection) -> None:
    """Asks again and again: a statement that waited would hold up the other's DETACH by its snapshot.

    Raises Unavailable after _LOCK_SECONDS: who holds it then is a server that froze.
    """
    ends_at = monotonic() + _LOCK_SECONDS
    while not conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": MAINTENANCE_LOCK}).scalar_one():
        if monotonic() > ends_at:
            raise Unavailable(f"Another server's maintenance takes more than {_LOCK_SECONDS:.0f} s")
        sleep(_LOCK_PAUSE_SECONDS)


def attached(conn: Connection) -> tuple[Partition, ...]:
    """The partitions that are attached to `event`, oldest first."""
    names = conn.execute(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'event'::regclass ORDER BY c.relname"
        )
    ).scalars()
    return tuple(Partition(_day_of(name)) for name in names)


def create_partition(conn: Connection, day: date) -> None:
    """Makes and attaches the partition of one day. `conn` is in autocommit and holds the maintenance lock."""
    partition = Partition(day)
    for statement in (
        f"DROP TABLE IF EXISTS {partition.name}",  # what an interrupted run left: it was never attached
        *build_statements(partition),
        attach_statement(partition),
        f"ALTER TABLE {partition.name} DROP CONSTRAINT {partition.name}_day",
    ):
        run_ddl(conn, statement)


def build_statements(partition: Partition) -> tuple[str, ...]:
    """What makes the table apart: all indexes of the parent, its own identity index, and a CHECK.

    The CHECK spares ATTACH the scan of the table; the partition's bounds replace it afterwards.
    """
    name, bounds = partition.name, f"'{partition.start.isoformat()}' AND '{partition.end.isoformat()}'"
    low, high = bounds.split(" AND ")
    return (
        f"CREATE TABLE {name} (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES, "
        f"CONSTRAINT {name}_day CHECK (received_at >= {low} AND received_at < {high}))",
        identity_index_statement(partition),
        no_statistics_statement(name),
    )


def identity_index_statement(partition: Partition) -> str:
    """The unique index by which a COPY of an event that is stored already fails."""
    return (
        f"CREATE UNIQUE INDEX {partition.name}_identity ON {partition.name} "
        "(app_id, occurred_at, event_key) NULLS NOT DISTINCT"
    )


def no_statistics_statement(table: str) -> str:
    """Keeps the planner from believing what was true at the last ANALYZE: see docs/decisions/0003.

    Of an app that came later statistics say "one row", and every index that starts with app_id looks as good
    as the right one. Of a name that has become rare they say "frequent", and a walk over all rows looks
    shorter than one through the index by name. Without any, each value counts as 1/200 of the table.
    """
    changes = (f"ALTER COLUMN {column} SET STATISTICS 0" for column in _NO_STATISTICS)
    return f"ALTER TABLE {table} {', '.join(changes)}"


def attach_statement(partition: Partition) -> str:
    """Attaches the table; its indexes become parts of the parent's."""
    return (
        f"ALTER TABLE event ATTACH PARTITION {partition.name} "
        f"FOR VALUES FROM ('{partition.start.isoformat()}') TO ('{partition.end.isoformat()}')"
    )


def run_ddl(conn: Connection, statement: str, *, tries: int = _DDL_TRIES) -> None:
    """Runs one statement in autocommit, again and again while it cannot get its lock at once."""
    for _ in range(tries):
        try:
            conn.execute(text(statement))
        except DBAPIError as error:
            if sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            sleep(_DDL_PAUSE_SECONDS)
        else:
            return
    raise Unavailable("A table is locked by a long transaction: partitions cannot be changed now")


def _day_of(name: str) -> date:
    return datetime.strptime(name.removeprefix(_PREFIX), "%Y%m%d").replace(tzinfo=UTC).date()
