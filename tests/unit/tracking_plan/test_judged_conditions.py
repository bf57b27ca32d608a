"""Rules that hold only under a condition."""

from typing import Any

import pytest

from tests.support.plans import judged

_PAID = {"if": {"properties": {"state": {"const": "paid"}}, "required": ["state"]}}


def told(schema: dict[str, Any], payload: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = judged(schema, payload).violations
    return [(each.path, each.kind.value, each.expected) for each in found]


def test_then() -> None:
    schema = {**_PAID, "then": {"required": ["total"], "properties": {"total": {"type": "number"}}}}
    expected = 'number, because state is "paid"'
    assert told(schema, {"state": "paid"}) == [("/total", "condition", expected)]
    assert told(schema, {"state": "paid", "total": "x"}) == [("/total", "condition", expected)]
    assert told(schema, {"state": "open"}) == []


def test_else() -> None:
    schema = {**_PAID, "else": {"required": ["why"]}}
    assert told(schema, {"state": "x"}) == [("/why", "condition", 'any value, because state is not "paid"')]


def test_a_condition_behind_a_reference() -> None:
    rule = {**_PAID, "then": {"required": ["total"]}}
    schema = {"properties": {"o": {"$ref": "#/$defs/o"}}, "$defs": {"o": rule}}
    assert told(schema, {"o": {"state": "paid"}}) == [
        ("/o/total", "condition", 'any value, because state is "paid"')
    ]


def test_a_condition_that_is_no_constant_is_told_without_words() -> None:
    schema = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
    assert told(schema, {"a": 1}) == [("/b", "condition", "any value")]


def test_a_condition_that_forbids_everything() -> None:
    assert told({**_PAID, "then": False}, {"state": "paid"}) == [
        ("", "condition", 'not allowed here, because state is "paid"')
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"dependentRequired": {"x": ["y"], "a": ["b"]}},
        {"dependentSchemas": {"a": {"required": ["b"]}}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"x": ["b"], "a": ["b"]}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": {"required": ["b"]}}},
    ],
)
def test_what_depends_on_another_property(schema: dict[str, Any]) -> None:
    assert told(schema, {"a": 1}) == [("/b", "condition", 'any value, because "a" is present')]
    assert told(schema, {}) == []


def test_the_reason_is_that_of_this_payload() -> None:
    schema = {"dependentRequired": {"x": ["b"], "y": ["b"]}}
    plan_reasons = [told(schema, {name: 1})[0][2] for name in "xy"]
    assert plan_reasons == ['any value, because "x" is present', 'any value, because "y" is present']


def test_a_property_called_then_is_no_condition() -> None:
    schema = {"properties": {"then": {"properties": {"else": {"type": "string"}}}}}
    assert told(schema, {"then": {"else": 1}}) == [("/then/else", "wrong_type", "string")]


@pytest.mark.parametrize(
    "schema",
    [
        {"dependentSchemas": {"": False}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"": False}},
    ],
)
def test_what_depends_on_a_property_without_a_name_is_told(schema: dict[str, Any]) -> None:
    assert told(schema, {"": 1, "a": 2}) == [("", "condition", "not allowed here")]
