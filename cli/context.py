"""Builds what commands work with: settings, database, stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from cli.errors import CommandFailed
from storage import migrate
from storage.apps import AppStore
from storage.database import create_engine
from storage.embedded import running
from storage.embedded.cluster import locate
from storage.keys import KeyStore
from storage.plans import PlanStore
from storage.readers import Reader
from storage.settings import StorageSettings, read_settings

#: One for the command's own statement, one for maintenance beside it, one for a reader.
_CONNECTIONS = 3


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
    data_dir: Path | None, database_url: str | None, *, create: bool = False, any_schema: bool = False
) -> Iterator[Context]:
    """The context of one command: beside a running `lvd up` it shares its embedded server.

    `create`: an embedded database that does not exist yet is made; otherwise that is an error. `any_schema`:
    the command can do without the schema of this version. Raises CommandFailed, StorageError.
    """
    settings = read_settings(StorageSettings, data_dir=data_dir, database_url=database_url)
    with database(settings, create=create) as url:
        engine = create_engine(url, pool_size=_CONNECTIONS, application_name="lvd command")
        try:
            if not any_schema:
                _check_schema(engine)
            yield Context(settings, url, engine)
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


def _check_schema(engine: Engine) -> None:
    status = migrate.status(engine)
    if status.up_to_date:
        return
    if status.current is None:
        raise CommandFailed("The database has no tables of lvd's yet: make them with `lvd db upgrade`")
    raise CommandFailed(
        f"The database has schema {status.current}, this lvd needs {status.head}: run `lvd db upgrade`"
    )
