"""The prototype's conditions, {if_field, if_value, then_field, then_type}, as JSON Schema's if and then."""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from tracking_plan.formats.csv_field import (
    ITEMS,
    TYPES,
    FieldPath,
    PathError,
    Schema,
    descend,
    parse_path,
    path_text,
)
from tracking_plan.json_values import as_json, json_text
from tracking_plan.schema_document import SchemaDocument, validator_for
from tracking_plan.words import expected_words

_KEYS = ("if_field", "if_value", "then_field", "then_type")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}(\.[0-9]{1,18})?")
#: Of a value, in a problem's text.
_SHOWN_CHARS = 40


@dataclass(frozen=True, slots=True)
class Condition:
    """Where `if_field` is `if_value`, `then_field` must come and be of `then_type`."""

    if_field: FieldPath
    if_value: Any
    then_field: FieldPath
    then_type: str


def read_condition(text: str) -> Condition | None:
    """The condition in a cell; None for an empty one. Raises PathError."""
    if not text.strip():
        return None
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PathError("the cell is not JSON") from error
    if not isinstance(content, dict) or set(content) != set(_KEYS):
        raise PathError(f"it must have exactly the keys {', '.join(_KEYS)}")
    if isinstance(content["if_value"], (dict, list)):
        raise PathError("if_value must be a single value")
    then_type = str(content["then_type"]).lower()
    if then_type not in TYPES:
        raise PathError(f'unknown then_type "{then_type}", known are {", ".join(TYPES)}')
    if_field, then_field = parse_path(str(content["if_field"])), parse_path(str(content["then_field"]))
    return Condition(if_field, content["if_value"], then_field, then_type)


def apply_condition(schema: Schema, condition: Condition) -> None:
    """Add the condition to an event's schema, at the innermost object that holds both fields' arrays.

    `then_field` becomes a planned field. Raises PathError.
    """
    prefix = _common_items(condition)
    if_rest, then_rest = condition.if_field[len(prefix) :], condition.then_field[len(prefix) :]
    if ITEMS in if_rest or ITEMS in then_rest or not if_rest or not then_rest:
        raise PathError("both fields must belong to the same item, or to none")
    value = _typed(condition.if_value, descend(schema, condition.if_field), path_text(condition.if_field))
    holder = descend(schema, prefix)
    rule = {"if": _nested(if_rest, {"const": value}), "then": _nested(then_rest, TYPES[condition.then_type])}
    holder.setdefault("allOf", []).append(rule)


def _common_items(condition: Condition) -> FieldPath:
    """The longest shared beginning that ends with an array's items."""
    shared = 0
    for index, (one, other) in enumerate(zip(condition.if_field, condition.then_field, strict=False)):
        if one != other:
            break
        if one == ITEMS:
            shared = index + 1
    return condition.if_field[:shared]


def _nested(path: FieldPath, leaf: Schema) -> Schema:
    """A schema that demands the field at `path` and asks `leaf` of it."""
    for step in reversed(path):
        leaf = {"required": [step], "properties": {step: leaf}}
    return leaf


def _typed(value: Any, field: Schema, place: str) -> Any:
    """The value as the field can have it. Raises PathError for one that it never has.

    A CSV has only text: `"true"` beside a boolean field means true, `"5"` beside a number means 5. So a value
    that is no text stands for its text beside a text field: true for `"true"`, 5 for `"5"`.
    """
    kind = field["type"]
    typed = _from_text(value, kind) if isinstance(value, str) else value
    if kind == "string" and isinstance(value, (int, float)):
        typed = as_json(value)
    # Its pattern is left out: whether it is a regular expression is told with the schemas.
    judged: Schema = {keyword: field[keyword] for keyword in ("type", "anyOf") if keyword in field}
    if not validator_for(judged, assert_formats=True).is_valid(typed):
        asked = expected_words(SchemaDocument(judged), judged)
        raise PathError(
            f"if_value {json_text(value, _SHOWN_CHARS)} can never stand in {place}: it is {asked}"
        )
    return typed


def _from_text(text: str, kind: str) -> Any:
    """What a text means beside a field of a type; the text itself where it means nothing of that type."""
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    return text
