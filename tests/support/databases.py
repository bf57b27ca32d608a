"""Fresh, migrated databases for tests, each a copy of one template: 0.15 s instead of a migration."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import sql
from sqlalchemy import make_url

from benchmarks.database import drop_database
from storage import migrate

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
            drop_database(self._server_url, name)

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
