"""What the plan knows of an event's fields: each with the values that it lists by `enum` or `const`.

It goes by the places of the schema's table, so what is covered is what a person reads there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tracking_plan.catalog import MAX_PATH_BYTES
from tracking_plan.json_values import as_json, pointer
from tracking_plan.schema_document import Schema, SchemaDocument
from tracking_plan.schema_places import MAX_PLACES, Place, Requirement, as_list, branches, places
from tracking_plan.schema_table import types_at

#: Values of one field that are counted, in the plan's order.
MAX_VALUES_PER_FIELD = 100
#: Fields of one event whose values are counted, in the schema's order.
MAX_FIELDS_WITH_VALUES = 50
#: Longest value that is counted, in bytes of its JSON.
MAX_VALUE_BYTES = 256
#: Alternatives within alternatives are looked into this deep.
_MAX_LEVELS = 4
#: Integers below it are the same number as the float of their size.
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class PlannedField:
    """A property of an event's schema."""

    #: schema_places.ITEM for the items of an array.
    steps: tuple[str, ...]
    #: The same as JSON Pointer, as the catalog has it.
    path: str
    #: `string or null`; "" where the schema does not say.
    types: str
    required: Requirement
    #: Planned values that are counted, as JSON: at most MAX_VALUES_PER_FIELD; empty where any will do.
    values: tuple[str, ...]
    #: How many planned values are not counted: objects, arrays, long ones, and those beyond the limits.
    not_counted: int


@dataclass(frozen=True, slots=True)
class PlannedFields:
    """The fields of one event that may come, in the schema's order, parents before their children."""

    fields: tuple[PlannedField, ...]
    #: Whether the schema has more than are listed.
    is_cut: bool

    @property
    def values(self) -> int:
        """How many planned values of all fields are counted."""
        return sum(len(field.values) for field in self.fields)


def planned_fields(document: SchemaDocument) -> PlannedFields:
    """The fields that the catalog can know: not the payload, nothing forbidden, no path that is too long."""
    found: dict[str, PlannedField] = {}
    listed = places(document)
    with_values = 0
    for place in listed:
        path = pointer(place.path)
        # A property named `*` beside the items of an array is one with them in the catalog, too.
        if place.must_not_come or not path or path in found or _bytes(path) > MAX_PATH_BYTES:
            continue
        found[path] = _field(document, place, path, counts=with_values < MAX_FIELDS_WITH_VALUES)
        with_values += bool(found[path].values)
    return PlannedFields(tuple(found.values()), len(listed) == MAX_PLACES)


def value_text(value: object) -> str:
    """A scalar as JSON, one text for all that JSON Schema calls equal: 1 and 1.0, but not true."""
    if type(value) is float and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return as_json(value)


def _field(document: SchemaDocument, place: Place, path: str, *, counts: bool) -> PlannedField:
    planned = _values_at(document, place)
    fitting = [text for text, value in planned.items() if _is_counted(text, value)]
    values = tuple(fitting[:MAX_VALUES_PER_FIELD]) if counts else ()
    types = types_at(document, place)
    return PlannedField(place.path, path, types, place.required, values, len(planned) - len(values))


def _is_counted(text: str, value: object) -> bool:
    return not isinstance(value, (dict, list)) and _bytes(text) <= MAX_VALUE_BYTES


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


#: Planned values by their text.
_Values = dict[str, Any]


def _values_at(document: SchemaDocument, place: Place) -> _Values:
    """What is asked whichever alternative holds decides; else what the alternatives list, together."""
    sure = _common(_listed(document, node) for node in place.sure)
    return sure or _together(_listed(document, node) for node in place.nodes)


def _listed(document: SchemaDocument, node: Any, level: int = 0) -> _Values:
    """The values that a schema lists, itself or by its alternatives; empty: any will do."""
    parts = list(document.in_place(node))
    own = _common(_by_text(values) for part in parts for values in _lists_of(part))
    if own or level == _MAX_LEVELS:
        return own
    return _together(_listed(document, branch, level + 1) for branch in branches(parts))


def _lists_of(part: Schema) -> Iterator[list[Any]]:
    yield as_list(part, "enum")
    if "const" in part:
        yield [part["const"]]


def _by_text(values: list[Any]) -> _Values:
    return {value_text(value): value for value in values}


def _common(lists: Iterable[_Values]) -> _Values:
    """What all of them have that list any."""
    first, *others = [values for values in lists if values] or [{}]
    return {text: value for text, value in first.items() if all(text in other for other in others)}


def _together(lists: Iterable[_Values]) -> _Values:
    return {text: value for values in lists for text, value in values.items()}
