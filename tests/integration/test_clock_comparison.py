"""How far this machine's clock is from the database's, however long a connection is waited for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Timer

import pytest
from sqlalchemy import Engine

from storage.clock import seconds_ahead
from tests.support.writing import engine_of


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database, pool_size=1) as made:
        yield made


def test_the_wait_for_a_connection_is_no_difference_of_clocks(engine: Engine) -> None:
    taken = engine.connect()
    Timer(1.0, taken.close).start()
    # Both clocks are those of this machine.
    assert abs(seconds_ahead(engine, lambda: datetime.now(UTC))) < 0.5
