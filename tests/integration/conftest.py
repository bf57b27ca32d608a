"""What many integration tests share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.support.writing import engine_of


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    """On the database that the tests of one module share: each has apps of its own."""
    with engine_of(module_database, pool_size=8) as engine:
        yield engine
