"""Required properties that are looked up without the validator, and those that are not."""

from typing import Any

import pytest

from tests.support.plans import reasons
from tracking_plan.plain_required import PlainRequired
from tracking_plan.schema_document import SchemaDocument

_ASKS = {"required": ["x"]}
_DRAFT_7 = {"$schema": "http://json-schema.org/draft-07/schema#"}


def looked_up(schema: dict[str, Any]) -> bool:
    """Whether something is, so that the validator is asked less."""
    required = PlainRequired(SchemaDocument(schema))
    assert bool(list(required.missing({"a": {}}))) is (required.rest != schema)
    return required.rest != schema


@pytest.mark.parametrize(
    "schema",
    [
        _ASKS,
        {"allOf": [_ASKS]},
        {"properties": {"a": _ASKS}},
        {"$defs": {"d": {}}, "properties": {"b": {"$ref": "#/$defs/d"}}, **_ASKS},
    ],
)
def test_what_holds_for_every_payload_is_looked_up(schema: dict[str, Any]) -> None:
    assert looked_up(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [_ASKS, {}]},
        {"if": {}, "then": _ASKS},
        {"items": _ASKS},
        {"$ref": "#/$defs/d", "$defs": {"d": _ASKS}},
        # What a reference leads to holds for other values, too.
        {**_ASKS, "properties": {"a": {"$ref": "#"}}},
        {"properties": {"a": _ASKS, "b": {"$ref": "#/properties/a"}}},
        # Up to draft 7 nothing counts beside a reference.
        {**_DRAFT_7, "properties": {"a": {"$ref": "#/definitions/d", **_ASKS}}, "definitions": {"d": {}}},
    ],
)
def test_all_else_is_left_to_the_validator(schema: dict[str, Any]) -> None:
    assert not looked_up(schema)


def test_the_same_object_elsewhere_in_the_schema_stays_as_it_is() -> None:
    """As by an alias in YAML."""
    schema = {"properties": {"a": _ASKS}, "anyOf": [_ASKS, {"required": ["y"]}]}
    assert reasons(schema, {"a": {"x": 1}}) != []
    assert reasons(schema, {"a": {"x": 1}, "y": 1}) == []
    assert reasons(schema, {"a": {}, "y": 1}) == [("/a/x", "missing_required")]
