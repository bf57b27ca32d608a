"""The fixtures that every integration test stands on."""

from contextlib import closing

import psycopg2

from storage import migrate
from storage.database import create_engine
from tests.support.databases import Databases


def count_apps(url: str) -> int:
    with closing(psycopg2.connect(url)) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM app")
        return int((cursor.fetchone() or (-1,))[0])


def test_a_fresh_database_is_migrated_and_nobody_elses(databases: Databases) -> None:
    with databases.fresh() as first, databases.fresh() as second:
        with closing(psycopg2.connect(first)) as conn, conn, conn.cursor() as cursor:
            cursor.execute("INSERT INTO app (name) VALUES ('shop')")
        assert count_apps(first) == 1
        assert count_apps(second) == 0


def test_an_empty_database_has_no_migration(empty_database: str) -> None:
    engine = create_engine(empty_database, pool_size=1, application_name="test")
    assert migrate.status(engine).current is None
    engine.dispose()
