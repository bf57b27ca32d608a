"""A writer on a test's database, and apps for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy import Engine

from storage.apps import AppStore
from storage.database import create_engine
from storage.memory import Memory
from storage.writer import Writer
from tests.support.events import LIMITS

_NUMBERS = count(1)


@contextmanager
def engine_of(url: str, pool_size: int = 4) -> Iterator[Engine]:
    """An engine that is disposed of afterwards."""
    engine = create_engine(url, pool_size=pool_size, application_name="test")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def writer_on(engine: Engine, memory: Memory | None = None) -> Iterator[Writer]:
    """A writer with the product's limits, closed afterwards."""
    writer = Writer(engine, LIMITS, memory or Memory())
    try:
        yield writer
    finally:
        writer.close()


def new_app(engine: Engine) -> int:
    """An app of a name that no other test uses, and that comes behind those of earlier ones."""
    return AppStore(engine).create(f"app-{next(_NUMBERS):05}")
