"""What is written as an array literal is what Postgres reads."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from storage.arrays import array_literal
from tests.support.writing import engine_of

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    with engine_of(module_database) as engine:
        yield engine


@pytest.fixture(scope="module")
def conn(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as conn:
        yield conn


def read(conn: Connection, values: list[object], kind: str) -> list[object]:
    found = conn.execute(text(f"SELECT CAST(:values AS {kind}[])"), {"values": array_literal(values)})
    return list(found.scalar_one())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.none() | TEXTS, max_size=5))
@example(values=["NULL", "", " ", ",", "{}", '"', "\\", '\\"', "'", "\n\t", None, "a b", "%s"])
def test_texts(conn: Connection, values: list[object]) -> None:
    assert read(conn, values, "text") == values


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.binary(max_size=40), max_size=5))
def test_bytes(conn: Connection, values: list[object]) -> None:
    assert [bytes(value) for value in read(conn, values, "bytea")] == values  # type: ignore[call-overload]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=5),
    times=st.lists(TIMES, max_size=5),
)
def test_numbers_and_times(conn: Connection, numbers: list[object], times: list[object]) -> None:
    assert read(conn, numbers, "bigint") == numbers
    assert read(conn, times, "timestamptz") == times
    assert read(conn, [date(2026, 11, 27), None], "date") == [date(2026, 11, 27), None]
