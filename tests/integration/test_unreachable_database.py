"""What is said of a database that cannot be connected to: enough to mend it, and no secret."""

import psycopg2
import pytest
from sqlalchemy import make_url

from storage import migrate
from storage.database import create_engine, translate_errors
from storage.errors import Unavailable

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
