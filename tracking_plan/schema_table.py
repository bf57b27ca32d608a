"""An event's schema as a table for people: a row per property, with its rules in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tracking_plan.asserted_formats import is_asserted
from tracking_plan.json_values import cut, json_type, pointer
from tracking_plan.judged_keywords import is_judged
from tracking_plan.schema_document import Schema, SchemaDocument
from tracking_plan.schema_places import ALTERNATIVES, Place, Requirement, as_list, places
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

_SIZES = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
    ("minProperties", "maxProperties", "property"),
)
#: Keywords that the table tells, or that ask nothing of a value.
_TOLD = frozenset(
    {
        *("type", "const", "enum", "format", "pattern", "uniqueItems", "required", "properties", "items"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", *ALTERNATIVES),
        *(bound for least, most, _ in _SIZES for bound in (least, most)),
        *("additionalProperties", "allOf", "$ref", "$defs", "definitions", "$schema", "$id", "id", "$anchor"),
        *("description", "title", "examples", "example", "default", "deprecated", "$comment", "readOnly"),
        *("writeOnly", "tsType"),
    }
)


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


def schema_table(schema: Any, *, assert_formats: bool = True) -> tuple[PropertyRow, ...]:
    """The payload's own row where the schema has rules for it, then its properties in the schema's order.

    At most schema_places.MAX_PLACES rows. Formats that are not asserted are told as such.
    """
    if not isinstance(schema, dict):
        return ()
    document = SchemaDocument(schema)
    rows = (_row(document, place, assert_formats=assert_formats) for place in places(document))
    return tuple(row for row in rows if row.path or row.rules or row.description)


def types_at(document: SchemaDocument, place: Place) -> str:
    """The types that are asked for there, in words; "" where the schema does not say."""
    if len(place.nodes) > 1:
        return joined(found for node in place.nodes if (found := _types(_merged(document, (node,)))))
    return _types(_merged(document, place.nodes))


def _row(document: SchemaDocument, place: Place, *, assert_formats: bool) -> PropertyRow:
    merged, types = _merged(document, place.nodes), types_at(document, place)
    if len(place.nodes) > 1:
        told = joined(expected_words(document, node) for node in place.nodes)
        rules: tuple[str, ...] = () if told in (types, ANYTHING) else (cut(told, MAX_EXPECTED_CHARS),)
    else:
        rules = tuple(_rules(document, merged, is_root=not place.path, assert_formats=assert_formats))
    if place.must_not_come:
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
    constants = [schema["const"]] if "const" in schema else as_list(schema, "enum")
    return type_words([json_type(value) for value in constants])


def _rules(document: SchemaDocument, schema: Schema, *, is_root: bool, assert_formats: bool) -> Iterator[str]:
    if "const" in schema:
        sure = "" if is_judged("const", document.draft) else ", which is not checked"
        yield f"always {value_words(schema['const'])}{sure}"
    elif enum := as_list(schema, "enum"):
        yield enum_words(enum)
    yield from bound_words(schema)
    sizes = (size_words(schema.get(least), schema.get(most), noun) for least, most, noun in _SIZES)
    yield from filter(None, sizes)
    if isinstance(pattern := schema.get("pattern"), str):
        yield f"matches {cut(pattern, MAX_EXPECTED_CHARS)}"
    if isinstance(form := schema.get("format"), str):
        is_checked = assert_formats and is_asserted(form, document.draft)
        yield f"format {format_words(form)}" if is_checked else f"format {form}, which is not checked"
    if schema.get("uniqueItems") is True:
        yield "no two equal items"
    yield from _further_properties(document, schema)
    alternatives = [branch for keyword in ALTERNATIVES for branch in as_list(schema, keyword)]
    if alternatives:
        told = "" if is_root else expected_words(document, {"anyOf": alternatives})
        is_told = told not in ("", ANYTHING, "object")
        yield told if is_told else f"one of {len(alternatives)} alternatives"
    others = sorted(schema.keys() - _TOLD)
    if judged := [each for each in others if is_judged(each, document.draft)]:
        yield f"further rules: {', '.join(judged)}"
    if ignored := [each for each in others if not is_judged(each, document.draft)]:
        yield f"not checked: {', '.join(ignored)}"


def _further_properties(document: SchemaDocument, schema: Schema) -> Iterator[str]:
    rule = schema.get("additionalProperties")
    if rule is False:
        yield "no other properties"
    elif isinstance(rule, dict) and (told := expected_words(document, rule)) != ANYTHING:
        yield f"other properties: {told}"
