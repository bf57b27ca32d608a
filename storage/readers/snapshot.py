"""One transaction per answer: read only, and of one snapshot, so that ledger and rows agree."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from storage.database import translate_errors

#: A reading that takes longer than this is given up. In milliseconds.
STATEMENT_TIMEOUT_MS = 10_000

#: Sequential and bitmap scans, and sorts, are ruled out where an ordered index scan will do: it stops after a
#: page, they read all of it first. Statistics are as old as the last ANALYZE, and of today's partition there
#: are often none, so the planner may well believe that there is little to read. No parallel workers: the
#: dashboard must not take ingest's cores. No query here is answered by a partition's CHECKs alone: comparing
#: them takes a fifth of the time that many partitions are planned in. One plan serves all values where plans
#: are kept: see kept_statements.py.
_SETTINGS = text(
    "SELECT set_config('statement_timeout', :timeout, true), set_config('TimeZone', 'UTC', true),"
    " set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),"
    " set_config('enable_sort', 'off', true), set_config('enable_incremental_sort', 'off', true),"
    " set_config('constraint_exclusion', 'off', true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true),"
    " set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
)
_TIMEOUT = text("SELECT set_config('statement_timeout', :timeout, true)")
#: Both in one message: a round trip is saved.
_TRIAL = text("SAVEPOINT trial; SELECT set_config('statement_timeout', :timeout, true)")
_UNDO_TRIAL = text("ROLLBACK TO SAVEPOINT trial")


class Snapshots:
    """Opens snapshots; may be used by many threads."""

    def __init__(self, engine: Engine, statement_timeout_ms: int) -> None:
        # Shares the pool. psycopg2 puts both options into BEGIN: they cost no round trip.
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._timeout = str(statement_timeout_ms)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """A connection in a fresh snapshot. Raises Unavailable, also on timeouts within it."""
        with translate_errors(), self._engine.connect() as conn:
            conn.execute(_SETTINGS, {"timeout": self._timeout})
            yield conn


def set_timeout(conn: Connection, milliseconds: int) -> None:
    """Changes the time that each further statement of the snapshot may take."""
    conn.execute(_TIMEOUT, {"timeout": str(milliseconds)})


def begin_trial(conn: Connection, milliseconds: int) -> None:
    """The same; and the snapshot can be brought back to here after a statement that took longer."""
    conn.execute(_TRIAL, {"timeout": str(milliseconds)})


def undo_trial(conn: Connection) -> None:
    """Back to where the last trial began, with the timeout of then."""
    conn.execute(_UNDO_TRIAL)
