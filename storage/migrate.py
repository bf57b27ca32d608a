"""Brings a database to the schema of this version. Migrations only expand: an older server goes on."""

from dataclasses import dataclass
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from storage.database import create_engine, translate_errors
from storage.partitions import ensure_ahead

#: Two servers never migrate at the same time. The number is ours alone: "lvdm" in ASCII.
_MIGRATION_LOCK = 0x6C76646D


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """Where a database stands; `current` None: no migration ever ran."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to apply."""
        return self.current == self.head


def upgrade(url: str) -> None:
    """Applies what is missing and makes the partitions ahead. Any number may run at once."""
    engine = create_engine(url, pool_size=2, application_name="lvd migrate")
    try:
        _apply(engine)
        ensure_ahead(engine)
    finally:
        engine.dispose()


def status(engine: Engine) -> MigrationStatus:
    """Where the database stands."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the package holds no migrations")
    with translate_errors(), engine.connect() as conn:
        return MigrationStatus(MigrationContext.configure(conn).get_current_revision(), head)


def _apply(engine: Engine) -> None:
    with translate_errors(), engine.begin() as conn:
        conn.execute(text("SET LOCAL lock_timeout = 0"))
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config = _config()
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
