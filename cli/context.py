"""Builds what commands work with: settings, database, stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError

from cli.errors import BadUsage, CommandFailed
from storage.apps import AppStore
from storage.database import create_engine, sqlstate
from storage.embedded import running
from storage.embedded.cluster import locate
from storage.keys import KeyStore
from storage.plans import PlanStore
from storage.readers import Reader
from storage.settings import StorageSettings, read_settings

#: One for the command's own statement, one for maintenance beside it, one for a reader.
_CONNECTIONS = 3
#: SQLSTATEs of a table or column that does not exist: the schema is not of this version.
_NO_SUCH_THING = ("42P01", "42703")
_MIGRATE_FIRST = "The database has not the tables of this lvd: make them with `lvd db upgrade`"


@dataclass(frozen=True, slots=True)
class Context:
    """A command's settings, and the stores over its database."""

    settings: StorageSettings
    #: Of the database in use; may hold a password: never show it.
    url: str
    engine: Engine

    @property
    def apps(self) -> AppStore:
        """Apps by name."""
        return AppStore(self.engine)

    @property
    def keys(self) -> KeyStore:
        """API keys."""
        return KeyStore(self.engine)

    @property
    def plans(self) -> PlanStore:
        """Tracking plans by version."""
        return PlanStore(self.engine)

    @property
    def reader(self) -> Reader:
        """All that is read."""
        return Reader(self.engine)


@contextmanager
def open_context(
    data_dir: Path | None, database_url: str | None, *, create: bool = False
) -> Iterator[Context]:
    """The context of one command: beside a running `lvd up` it shares its embedded server.

    `create`: an embedded database that does not exist yet is made; otherwise that is an error. What fails in
    the `with` block for a schema of another version is told so. Raises CommandFailed, StorageError.
    """
    settings = read_settings(StorageSettings, data_dir=data_dir, database_url=database_url)
    with database(settings, create=create) as url:
        engine = create_engine(url, pool_size=_CONNECTIONS, application_name="lvd command")
        try:
            yield Context(settings, url, engine)
        except ProgrammingError as error:
            if sqlstate(error) not in _NO_SUCH_THING:
                raise
            raise CommandFailed(_MIGRATE_FIRST) from error
        except UnicodeEncodeError as error:  # of a word of the command line, which may be any bytes
            if error.reason != "surrogates not allowed":
                raise
            raise BadUsage(f"{error.object!r} is not UTF-8: give it in that encoding") from None
        finally:
            engine.dispose()


@contextmanager
def database(settings: StorageSettings, *, create: bool) -> Iterator[str]:
    """The URL of the database that the settings name; an embedded one runs for the `with` block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    if not create and locate(settings.data_dir) is None:
        raise CommandFailed(
            f"There is no data in {settings.data_dir} yet: start with `lvd up` (or `lvd db upgrade`), "
            "or name the folder by --data-dir"
        )
    with running(settings.data_dir) as url:
        yield url
