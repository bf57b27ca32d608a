"""Fresh, migrated databases for tests, each a copy of one template: 0.15 s instead of a migration."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import sleep

import psycopg2
import psycopg2.errors
from psycopg2 import sql
from sqlalchemy import make_url

from storage import migrate

_DROP_TRIES = 100
_DROP_PAUSE_SECONDS = 0.1
_TEMPLATE = "lvd_test_template"


class Databases:
    """The test databases of one server. Not for several threads."""

    def __init__(self, server_url: str) -> None:
        """Migrates the template; `server_url` is of a role that may make databases."""
        self._server_url = server_url
        self._numbers = itertools.count(1)
        self._execute("CREATE DATABASE {}", _TEMPLATE)
        migrate.upgrade(self._url(_TEMPLATE))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new migrated database, dropped afterwards with whoever is still connected."""
        with self._created(_TEMPLATE) as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a new database without any table, for tests of the migrations themselves."""
        with self._created("template1") as url:
            yield url

    @contextmanager
    def _created(self, template: str) -> Iterator[str]:
        name = f"lvd_test_{next(self._numbers)}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        """Tries again while autovacuum is in it: only a superuser may end it, and it leaves by itself."""
        for _ in range(_DROP_TRIES):
            try:
                self._execute("DROP DATABASE {} WITH (FORCE)", name)
            except psycopg2.errors.InsufficientPrivilege:
                sleep(_DROP_PAUSE_SECONDS)
            else:
                return
        self._execute("DROP DATABASE {}", name)

    def _url(self, name: str) -> str:
        return make_url(self._server_url).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str, *names: str) -> None:
        with closing(psycopg2.connect(self._server_url)) as conn:
            conn.autocommit = True
            with conn.cursor() as cursor:
                cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def end_connections(database: str) -> None:
    """Ends every client of this database, as a restart of Postgres does; autovacuum is not ours to end."""
    with closing(psycopg2.connect(database)) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
