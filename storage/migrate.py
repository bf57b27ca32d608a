"""Brings a database to the schema of this version. Migrations only expand: an older server goes on."""

from dataclasses import dataclass
from importlib.resources import files
from time import sleep

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import create_engine, sqlstate, translate_errors
from storage.errors import Unavailable
from storage.partitions import DDL_LOCK_TIMEOUT_MS, LOCK_NOT_AVAILABLE, ensure_ahead

#: Two servers never migrate at the same time. The number is ours alone: "lvdm" in ASCII.
_MIGRATION_LOCK = 0x6C76646D
#: A table that is in use is waited for no longer than DDL_LOCK_TIMEOUT_MS at a time, since every writer would
#: wait behind us; so often, with a pause in which writers and readers go on. In all about two minutes.
_TRIES = 200
_PAUSE_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """Where a database stands; `current` None: no migration ever ran."""

    current: str | None
    head: str
    #: Whether a later version of lvd brought it where it is.
    is_newer: bool

    @property
    def up_to_date(self) -> bool:
        """Whether it is exactly at this version's schema."""
        return self.current == self.head

    @property
    def is_usable(self) -> bool:
        """Whether this version can work with it: migrations only expand, so a newer one will do."""
        return self.up_to_date or self.is_newer


def upgrade(url: str) -> None:
    """Applies what is missing and makes the partitions ahead. Any number may run at once.

    A database that is newer already is left as it is. Raises Unavailable, also where a table stays in use.
    """
    engine = create_engine(url, pool_size=2, application_name="lvd migrate")
    try:
        if not status(engine).is_newer:
            _apply(engine, _config())
        ensure_ahead(engine)
    finally:
        engine.dispose()


def status(engine: Engine) -> MigrationStatus:
    """Where the database stands. Raises Unavailable."""
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head()
    if head is None:
        raise RuntimeError("the package holds no migrations")
    with translate_errors(), engine.connect() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    return MigrationStatus(current, head, is_newer=current is not None and current not in known)


def _apply(engine: Engine, config: Config) -> None:
    for _ in range(_TRIES):
        with translate_errors():
            if _try_to_apply(engine, config):
                return
        sleep(_PAUSE_SECONDS)
    raise Unavailable(
        "A table is in use by a long transaction, like a dump: the schema cannot be changed now, try again"
    )


def _try_to_apply(engine: Engine, config: Config) -> bool:
    """All that is missing, in one transaction. False: a table was in use, nothing is changed."""
    try:
        with engine.begin() as conn:
            # Waiting for another migration holds up nobody.
            conn.execute(text("SET LOCAL lock_timeout = 0"))
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            conn.execute(text(f"SET LOCAL lock_timeout = {DDL_LOCK_TIMEOUT_MS}"))
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
    except DBAPIError as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
