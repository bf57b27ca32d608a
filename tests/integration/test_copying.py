"""COPY within a transaction: what it costs in messages, and that all of it can be undone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2.extensions
import pytest
from sqlalchemy import Engine

from storage.copy_rows import head, tails
from storage.copying import Copying, RowRange, RowsRefused
from storage.ledger import to_us
from storage.partitions import ensure_days
from tests.support.events import new_event
from tests.support.writing import engine_of

_TODAY = datetime.now(UTC).date()
_DAYS = (_TODAY, _TODAY + timedelta(days=1))


class Recorded(psycopg2.extensions.cursor):
    """Notes what it sends."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.sent: list[str] = []

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002  the driver's name
        self.sent.append(str(query))
        super().execute(query, vars)

    def copy_expert(self, sql: Any, *given: Any) -> None:
        self.sent.append(str(sql))
        super().copy_expert(sql, *given)


@pytest.fixture
def cursor(database: str) -> Iterator[Recorded]:
    with engine_of(database) as engine:
        ensure_days(engine, list(_DAYS))
        yield from _cursor(engine)


def _cursor(engine: Engine) -> Iterator[Recorded]:
    connection: Any = engine.raw_connection()
    connection.driver_connection.autocommit = True
    cursor = connection.cursor(cursor_factory=Recorded)
    cursor.execute("BEGIN")
    cursor.sent.clear()
    yield cursor
    cursor.execute("ROLLBACK")
    connection.close()


def rows(day: date, *names: str) -> RowRange:
    """One row for each name, received at noon."""
    noon = to_us(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    encoded = [
        head(seq, noon) + tails([new_event(f"{day}-{name}", None)._replace(name=name)], 1, 1, 1, None)[0]
        for seq, name in enumerate(names, start=1)
    ]
    return RowRange(0, len(encoded), lambda start, stop: b"".join(encoded[start:stop]))


def stored(cursor: Recorded) -> list[str]:
    cursor.execute("SELECT name FROM event ORDER BY name")
    return [name for (name,) in cursor.fetchall()]


def test_the_savepoint_goes_along_with_the_first_copy(cursor: Recorded) -> None:
    copying = Copying(cursor)
    for day in _DAYS:
        copying.copy(day, rows(day, "Page Viewed"))
    assert len(cursor.sent) == 2
    assert [statement.count("SAVEPOINT") for statement in cursor.sent] == [1, 0]


def test_a_refusal_of_one_day_undoes_the_other_day_too(cursor: Recorded) -> None:
    copying, (first, second) = Copying(cursor), _DAYS
    copying.copy(first, rows(first, "Page Viewed"))
    with pytest.raises(RowsRefused) as refused:
        copying.copy(second, rows(second, "A", "B\0", "C", "D\0"))
    assert refused.value.places == (1, 3)
    copying.undo()
    assert stored(cursor) == []
    copying.copy(first, rows(first, "Page Viewed"))
    copying.copy(second, rows(second, "A", "C"))
    assert stored(cursor) == ["A", "C", "Page Viewed"]


def test_what_a_refused_first_copy_began_can_be_gone_on_with(cursor: Recorded) -> None:
    copying, day = Copying(cursor), _DAYS[0]
    with pytest.raises(RowsRefused):
        copying.copy(day, rows(day, "A\0", "B"))
    copying.undo()
    copying.copy(day, rows(day, "B"))
    assert stored(cursor) == ["B"]
