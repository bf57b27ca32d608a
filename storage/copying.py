"""COPYs rows into days' partitions, and finds out which row Postgres refuses."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import psycopg2

from storage.copy_rows import COLUMNS, HEADER, TRAILER
from storage.database import sqlstate
from storage.partitions import Partition
from storage.schema import EVENT_IDENTITY

_UNIQUE_VIOLATION = "23505"
_UNDEFINED_TABLE = "42P01"
#: SQLSTATE classes that blame a row's values: data, integrity, and an index row that is too large. Others
#: (connection, resources, shutdown, rollback) never do.
_BLAMES_ROW = ("22", "23", "54000")
_LINE = re.compile(r"^COPY \S+, line (\d+)", re.MULTILINE)


class IdentityTaken(Exception):
    """An event of the group is stored already; the transaction is to go back to its savepoint."""


@dataclass
class RowsRefused(Exception):
    """Postgres does not take the values of these rows, by place; none of the group's rows are copied."""

    places: tuple[int, ...]


@dataclass
class PartitionMissing(Exception):
    """There is no partition for the day."""

    day: date


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows [start, stop) of those to copy; `encode(start, stop)` gives their bytes."""

    start: int
    stop: int
    encode: Callable[[int, int], bytes]

    def bytes(self) -> bytes:
        """The rows in COPY's format."""
        return self.encode(self.start, self.stop)

    def cut(self, start: int, stop: int) -> "RowRange":
        """A part of the range."""
        return RowRange(start, stop, self.encode)


class Copying:
    """COPYs rows within one transaction; all of them can be undone, and its locks kept."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._has_savepoint = False

    def copy(self, day: date, rows: RowRange) -> None:
        """Into the day's partition.

        Raises IdentityTaken, PartitionMissing, and RowsRefused with all refused rows, found in one pass.
        """
        refused: list[int] = []
        while rows.start < rows.stop:
            place = self._try_copy(day, rows)
            if place is None:
                break
            refused.append(place)
            rows = rows.cut(place + 1, rows.stop)
        if refused:
            raise RowsRefused(tuple(refused))

    def undo(self) -> None:
        """Takes back all that was copied; the transaction may go on, also after an error."""
        self._cursor.execute("ROLLBACK TO SAVEPOINT copy")

    def _try_copy(self, day: date, rows: RowRange) -> int | None:
        """The first refused row, None if all were copied. What was copied is gone where a row was refused."""
        try:
            self._copy(day, rows.bytes())
        except psycopg2.Error as error:
            if not sqlstate(error).startswith(_BLAMES_ROW):
                raise _named(error, day) from error
            if _is_identity(error):
                raise IdentityTaken from error
            self.undo()
            return self._blamed(error, day, rows)
        return None

    def _copy(self, day: date, rows: bytes) -> None:
        # The savepoint is set by the first COPY's own message: it costs no round trip.
        savepoint = "" if self._has_savepoint else "SAVEPOINT copy;"
        self._has_savepoint = True
        statement = f"{savepoint}COPY {Partition(day).name} ({COLUMNS}) FROM STDIN (FORMAT binary)"
        data = b"".join((HEADER, rows, TRAILER))
        # In one piece: before each further one Postgres would wait for us to get the interpreter's lock.
        self._cursor.copy_expert(statement, BytesIO(data), len(data))

    def _blamed(self, error: psycopg2.Error, day: date, rows: RowRange) -> int:
        """The refused row: by the line in the error's CONTEXT, else by halves."""
        line = _LINE.search(error.diag.context or "")
        if line is not None:
            return rows.start + int(line[1]) - 1
        if rows.stop - rows.start == 1:
            return rows.start
        middle = (rows.start + rows.stop) // 2
        place = self._try_copy(day, rows.cut(rows.start, middle))
        self.undo()
        return place if place is not None else self._blamed(error, day, rows.cut(middle, rows.stop))


def _is_identity(error: psycopg2.Error) -> bool:
    constraint = error.diag.constraint_name or ""
    return sqlstate(error) == _UNIQUE_VIOLATION and constraint.endswith(f"_{EVENT_IDENTITY}")


def _named(error: psycopg2.Error, day: date) -> Exception:
    return PartitionMissing(day) if sqlstate(error) == _UNDEFINED_TABLE else error
