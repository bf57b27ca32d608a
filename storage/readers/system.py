"""What the store itself takes up: the partitions of `event`, and the whole database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from storage.partitions import Partition

#: Most partitions that are measured: each is a few files to look at.
MAX_PARTITIONS = 400

#: From the catalog and the file system alone: no row is read. A partition that is dropped meanwhile has no
#: size. Rows are as of the last ANALYZE; below 0 there was none.
_PARTITIONS = text(
    "SELECT to_date(right(c.relname, 8), 'YYYYMMDD'), c.reltuples, coalesce(pg_total_relation_size(c.oid), 0)"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'event'::regclass"
    " ORDER BY c.relname DESC LIMIT :limit"
)
_DATABASE = text("SELECT pg_database_size(current_database()), clock_timestamp()")


@dataclass(frozen=True, slots=True)
class PartitionSize:
    """One day (UTC) of arrived events."""

    partition: Partition
    #: Estimated; None: not counted yet.
    rows: int | None
    #: With indexes, in bytes.
    size: int


@dataclass(frozen=True, slots=True)
class StoredSizes:
    """What is stored, by Postgres's clock `now`."""

    #: Newest day first; those made ahead included.
    partitions: tuple[PartitionSize, ...]
    #: Of the whole database, in bytes.
    database: int
    now: datetime

    @property
    def today(self) -> date:
        """The day (UTC) whose partition takes what arrives now."""
        return self.now.date()


def read_stored_sizes(conn: Connection) -> StoredSizes:
    """Sizes as of now."""
    partitions = tuple(_size(row) for row in conn.execute(_PARTITIONS, {"limit": MAX_PARTITIONS}))
    size, now = conn.execute(_DATABASE).one()
    return StoredSizes(partitions, size, now)


def _size(row: Sequence[Any]) -> PartitionSize:
    day, rows, size = row
    return PartitionSize(Partition(day), round(rows) if rows >= 0 else None, size)
