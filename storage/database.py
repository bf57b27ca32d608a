"""Engines, their session settings, and the one seam where driver errors become ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import psycopg2.errors
import sqlalchemy
import sqlalchemy.exc
from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL

from storage.errors import BadRequest, NotPermitted, Unavailable

#: A session that waits longer than this for a lock, or holds a transaction open without a word, is ended: a
#: frozen server must not hold an app. In milliseconds.
LOCK_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_MS = 5_000
#: How long unanswered bytes may be under way before the connection counts as dead. In milliseconds.
TCP_USER_TIMEOUT_MS = 10_000
#: In seconds.
CONNECT_TIMEOUT = 5

#: SQLSTATE classes that say "not now": connection, resources, operator intervention, rollback, locks; and a
#: database that only reads, as a standby does.
_NOT_NOW = ("08", "40", "53", "55", "57", "58", "25006")

#: SQLSTATE of what the user may not do; since PostgreSQL 15 it may not even make tables in others' databases.
_INSUFFICIENT_PRIVILEGE = "42501"


def normal_url(url: str) -> URL:
    """The URL with our driver; takes `postgres://` and `postgresql://`. Raises BadRequest."""
    try:
        parsed = make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError):  # the latter quotes what stands where the port should
        raise BadRequest(
            "The database URL cannot be read: give one like postgresql://user:password@host:5432/name, and "
            "write @ : / in a password as %40 %3A %2F"
        ) from None
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise BadRequest(
            f"The database URL is for {parsed.drivername!r}: only PostgreSQL is supported, as postgresql://…"
        )
    return parsed.set(drivername="postgresql+psycopg2")


def create_engine(
    url: str, *, pool_size: int, application_name: str, statement_timeout_ms: int | None = None
) -> Engine:
    """An engine of at most `pool_size` connections, with the session settings that the design asks for."""
    settings = {
        "lock_timeout": LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS,
        "statement_timeout": statement_timeout_ms or 0,
        "timezone": "UTC",
        "jit": "off",
        "client_min_messages": "warning",
    }
    return sqlalchemy.create_engine(
        normal_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=CONNECT_TIMEOUT,
        connect_args={
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT,
            "tcp_user_timeout": TCP_USER_TIMEOUT_MS,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
    )


def sqlstate(error: BaseException) -> str:
    """The five characters of the SQLSTATE; "" where the server said none (a lost connection)."""
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.orig is not None:
        error = error.orig
    return getattr(error, "pgcode", None) or ""


def is_not_now(error: BaseException) -> bool:
    """Whether the error says "try again later": the connection was lost, or the server is busy or ending."""
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return True
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_not_now(error.orig))
    state = sqlstate(error)
    if state:
        return state.startswith(_NOT_NOW)
    return isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError))


#: What libpq says of a connection that fails, and what we say of it: there is no SQLSTATE then, and its own
#: text names hosts and users. Of what stands in none of these lines the reason is better not told than wrong.
_WHY_NOT_CONNECTED = tuple(
    (re.compile(said), words)
    for said, words in (
        ("password authentication failed", "it refuses the user or the password of LVD_DATABASE_URL"),
        ("no password supplied", "it wants a password, and LVD_DATABASE_URL has none"),
        ("authentication failed", "it refuses the user of LVD_DATABASE_URL"),
        ("no pg_hba.conf entry", "its pg_hba.conf takes no such connection from this host"),
        ('role ".*" does not exist', "it has no such user as LVD_DATABASE_URL names"),
        ('database ".*" does not exist', "it has no such database as LVD_DATABASE_URL names"),
        ("could not translate host name", "the host of LVD_DATABASE_URL is not known"),
        ("too many connections|too many clients|remaining connection slots", "it has no connection free"),
        ("Connection refused", "nothing listens at the host and port of LVD_DATABASE_URL"),
        ("No such file or directory", "nothing listens at the socket of LVD_DATABASE_URL"),
        ("certificate verify failed", "its TLS certificate is not trusted"),
        ("server does not support SSL", "LVD_DATABASE_URL asks for TLS, and it has none"),
        ("timeout expired", "it does not answer in time"),
    )
)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns the driver's "not now" into Unavailable, "not you" into NotPermitted, and nothing else."""
    try:
        yield
    except (sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError, psycopg2.Error) as error:
        if is_not_now(error):
            raise Unavailable(_unavailable_message(error)) from error
        if sqlstate(error) == _INSUFFICIENT_PRIVILEGE:
            why = str(getattr(error, "orig", error)).partition("\n")[0]
            raise NotPermitted(
                f"The database's user lacks a right that lvd needs ({why}): make it the owner of"
                " the database and of the tables in it (ALTER DATABASE … OWNER TO …)"
            ) from error
        raise


def _unavailable_message(error: BaseException) -> str:
    state = sqlstate(error)
    if state:
        return f"The database cannot answer now (SQLSTATE {state})"
    said = str(error)
    why = next((f": {words}" for part, words in _WHY_NOT_CONNECTED if part.search(said)), "")
    return f"The database cannot be reached{why}"
