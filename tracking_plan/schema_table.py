"""An event's schema as a table for people: a row per property, with its rules in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracking_plan.json_values import Path, cut, json_type, pointer
from tracking_plan.schema_document import Schema, SchemaDocument
from tracking_plan.words import (
    ANYTHING,
    MAX_EXPECTED_CHARS,
    bound_words,
    enum_words,
    expected_words,
    format_words,
    joined,
    size_words,
    type_words,
    value_words,
)

#: Rows of one event; a person reads no more.
MAX_ROWS = 500
#: Properties within properties are listed this deep.
MAX_LEVELS = 12
#: Stands for every item of an array, as in the catalog.
ITEM = "*"
_ALTERNATIVES = ("oneOf", "anyOf")
_SIZES = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
    ("minProperties", "maxProperties", "property"),
)
#: Keywords that the table tells, or that ask nothing of a value.
_TOLD = frozenset(
    {
        *("type", "const", "enum", "format", "pattern", "uniqueItems", "required", "properties", "items"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", *_ALTERNATIVES),
        *(bound for least, most, _ in _SIZES for bound in (least, most)),
        *("additionalProperties", "allOf", "$ref", "$defs", "definitions", "$schema", "$id", "id", "$anchor"),
        *("description", "title", "examples", "example", "default", "deprecated", "$comment", "readOnly"),
        *("writeOnly", "tsType"),
    }
)


class Requirement(StrEnum):
    """Whether a property must come."""

    ALWAYS = "yes"
    #: Some of the schema's alternatives ask for it.
    SOMETIMES = "in some cases"
    NEVER = "no"


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One property of an event."""

    #: JSON Pointer, `*` for the items of an array; "" is the payload itself.
    path: str
    #: `string or null`; "" where the schema does not say.
    types: str
    required: Requirement
    #: Its rules in words: `≥ 0`, `one of "a", "b"`.
    rules: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    #: The schemas that may be asked of the value; several where alternatives differ.
    nodes: tuple[Any, ...]
    required: Requirement
    #: Schemas above it: a schema that names itself is not followed.
    above: frozenset[int]


def schema_table(schema: Any) -> tuple[PropertyRow, ...]:
    """The payload's own row where the schema has rules for it, then its properties in the schema's order.

    At most MAX_ROWS rows; `is_cut` tells.
    """
    if not isinstance(schema, dict):
        return ()
    document = SchemaDocument(schema)
    root = _Place((), (schema,), Requirement.ALWAYS, frozenset())
    rows = [_row(document, root)]
    pending = _children(document, root)[::-1]
    while pending and len(rows) <= MAX_ROWS:
        place = pending.pop()
        rows.append(_row(document, place))
        pending.extend(_children(document, place)[::-1])
    return tuple(row for row in rows[:MAX_ROWS] if row.path or row.rules or row.description)


def is_cut(rows: Sequence[PropertyRow]) -> bool:
    """Whether there are more properties than the table lists."""
    return len(rows) >= MAX_ROWS - 1


def _children(document: SchemaDocument, place: _Place) -> list[_Place]:
    sure = [part for node in place.nodes for part in document.in_place(node)]
    if len(place.path) >= MAX_LEVELS or any(id(part) in place.above for part in sure):
        return []
    parts = sure + [part for branch in _branches(sure) for part in document.in_place(branch)]
    above = place.above | {id(part) for part in parts}
    always = frozenset.intersection(*(_always(document, node) for node in place.nodes or ({},)))
    places = [
        _Place((*place.path, name), _asked(name, parts), _requirement(name, always, parts), above)
        for name in _names(parts)
    ]
    items = _distinct(part["items"] for part in parts if isinstance(part.get("items"), dict))
    if items:
        places.append(_Place((*place.path, ITEM), items, Requirement.NEVER, above))
    return places


def _always(document: SchemaDocument, node: Any) -> frozenset[str]:
    """Properties that a schema asks for whichever of its alternatives holds."""
    parts = list(document.in_place(node))
    found = {name for part in parts for name in _list(part, "required")}
    for branches in (_list(part, keyword) for part in parts for keyword in _ALTERNATIVES):
        needed = [{name for p in document.in_place(b) for name in _list(p, "required")} for b in branches]
        found |= set.intersection(*needed) if needed else set()
    return frozenset(found)


def _branches(parts: Sequence[Schema]) -> Iterator[Any]:
    """What may be asked of the same value beside."""
    for part in parts:
        yield from (branch for keyword in _ALTERNATIVES for branch in _list(part, keyword))
        yield from (part[keyword] for keyword in ("then", "else") if keyword in part)


def _names(parts: Sequence[Schema]) -> list[str]:
    named = [*(_map(part, "properties") for part in parts), *(_list(part, "required") for part in parts)]
    return list(dict.fromkeys(name for names in named for name in names if isinstance(name, str)))


def _asked(name: str, parts: Sequence[Schema]) -> tuple[Any, ...]:
    return _distinct(_map(part, "properties")[name] for part in parts if name in _map(part, "properties"))


def _requirement(name: str, always: frozenset[str], parts: Sequence[Schema]) -> Requirement:
    if name in always:
        return Requirement.ALWAYS
    sometimes = any(name in _list(part, "required") for part in parts)
    return Requirement.SOMETIMES if sometimes else Requirement.NEVER


def _map(part: Schema, keyword: str) -> dict[str, Any]:
    value = part.get(keyword)
    return value if isinstance(value, dict) else {}


def _list(part: Schema, keyword: str) -> list[Any]:
    value = part.get(keyword)
    return value if isinstance(value, list) else []


def _distinct(nodes: Iterator[Any]) -> tuple[Any, ...]:
    """Each schema once: alternatives often share one by `$ref`."""
    found: list[Any] = []
    for node in nodes:
        if node not in found:
            found.append(node)
    return tuple(found)


def _row(document: SchemaDocument, place: _Place) -> PropertyRow:
    merged = _merged(document, place.nodes)
    if len(place.nodes) > 1:
        types = joined(found for node in place.nodes if (found := _types(_merged(document, (node,)))))
        told = joined(expected_words(document, node) for node in place.nodes)
        rules: tuple[str, ...] = () if told in (types, ANYTHING) else (cut(told, MAX_EXPECTED_CHARS),)
    else:
        rules = tuple(_rules(document, merged, is_root=not place.path))
        types = _types(merged)
    if place.nodes == (False,):
        rules = ("must not come",)
    description = merged.get("description", "")
    return PropertyRow(
        pointer(place.path),
        types,
        place.required,
        rules,
        description if isinstance(description, str) else "",
    )


def _merged(document: SchemaDocument, nodes: Sequence[Any]) -> Schema:
    """What is asked of one value; where two schemas speak of the same, the first counts."""
    merged: Schema = {}
    for node in reversed(nodes):
        for part in reversed(list(document.in_place(node))):
            merged.update(part)
    return merged


def _types(schema: Schema) -> str:
    types = schema.get("type")
    if isinstance(types, str):
        return types
    if isinstance(types, list):
        return type_words([each for each in types if isinstance(each, str)])
    constants = [schema["const"]] if "const" in schema else _list(schema, "enum")
    return type_words([json_type(value) for value in constants])


def _rules(document: SchemaDocument, schema: Schema, *, is_root: bool) -> Iterator[str]:
    if "const" in schema:
        yield f"always {value_words(schema['const'])}"
    elif enum := _list(schema, "enum"):
        yield enum_words(enum)
    yield from bound_words(schema)
    sizes = (size_words(schema.get(least), schema.get(most), noun) for least, most, noun in _SIZES)
    yield from filter(None, sizes)
    if isinstance(pattern := schema.get("pattern"), str):
        yield f"matches {cut(pattern, MAX_EXPECTED_CHARS)}"
    if isinstance(form := schema.get("format"), str):
        yield f"format {format_words(form)}"
    if schema.get("uniqueItems") is True:
        yield "no two equal items"
    yield from _further_properties(document, schema)
    alternatives = [branch for keyword in _ALTERNATIVES for branch in _list(schema, keyword)]
    if alternatives:
        told = "" if is_root else expected_words(document, {"anyOf": alternatives})
        is_told = told not in ("", ANYTHING, "object")
        yield told if is_told else f"one of {len(alternatives)} alternatives"
    if others := sorted(schema.keys() - _TOLD):
        yield f"further rules: {', '.join(others)}"


def _further_properties(document: SchemaDocument, schema: Schema) -> Iterator[str]:
    rule = schema.get("additionalProperties")
    if rule is False:
        yield "no other properties"
    elif isinstance(rule, dict) and (told := expected_words(document, rule)) != ANYTHING:
        yield f"other properties: {told}"
