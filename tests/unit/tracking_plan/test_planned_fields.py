"""Which fields and values a schema plans."""

from typing import Any

import pytest

from tracking_plan.planned_fields import (
    MAX_FIELDS_WITH_VALUES,
    MAX_VALUE_BYTES,
    MAX_VALUES_PER_FIELD,
    PlannedField,
    planned_fields,
)
from tracking_plan.schema_document import SchemaDocument
from tracking_plan.schema_places import MAX_PLACES, Requirement


def planned(schema: dict[str, Any]) -> dict[str, PlannedField]:
    return {field.path: field for field in planned_fields(SchemaDocument(schema)).fields}


def values_of(rule: Any, **more: Any) -> tuple[str, ...]:
    return planned({"properties": {"p": rule}, **more})["/p"].values


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ({"type": "string"}, ()),
        ({"enum": ["a", "b"]}, ('"a"', '"b"')),
        ({"const": 3}, ("3",)),
        ({"enum": ["a", "b"], "const": "b"}, ('"b"',)),
        # Of numbers that are equal there is one; true is none.
        ({"enum": [1, 1.0, True, 0, False, None]}, ("1", "true", "0", "false", "null")),
        ({"$ref": "#/$defs/d"}, ('"x"', '"y"')),
        ({"allOf": [{"$ref": "#/$defs/d"}, {"enum": ["y", "z"]}]}, ('"y"',)),
        ({"anyOf": [{"const": "a"}, {"$ref": "#/$defs/d"}]}, ('"a"', '"x"', '"y"')),
        ({"oneOf": [{"const": 1}, {"const": True}]}, ("1", "true")),
        ({"oneOf": [{"enum": ["a"]}, {"type": "null"}]}, ('"a"',)),
        # What holds in any case decides.
        ({"enum": ["a", "b"], "anyOf": [{"const": "a"}, {"const": "c"}]}, ('"a"', '"b"')),
        (True, ()),
    ],
)
def test_values_are_those_that_may_come(rule: Any, values: tuple[str, ...]) -> None:
    assert values_of(rule, **{"$defs": {"d": {"enum": ["x", "y"]}}}) == values


def test_a_schema_that_narrows_another_one_plans_only_what_is_left() -> None:
    base = {"properties": {"kind": {"enum": ["a", "b", "c"]}}}
    assert planned({"allOf": [base, {"properties": {"kind": {"const": "b"}}}]})["/kind"].values == ('"b"',)


def test_alternatives_plan_what_either_asks_for() -> None:
    kinds = [{"properties": {"kind": {"const": kind}}} for kind in ("a", "b")]
    assert planned({"oneOf": kinds})["/kind"].values == ('"a"', '"b"')
    whole = {"properties": {"kind": {"enum": ["a", "b", "c"]}}, "if": {}, "then": kinds[0], "else": kinds[1]}
    assert planned(whole)["/kind"].values == ('"a"', '"b"', '"c"')


def test_fields_stand_in_the_schemas_order_with_types_and_requirements() -> None:
    items = {"type": "array", "items": {"properties": {"size": {"enum": ["S", "M"]}}}}
    schema = {
        "required": ["items"],
        "properties": {"items": items, "a/b": {"type": ["null", "string"]}, "gone": False},
    }
    told = [(field.path, field.types, field.required, field.values) for field in planned(schema).values()]
    assert told == [
        ("/items", "array", Requirement.ALWAYS, ()),
        ("/items/*", "", Requirement.NEVER, ()),
        ("/items/*/size", "string", Requirement.NEVER, ('"S"', '"M"')),
        ("/a~1b", "string or null", Requirement.NEVER, ()),
    ]


def test_what_is_beyond_the_limits_is_told_and_not_counted() -> None:
    many = [f"v{number}" for number in range(MAX_VALUES_PER_FIELD + 7)]
    field = planned({"properties": {"p": {"enum": [*many, "é" * MAX_VALUE_BYTES, {"a": 1}, [1]]}}})["/p"]
    assert (len(field.values), field.values[0], field.not_counted) == (MAX_VALUES_PER_FIELD, '"v0"', 10)
    wide = {"properties": {f"p{n:03}": {"const": n} for n in range(MAX_FIELDS_WITH_VALUES + 2)}}
    counted = [bool(field.values) for field in planned(wide).values()]
    assert counted == [True] * MAX_FIELDS_WITH_VALUES + [False] * 2
    assert planned(wide)[f"/p{MAX_FIELDS_WITH_VALUES:03}"].not_counted == 1


def test_a_path_that_the_catalog_leaves_out_is_not_planned() -> None:
    assert list(planned({"properties": {"é" * 300: {}, "p": {}}})) == ["/p"]


def test_a_schema_of_more_fields_than_are_listed_says_so() -> None:
    assert planned_fields(SchemaDocument({"properties": {f"p{n}": {} for n in range(MAX_PLACES)}})).is_cut
    assert not planned_fields(SchemaDocument({"properties": {"p": {}}})).is_cut


def test_a_schema_that_names_itself_is_followed_once() -> None:
    tree = {"properties": {"left": {"$ref": "#"}, "kind": {"enum": ["leaf", "node"]}}}
    assert list(planned(tree)) == ["/left", "/kind"]
