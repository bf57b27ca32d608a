"""Root properties on which the schema says nothing."""

from typing import Any

import pytest

from tests.support.plans import reasons
from tracking_plan.model import UnplannedProperties

_DRAFT_7 = {"$schema": "http://json-schema.org/draft-07/schema#"}


def unplanned(schema: dict[str, Any], payload: dict[str, Any]) -> list[str]:
    found = reasons(schema, payload, unplanned_properties=UnplannedProperties.FLAG)
    assert all(kind == "unplanned_property" for _, kind in found)
    return [path for path, _ in found]


def test_they_are_flagged_one_by_one_at_the_root_only() -> None:
    schema: dict[str, Any] = {"properties": {"a": {"properties": {"b": {}}}}}
    assert unplanned(schema, {"a": {"x": 1}, "y/": 1, "z": 1}) == ["/y~1", "/z"]


def test_they_pass_where_the_plan_allows_them() -> None:
    assert reasons({"properties": {}}, {"x": 1}, unplanned_properties=UnplannedProperties.ALLOW) == []


@pytest.mark.parametrize("rule", [True, {"type": "integer"}])
@pytest.mark.parametrize("keyword", ["additionalProperties", "unevaluatedProperties"])
def test_a_rule_of_the_schema_for_further_properties_counts_alone(keyword: str, rule: object) -> None:
    assert unplanned({"properties": {}, keyword: rule}, {"x": 1}) == []
    assert unplanned({"allOf": [{"properties": {}, keyword: rule}]}, {"x": 1}) == []


def test_a_rule_of_an_alternative_counts_too() -> None:
    closed = {"properties": {"k": {"const": 1}}, "additionalProperties": False, "required": ["k"]}
    other = {"properties": {"k": {"const": 2}, "b": {}}, "required": ["k"]}
    assert unplanned({"oneOf": [closed, other]}, {"k": 2, "x": 1}) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": True}},
        {"required": ["a"]},
        {"patternProperties": {"^a+$": {}}},
        {"$ref": "#/$defs/d", "$defs": {"d": {"properties": {"a": {}}}}},
        {**_DRAFT_7, "$ref": "#/definitions/d", "definitions": {"d": {"properties": {"a": {}}}}},
        {"allOf": [{"properties": {"a": {}}}]},
        {"oneOf": [{"properties": {"a": {}}}, {"required": ["q"]}]},
        {"anyOf": [{"properties": {"a": {}}}, {}]},
        {"if": {"properties": {"a": {}}}},
        {"if": True, "then": {"properties": {"a": {}}}},
        {"if": False, "else": {"properties": {"a": {}}}},
        {"dependentSchemas": {"x": {"properties": {"a": {}}}}, "properties": {"q": {}}},
        {"dependentRequired": {"a": []}},
        {**_DRAFT_7, "dependencies": {"a": ["a"]}},
        {**_DRAFT_7, "dependencies": {"q": {"properties": {"a": {}}}}},
    ],
)
def test_a_property_is_known_wherever_the_schema_mentions_it(schema: dict[str, Any]) -> None:
    assert unplanned(schema, {"a": 1, "w": 1}) == ["/w"]


def test_names_inside_an_alternative_are_known_to_all() -> None:
    alternatives = [
        {"properties": {"a": {}}, "required": ["a"]},
        {"properties": {"b": {}}, "required": ["b"]},
    ]
    assert unplanned({"oneOf": alternatives}, {"a": 1, "c": 1}) == ["/c"]


def test_siblings_of_a_reference_do_not_count_in_draft_7() -> None:
    schema = {**_DRAFT_7, "$ref": "#/definitions/d", "definitions": {"d": {}}, "properties": {"a": {}}}
    assert unplanned(schema, {"a": 1}) == ["/a"]


def test_patterns_are_matched_as_the_validator_does() -> None:
    schema: dict[str, Any] = {"patternProperties": {r"^\d+$": {}, "^x_": {}}, "properties": {"a": {}}}
    assert unplanned(schema, {"a": 1, "12": 1, "x_1": 1, "٣": 1, "12b": 1}) == ["/12b", "/٣"]


def test_the_question_is_not_asked_of_what_cannot_be_followed() -> None:
    inner = {"$id": "https://example.com/i", "$ref": "#/$defs/q", "$defs": {"q": {"properties": {"a": {}}}}}
    assert unplanned({"allOf": [inner]}, {"a": 1, "b": 1}) == []
    dynamic = {"$dynamicRef": "#n", "$defs": {"n": {"$dynamicAnchor": "n", "properties": {"a": {}}}}}
    assert unplanned(dynamic, {"b": 1}) == []


def test_a_schema_that_refers_to_itself_is_looked_through_once() -> None:
    assert unplanned({"$ref": "#", "properties": {"a": {}}}, {"a": 1, "b": 1}) == ["/b"]


def test_other_violations_are_told_beside_them() -> None:
    schema = {"properties": {"a": {"type": "string"}}}
    found = reasons(schema, {"a": 1, "b": 1}, unplanned_properties=UnplannedProperties.FLAG)
    assert found == [("/a", "wrong_type"), ("/b", "unplanned_property")]
