"""Migrations lead to the tables that storage.schema names, from nothing and again."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.schema import SchemaItem

from storage import migrate
from storage.schema import metadata
from tests.support.writing import engine_of


def _is_partition(item: object) -> bool:
    """Partitions are made by storage.partitions, not by migrations."""
    table = getattr(item, "table", item)
    return str(getattr(table, "name", "")).startswith("event_2")


def test_the_migrated_tables_are_those_of_the_schema(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    with engine_of(empty_database) as engine, engine.connect() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), metadata)
    assert [
        difference
        for difference in differences
        if not any(_is_partition(part) for part in difference if isinstance(part, SchemaItem))
    ] == []


def test_migrating_again_changes_nothing(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    migrate.upgrade(empty_database)
    with engine_of(empty_database) as engine:
        status = migrate.status(engine)
    assert status.up_to_date
    assert status.current == status.head


def test_a_database_without_tables_is_not_up_to_date(empty_database: str) -> None:
    with engine_of(empty_database) as engine:
        status = migrate.status(engine)
    assert status.current is None
    assert not status.up_to_date
