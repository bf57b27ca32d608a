"""The fields of planned events, and the values that the plan lists for them, against what ever came."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import orjson
from sqlalchemy import Connection, TextClause, text

from storage.arrays import array_literal
from storage.readers.ledgers import MAX_CATALOG_FIELDS, read_catalog, read_ledger, read_plan_text
from storage.readers.results import (
    CatalogField,
    EventFields,
    FieldCoverage,
    FieldValue,
    SeenEvent,
    UnplannedFields,
)
from storage.schema import OTHER
from tracking_plan.json_values import pointer_segments
from tracking_plan.planned_fields import PlannedFields, planned_fields
from tracking_plan.root_properties import RootProperties
from tracking_plan.schema_document import SchemaDocument
from tracking_plan.schema_places import ITEM

#: Planned fields, and planned values, that are looked up for all events of an app together; events behind
#: them in the plan are left out.
MAX_LOOKED_UP = 50_000

#: Two probes of primary keys, each by all its columns but the last of catalog_pkey: one per planned field,
#: and one per planned value. LATERAL keeps the planner from reading all of an app's rows instead.
_FIELDS_CAME = text("""
SELECT planned.name, count(*)
FROM unnest(CAST(:names AS text[]), CAST(:paths AS text[])) AS planned (name, path)
CROSS JOIN LATERAL (
    SELECT FROM catalog c WHERE c.app_id = :app_id AND c.name = planned.name AND c.path = planned.path LIMIT 1
) AS came
GROUP BY planned.name
""")
_VALUES_CAME = text("""
SELECT planned.name, count(*)
FROM unnest(CAST(:names AS text[]), CAST(:paths AS text[]), CAST(:values AS text[]))
    AS planned (name, path, value)
CROSS JOIN LATERAL (
    SELECT FROM field_value v WHERE v.app_id = :app_id AND v.name = planned.name AND v.path = planned.path
    AND v.value = planned.value LIMIT 1
) AS came
GROUP BY planned.name
""")
#: By catalog_pkey, name by name, in its order: LATERAL ends with the row that is the last to be answered.
_FIELDS_OF_NAMES = text("""
SELECT planned.name, came.*
FROM unnest(CAST(:names AS text[])) AS planned (name)
CROSS JOIN LATERAL (
    SELECT path, json_type, count, first_seen_at, last_seen_at FROM catalog c
    WHERE c.app_id = :app_id AND c.name = planned.name ORDER BY path, json_type
) AS came
LIMIT :limit
""")
#: By catalog_pkey: at most schema_places.MAX_PLACES fields, each of at most seven types.
_FIELDS = text("""
SELECT name, path, json_type, count, first_seen_at, last_seen_at FROM catalog
WHERE app_id = :app_id AND name = :name AND path = ANY(CAST(:paths AS text[]))
""")
#: By field_value_pkey: at most storage.schema.MAX_VALUES_PER_NAME.
_VALUES = text("""
SELECT path, value, count, first_seen_at, last_seen_at FROM field_value
WHERE app_id = :app_id AND name = :name AND path = ANY(CAST(:paths AS text[]))
""")
#: By event_source_pkey: at most two rows per source, which are storage.schema.MAX_SOURCES_PER_APP.
_STORED = text("""
SELECT coalesce(sum(count) FILTER (WHERE name = :name), 0)::bigint, count(*) FILTER (WHERE name = :other)
FROM event_source WHERE app_id = :app_id AND name IN (:name, :other)
""")


def read_field_coverage(conn: Connection, app_id: int) -> tuple[FieldCoverage, ...]:
    """Of each planned event, how many of its planned fields and values ever came. Raises NotFound."""
    planned = dict(_within_limits(_planned(conn, app_id)))
    paths = [(name, field.path) for name, of_event in planned.items() for field in of_event.fields]
    values = [
        (name, field.path, value)
        for name, of_event in planned.items()
        for field in of_event.fields
        for value in field.values
    ]
    fields_came = _came(conn, _FIELDS_CAME, app_id, ("names", "paths"), paths)
    values_came = _came(conn, _VALUES_CAME, app_id, ("names", "paths", "values"), values)
    return tuple(
        FieldCoverage(
            name, len(of_event.fields), fields_came.get(name, 0), of_event.values, values_came.get(name, 0)
        )
        for name, of_event in planned.items()
    )


def read_event_fields(conn: Connection, app_id: int, name: str) -> EventFields | None:
    """A planned event's fields and what came of them; None: it is not planned. Raises NotFound."""
    planned = _planned(conn, app_id).get(name)
    if planned is None:
        return None
    paths = array_literal([*(field.path for field in planned.fields), OTHER])
    asked = {"app_id": app_id, "name": name, "paths": paths, "other": OTHER}
    fields = [CatalogField(*row) for row in conn.execute(_FIELDS, asked)]
    values = [FieldValue(*row) for row in conn.execute(_VALUES, asked)]
    kept_fields = tuple(field for field in fields if field.path != OTHER)
    kept_values = tuple(value for value in values if value.path != OTHER)
    stored, others = conn.execute(_STORED, asked).one()
    is_kept_whole = (len(kept_fields), len(kept_values)) == (len(fields), len(values))
    return EventFields(
        name=name,
        planned=planned,
        stored=stored,
        fields=kept_fields,
        values=kept_values,
        is_beyond_limits=not is_kept_whole or (not stored and others > 0),
    )


def read_seen_event(conn: Connection, app_id: int, name: str) -> SeenEvent:
    """All stored events of a name, planned or not. Raises NotFound."""
    came = read_catalog(conn, app_id, name)
    if not came:
        return SeenEvent(0, ())
    stored, _ = conn.execute(_STORED, {"app_id": app_id, "name": name, "other": OTHER}).one()
    return SeenEvent(stored, came)


def read_unplanned_fields(conn: Connection, app_id: int) -> UnplannedFields:
    """Fields that planned events came with and that the plan does not name. Raises NotFound.

    Of what the plan leaves open, the outermost: what lies within is not told, nor the items of an array.
    """
    document = _document(conn, app_id)
    paths = {
        name: frozenset(field.path for field in of_event.fields)
        for name, of_event in (_planned_in(document) if document else {}).items()
        if not of_event.is_cut
    }
    roots = _roots_in(document) if document else {}
    asked = {"app_id": app_id, "names": array_literal(sorted(paths)), "limit": MAX_CATALOG_FIELDS}
    came = [CatalogField(*row) for row in conn.execute(_FIELDS_OF_NAMES, asked)]
    unplanned = (field for field in came if _is_unplanned(field.path, paths[field.name], roots[field.name]))
    return UnplannedFields(tuple(unplanned), is_cut=len(came) == MAX_CATALOG_FIELDS)


def _is_unplanned(path: str, planned: frozenset[str], root: RootProperties) -> bool:
    if path in planned or path == OTHER:
        return False
    parent, _, step = path.rpartition("/")
    if parent:
        return parent in planned and step != ITEM
    return step != ITEM and not root.matches_pattern(*pointer_segments(path))


def _planned(conn: Connection, app_id: int) -> Mapping[str, PlannedFields]:
    """The fields of each planned event, by name."""
    document = _document(conn, app_id)
    return _planned_in(document) if document is not None else {}


def _document(conn: Connection, app_id: int) -> str | None:
    """The plan in force, as JSON."""
    return read_plan_text(conn, app_id, read_ledger(conn, app_id).plan_version)


@lru_cache(maxsize=8)
def _planned_in(document: str) -> Mapping[str, PlannedFields]:
    """Kept by the plan's text, which says all: 66 events with 1.2 MB of schemas take 0.3 s."""
    events = orjson.loads(document)["events"]
    return {name: planned_fields(SchemaDocument(events[name]["schema"])) for name in sorted(events)}


@lru_cache(maxsize=8)
def _roots_in(document: str) -> Mapping[str, RootProperties]:
    """By event name; kept as `_planned_in` is."""
    events = orjson.loads(document)["events"]
    return {name: RootProperties(SchemaDocument(event["schema"])) for name, event in events.items()}


def _within_limits(planned: Mapping[str, PlannedFields]) -> Iterator[tuple[str, PlannedFields]]:
    fields = values = 0
    for name, of_event in planned.items():
        fields, values = fields + len(of_event.fields), values + of_event.values
        if max(fields, values) > MAX_LOOKED_UP:
            return
        yield name, of_event


def _came(
    conn: Connection,
    statement: TextClause,
    app_id: int,
    columns: Sequence[str],
    rows: Sequence[tuple[str, ...]],
) -> dict[str, int]:
    """By event name: how many of the rows are there."""
    if not rows:
        return {}
    asked = {
        column: array_literal(each) for column, each in zip(columns, zip(*rows, strict=True), strict=True)
    }
    return {row[0]: row[1] for row in conn.execute(statement, {"app_id": app_id, **asked})}
