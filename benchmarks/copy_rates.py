"""What one connection COPYs of the same rows, ready-made: what ingest is held against."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import chain
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, text

from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from storage.copy_rows import COLUMNS, HEADER, TRAILER, head, tails
from storage.database import translate_errors
from storage.partitions import Partition, build_statements
from tracking_plan.compiled import CompiledPlan

#: A day that has no partition, and never will: its table gets every index that a partition has.
_INDEXED = Partition(date(1999, 12, 31))
_UNINDEXED = "bench_unindexed"
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """Rows in COPY's binary format, as ingest would write them."""

    #: Each a COPY of its own, with header and trailer.
    copies: Sequence[bytes]
    rows: int


def ready_rows(messages: Iterator[bytes], plan: CompiledPlan, rows: int, rows_per_copy: int) -> ReadyRows:
    """The first so many rows of serialised batches, decoded and judged as the server does it."""
    start_us = int(datetime.combine(_INDEXED.day, datetime.min.time(), UTC).timestamp()) * 1_000_000
    made: list[bytes] = []
    while len(made) < rows:
        batch = judge_batch(decode_batch(next(messages), DecodeLimits()), 1, plan)
        # The clock goes on while they arrive: some 50,000 a second, the day's end is never reached.
        heads = (
            head(seq, start_us + min(seq * 20, _DAY_US - 1))
            for seq in range(len(made) + 1, len(made) + 1 + len(batch.events))
        )
        made += map(b"".join, zip(heads, tails(batch.events, 1, 1, plan.version, None), strict=True))
    del made[rows:]
    copies = [
        b"".join(chain((HEADER,), made[place : place + rows_per_copy], (TRAILER,)))
        for place in range(0, rows, rows_per_copy)
    ]
    return ReadyRows(copies, rows)


def unindexed_rate(engine: Engine, rows: ReadyRows) -> float:
    """Rows per second into a new table of the event's columns, without an index. A commit after each COPY."""
    with _table(engine, _UNINDEXED, (f"CREATE TABLE {_UNINDEXED} (LIKE event)",)):
        return _rate(engine, _UNINDEXED, rows)


def indexed_rate(engine: Engine, rows: ReadyRows) -> float:
    """The same into a new table with all indexes and checks of a partition."""
    with _table(engine, _INDEXED.name, build_statements(_INDEXED)):
        return _rate(engine, _INDEXED.name, rows)


@contextmanager
def _table(engine: Engine, name: str, statements: Sequence[str]) -> Iterator[None]:
    drop = f"DROP TABLE IF EXISTS {name}"
    with translate_errors(), engine.connect() as plain:
        conn = plain.execution_options(isolation_level="AUTOCOMMIT")
        _execute(conn, (drop, *statements))
        try:
            yield
        finally:
            _execute(conn, (drop,))


def _execute(conn: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        conn.execute(text(statement))


def _rate(engine: Engine, table: str, rows: ReadyRows) -> float:
    pooled = engine.raw_connection()
    try:
        connection: Any = pooled.driver_connection
        cursor = connection.cursor()
        started = monotonic()
        for copy in rows.copies:
            cursor.copy_expert(f"COPY {table} ({COLUMNS}) FROM STDIN (FORMAT binary)", BytesIO(copy), 1 << 20)
            connection.commit()
        return rows.rows / (monotonic() - started)
    finally:
        pooled.close()
