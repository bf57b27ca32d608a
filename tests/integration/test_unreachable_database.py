"""What is said of a database that cannot be reached, or lets us do too little: how to mend it, no secret."""

import psycopg2
import pytest
from sqlalchemy import make_url

from storage import migrate
from storage.database import create_engine, translate_errors
from storage.errors import Unavailable
from tests.support.command_line import CommandLine
from tests.support.server_process import free_port

_SECRET = "hunter2"


def test_a_database_without_a_free_connection_is_told() -> None:
    for said in (
        "sorry, too many clients already",
        'too many connections for role "lvd"',
        "remaining connection slots are reserved for roles with the SUPERUSER attribute",
    ):
        with pytest.raises(Unavailable, match="it has no connection free"), translate_errors():
            raise psycopg2.OperationalError(said)


def test_what_is_not_known_is_not_guessed() -> None:
    for said in ("SSL connection has been closed unexpectedly", 'permission denied for database "shop"'):
        with pytest.raises(Unavailable) as raised, translate_errors():
            raise psycopg2.OperationalError(said)
        assert str(raised.value) == "The database cannot be reached"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"database": "no_such_base"}, "no such database"),
        ({"username": "nobody_here"}, "refuses the user|no such user"),
        ({"host": "no-such-host.invalid", "query": {}}, "host of LVD_DATABASE_URL is not known"),
        ({"host": "127.0.0.1", "port": 1, "query": {}}, "nothing listens at the host and port"),
        ({"query": {"host": "/no/such/folder"}}, "nothing listens at the socket"),
    ],
)
def test_why_it_cannot_be_reached_is_told(database: str, changed: dict[str, object], told: str) -> None:
    url = make_url(database).set(password=_SECRET, **changed)  # type: ignore[arg-type]
    engine = create_engine(url.render_as_string(hide_password=False), pool_size=1, application_name="test")
    with pytest.raises(Unavailable, match=f"The database cannot be reached: .*({told})") as raised:
        migrate.status(engine)
    assert not any(text in str(raised.value) for text in (_SECRET, "no_such_base", "nobody_here", "invalid"))


def as_told(url: str, statement: str, *arguments: str) -> str:
    """What a command says of a database in which our user lost a right."""
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(statement)
    conn.close()
    return CommandLine(DATABASE_URL=url).run(*arguments, exit_code=1).stderr


def test_rights_that_the_user_lacks_are_told_without_a_traceback(database: str, empty_database: str) -> None:
    """Since PostgreSQL 15 only its owner makes tables in a new database."""
    no_tables = "REVOKE CREATE ON SCHEMA public FROM pg_database_owner"
    no_schema = "REVOKE ALL ON alembic_version FROM CURRENT_USER"
    for told in (
        as_told(empty_database, no_tables, "db", "upgrade"),
        as_told(database, no_schema, "ingest", "--grpc", f"127.0.0.1:{free_port()}"),
        as_told(database, "REVOKE ALL ON app FROM CURRENT_USER", "app", "list"),
    ):
        assert "lacks a right that lvd needs (permission denied for " in told
        assert "ALTER DATABASE" in told
        assert "Traceback" not in told
