"""Statements that are built once, and where it pays planned once by each connection.

Building one with SQLAlchemy costs a page more than running it. Over many partitions planning takes far
longer than reading: a page of ninety days is planned in 5 ms and read in 1. A plan that is kept is of all
partitions; when it runs it is pruned to those that its values ask for. PostgreSQL plans it anew after
whatever changes a partition, and forgets it with the connection.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from storage.database import sqlstate
from storage.errors import Unavailable

#: In a connection's own notes: the names of the statements of which it keeps the plan.
_PLANNED = "kept plans"

#: SQLSTATEs of a session that has another plan than its notes say: it lost it, or has it already.
_AT_ODDS = ("26000", "42P05")
#: By parameter.
Values = Mapping[str, Any]


class KeptStatement:
    """A statement of which every value is a named parameter. May be used by many threads."""

    def __init__(self, name: str, statement: Select[Any]) -> None:
        numbered = _compiled(statement, "numeric_dollar")
        values = ", ".join(f"%({parameter})s" for parameter in numbered.positiontup)
        self._name = name
        self._statement = str(_compiled(statement, "pyformat"))
        self._prepare = f"PREPARE {name} AS {numbered}"
        self._execute = f"EXECUTE {name} ({values})"

    def run(self, conn: Connection, values: Values) -> CursorResult[Any]:
        """Planned for these values."""
        return conn.exec_driver_sql(self._statement, dict(values))

    def run_by_kept_plan(self, conn: Connection, values: Values) -> CursorResult[Any]:
        """By one plan for all values, as snapshots see to it. So no plan may suit some values alone: the
        statement is to order its rows in a way that one index alone has. Raises Unavailable, too, where the
        session has lost its plans."""
        try:
            self._plan_once(conn)
            return conn.exec_driver_sql(self._execute, dict(values))
        except DBAPIError as error:
            if sqlstate(error) not in _AT_ODDS:
                raise
            # Else every later call in this session would fail.
            conn.invalidate(error)
            raise Unavailable("The database's session has changed: try again") from error

    def _plan_once(self, conn: Connection) -> None:
        planned: set[str] = conn.info.setdefault(_PLANNED, set())
        if self._name not in planned:
            conn.exec_driver_sql(self._prepare)
            planned.add(self._name)


def _compiled(statement: Select[Any], paramstyle: str) -> Any:
    dialect = postgresql.dialect(paramstyle=paramstyle)  # type: ignore[no-untyped-call]
    return statement.compile(dialect=dialect)
