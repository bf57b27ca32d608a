"""The database of a benchmark: one of its own, made for it and gone after it."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from time import sleep

import psycopg2
import psycopg2.errors
from psycopg2 import sql
from sqlalchemy import Engine, make_url

from storage import migrate
from storage.database import create_engine
from storage.embedded import EmbeddedPostgres

#: For the benchmark's own statements: the parts that it runs have engines of their own.
_CONNECTIONS = 4
_DROP_TRIES = 100
_DROP_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class BenchDatabase:
    """A migrated database."""

    url: str
    #: The embedded server's log; None: it is a server of one's own.
    log: Path | None


@contextmanager
def bench_database(
    database_url: str | None, data_dir: Path | None = None, overrides: Mapping[str, str] | None = None
) -> Iterator[BenchDatabase]:
    """A database for a `with` block.

    With `database_url` it is a new database of that server, dropped afterwards. Else it is that of an
    embedded server: in `data_dir`, where it stays for the next run, or in a temporary folder. `overrides` are
    settings of the embedded server.
    """
    with _made(database_url, data_dir, overrides or {}) as made:
        migrate.upgrade(made.url)
        yield made


@contextmanager
def bench_engine(url: str) -> Iterator[Engine]:
    """An engine for the benchmark's own statements."""
    engine = create_engine(url, pool_size=_CONNECTIONS, application_name="lvd bench")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _made(
    database_url: str | None, data_dir: Path | None, overrides: Mapping[str, str]
) -> Iterator[BenchDatabase]:
    if database_url is not None:
        with _new_database(database_url) as url:
            yield BenchDatabase(url, None)
    elif data_dir is not None:
        server = EmbeddedPostgres(data_dir, overrides=overrides)
        try:
            yield BenchDatabase(server.start(), server.log)
        finally:
            server.release()
    else:
        with _temporary_server(overrides) as database:
            yield database


@contextmanager
def _temporary_server(overrides: Mapping[str, str]) -> Iterator[BenchDatabase]:
    parent = Path(tempfile.mkdtemp(prefix="lvd-bench-"))
    # Root's unprivileged user is to reach it, too; what is in it is closed to others by itself.
    parent.chmod(0o755)
    data_dir = parent / "data"
    server = EmbeddedPostgres(data_dir, overrides=overrides)
    try:
        yield BenchDatabase(server.start(), server.log)
    finally:
        server.stop()
        # Where the server's user cannot reach the folder, the cluster lies elsewhere.
        cluster = (data_dir / "postgres").resolve()
        shutil.rmtree(cluster, ignore_errors=True)
        shutil.rmtree(parent)


@contextmanager
def _new_database(server_url: str) -> Iterator[str]:
    name = f"lvd_bench_{token_hex(4)}"
    _execute(server_url, "CREATE DATABASE {}", name)
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        drop_database(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Tries again while autovacuum is in it: only a superuser may end it, and it leaves by itself."""
    for _ in range(_DROP_TRIES):
        try:
            _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)
        except psycopg2.errors.InsufficientPrivilege:
            sleep(_DROP_PAUSE_SECONDS)
        else:
            return
    _execute(server_url, "DROP DATABASE {}", name)


def _execute(server_url: str, statement: str, name: str) -> None:
    plain = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg2.connect(plain)) as conn:
        conn.autocommit = True
        with conn.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
