"""Small readings of an app: its ledger, sources, plan and catalog of fields."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select, text

from storage.errors import NotFound
from storage.model import Ledger, Source
from storage.readers.condition import SourceFields
from storage.readers.model import AppInfo
from storage.readers.results import CatalogField, SourceInfo
from storage.schema import source

#: Most fields of the catalog that are answered.
MAX_CATALOG_FIELDS = 10_000

#: By app_ledger_pkey: one row.
_LEDGER = text(
    "SELECT app_id, epoch, version, first_seq, last_seq, last_received_at, plan_version FROM app_ledger"
    " WHERE app_id = :app_id"
)
#: All apps: a few dozen rows of two small tables.
_APPS = text(
    "SELECT app_id, epoch, version, first_seq, last_seq, last_received_at, plan_version, name, created_at"
    " FROM app JOIN app_ledger USING (app_id) ORDER BY name"
)
#: By source_pkey: at most storage.schema.MAX_SOURCES_PER_APP rows.
_SOURCES = text(
    "SELECT source_id, sdk, app_version, platform, environment, first_seen_at FROM source"
    " WHERE app_id = :app_id ORDER BY first_seen_at, source_id"
)


def matching_sources(conn: Connection, app_id: int, fields: SourceFields) -> tuple[int, ...] | None:
    """Sources that have one of the wanted values in each field and none of the unwanted ones; None: no field
    is asked for. By source_pkey."""
    if fields == SourceFields({}, {}):
        return None
    met = [source.c[column].in_(values) for column, values in fields.wanted.items()]
    met += [source.c[column].not_in(values) for column, values in fields.unwanted.items()]
    return tuple(conn.execute(select(source.c.source_id).where(source.c.app_id == app_id, *met)).scalars())


#: By plan_version_pkey: one row.
_PLAN = text("SELECT document::text FROM plan_version WHERE app_id = :app_id AND version = :version")
#: By catalog_pkey, in its order.
_CATALOG = text(
    "SELECT name, path, json_type, count, first_seen_at, last_seen_at FROM catalog WHERE app_id = :app_id"
    " ORDER BY name, path, json_type LIMIT :limit"
)
_CATALOG_OF_NAME = text(
    "SELECT name, path, json_type, count, first_seen_at, last_seen_at FROM catalog WHERE app_id = :app_id"
    " AND name = :name ORDER BY name, path, json_type LIMIT :limit"
)


def read_ledger(conn: Connection, app_id: int) -> Ledger:
    """The app's change counters. Raises NotFound."""
    row = conn.execute(_LEDGER, {"app_id": app_id}).one_or_none()
    if row is None:
        raise NotFound(f"there is no app {app_id}: it was deleted, or never made")
    return Ledger(*row)


def read_apps(conn: Connection) -> tuple[AppInfo, ...]:
    """All apps, by name."""
    return tuple(_app(row) for row in conn.execute(_APPS))


def read_sources(conn: Connection, app_id: int) -> tuple[SourceInfo, ...]:
    """The app's sources, first seen first."""
    return tuple(
        SourceInfo(row[0], Source(*row[1:5]), row[5]) for row in conn.execute(_SOURCES, {"app_id": app_id})
    )


def read_plan(conn: Connection, app_id: int, version: int) -> dict[str, Any] | None:
    """The plan's document in the native format; None: there is none, as for version 0."""
    document = read_plan_text(conn, app_id, version)
    if document is None:
        return None
    plan: dict[str, Any] = orjson.loads(document)
    return plan


def read_plan_text(conn: Connection, app_id: int, version: int) -> str | None:
    """The same as JSON."""
    document: str | None = conn.execute(_PLAN, {"app_id": app_id, "version": version}).scalar_one_or_none()
    return document


def read_catalog(conn: Connection, app_id: int, name: str | None) -> tuple[CatalogField, ...]:
    """Fields by name and path, at most MAX_CATALOG_FIELDS. Raises NotFound."""
    read_ledger(conn, app_id)
    if name is not None and "\0" in name:
        # No stored text has it, and no statement can ask for it.
        return ()
    statement = _CATALOG if name is None else _CATALOG_OF_NAME
    parameters = {"app_id": app_id, "limit": MAX_CATALOG_FIELDS} | ({} if name is None else {"name": name})
    return tuple(CatalogField(*row) for row in conn.execute(statement, parameters))


def _app(row: Sequence[Any]) -> AppInfo:
    *ledger, name, created_at = row
    return AppInfo(ledger[0], name, created_at, Ledger(*ledger))
