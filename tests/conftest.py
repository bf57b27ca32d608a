"""Fixtures for every room: one real PostgreSQL for the session, a fresh database for each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest
from hypothesis import settings

from storage.embedded import EmbeddedPostgres
from tests.support.browser import browser_path
from tests.support.data_folder import temporary_data_dir
from tests.support.databases import Databases
from tests.support.postgres_log import crash_lines

#: Small, because a session's data is; as durable as in earnest.
_TEST_SERVER = {"shared_buffers": "512MB", "max_wal_size": "2GB", "min_wal_size": "256MB"}


# gRPC's handlers of fork crash now and then in the child of a process that serves and also starts programs.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"


# How long an example takes is the scheduler's affair, on a machine with other tests beside.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """By which a run of tests/faults is repeated, and how long it takes."""
    seed = SystemRandom().randrange(1_000_000)
    parser.addoption("--fault-seed", type=int, default=seed, help="seed of the fault tests")
    parser.addoption("--soak-minutes", type=float, default=30, help="how long the longest fault test takes")
    parser.addoption("--soak-rate", type=float, default=10_000, help="its load, in events per second")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server for the whole session, with an empty database of its own."""
    with temporary_data_dir() as data_dir:
        server = EmbeddedPostgres(data_dir, overrides=_TEST_SERVER)
        yield server.start()
        assert not (told := crash_lines(server.log)), "The tests' server crashed: " + "; ".join(told)


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Databases:
    """Makes migrated databases, for fixtures of other scopes."""
    return Databases(postgres_url)


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """The URL of a migrated database for this test alone."""
    with databases.fresh() as url:
        yield url


@pytest.fixture(scope="module")
def module_database(databases: Databases) -> Iterator[str]:
    """The URL of a migrated database that the tests of one module share."""
    with databases.fresh() as url:
        yield url


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[str]:
    """The URL of a database that no migration has touched."""
    with databases.empty() as url:
        yield url


@pytest.fixture(scope="session")
def browser_executable() -> Path:
    """A real Chrome or Chromium."""
    return browser_path()
