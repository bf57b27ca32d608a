"""Unusable schemas: every fault with its pointer, and none for the usable ones."""

from typing import Any

import pytest

from tests.support.plans import plan_of
from tracking_plan.compiled import compile_plan
from tracking_plan.problems import PlanError
from tracking_plan.schema_check import schema_problems

_DRAFTS = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
]


def pointers(schema: Any) -> list[str | None]:
    return [problem.pointer for problem in schema_problems("Order", schema)]


@pytest.mark.parametrize("draft", _DRAFTS)
def test_every_draft_is_known_and_its_keywords_are_checked(draft: str) -> None:
    assert pointers({"$schema": draft, "properties": {"a": {"type": "string"}}}) == []
    schema = {
        "$schema": draft,
        "properties": {"a": {"type": "text"}, "b": {"minLength": "x"}, "c": {"pattern": "("}},
        "required": "a",
    }
    assert sorted(map(str, pointers(schema))) == [
        "/properties/a/type",
        "/properties/b/minLength",
        "/properties/c/pattern",
        "/required",
    ]


@pytest.mark.parametrize("name", ["total", "type"])
def test_what_stands_where_a_schema_belongs_is_told_once(name: str) -> None:
    (problem,) = schema_problems("Order", {"properties": {name: "string"}})
    assert problem.pointer == f"/properties/{name}"
    assert (problem.what, problem.mend) == (
        '"string" is no schema',
        "write a schema, such as {type: string}",
    )


def test_the_drafts_differ_where_they_should() -> None:
    schema = {"properties": {"a": {"minimum": 0, "exclusiveMinimum": True}}}
    assert pointers({"$schema": _DRAFTS[0], **schema}) == []
    assert pointers({"$schema": _DRAFTS[2], **schema}) == ["/properties/a/exclusiveMinimum"]


@pytest.mark.parametrize("draft", ["http://example.com/mine", "http://json-schema.org/draft-03/schema#", 7])
def test_another_draft_is_refused(draft: object) -> None:
    assert pointers({"$schema": draft}) == ["/$schema"]


@pytest.mark.parametrize("schema", [True, None, [], "object"])
def test_a_schema_is_an_object(schema: object) -> None:
    assert pointers(schema) == [""]


def test_a_root_that_no_object_can_satisfy_is_refused() -> None:
    assert pointers({"type": "string"}) == ["/type"]
    assert pointers({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": ["array"]}}}) == [
        "/$defs/a/type"
    ]
    assert pointers({"type": ["null", "object"]}) == []


def test_external_references_are_refused_with_the_reason() -> None:
    (problem,) = schema_problems("Order", {"properties": {"a": {"$ref": "https://example.com/a.json"}}})
    assert problem.pointer == "/properties/a/$ref"
    assert "no reference is ever fetched" in problem.what


@pytest.mark.parametrize("reference", ["#/nope", "#/$defs/b", "#anchor", "other.json", "#/allOf/3"])
def test_references_that_lead_nowhere_are_refused(reference: str) -> None:
    assert pointers({"$defs": {"a": {}}, "allOf": [{"$ref": reference}]}) == ["/allOf/0/$ref"]


def test_several_bad_references_are_all_told() -> None:
    schema = {"properties": {"a": {"$ref": "#/x"}, "b": {"items": {"$ref": "file:///x"}}}}
    assert pointers(schema) == ["/properties/a/$ref", "/properties/b/items/$ref"]


def test_references_that_resolve_are_fine() -> None:
    schema = {
        "$id": "https://example.com/order",
        "$defs": {"a b": {"$anchor": "ab"}, "x/y~z": {}},
        "allOf": [
            {"$ref": "#/$defs/a%20b"},
            {"$ref": "#ab"},
            {"$ref": "#/$defs/x~1y~0z"},
            {"$ref": "https://example.com/order#/$defs/a%20b"},
            {"$ref": "#"},
        ],
    }
    assert pointers(schema) == []


def test_data_and_property_names_are_not_taken_for_references() -> None:
    schema = {
        "properties": {"$ref": {"type": "string"}, "a": {"enum": [{"$ref": "#/nope"}]}},
        "default": {"$ref": "http://example.com"},
    }
    assert pointers(schema) == []


def test_embedded_schemas_are_left_to_the_validator() -> None:
    inner = {"$id": "https://example.com/inner", "$defs": {"q": {"type": "string"}}, "$ref": "#/$defs/q"}
    assert pointers({"properties": {"a": inner}}) == []
    (problem,) = schema_problems("Order", {"properties": {"a": {**inner, "$ref": "#/$defs/nope"}}})
    assert "cannot be compiled" in problem.what


def test_nesting_is_bounded() -> None:
    schema: dict[str, Any] = {}
    for _ in range(200):
        schema = {"properties": {"a": schema}}
    assert pointers(schema) == [""]


def test_compiling_a_plan_made_in_code_tells_the_same() -> None:
    with pytest.raises(PlanError, match=r"schema /required: `required` is 3, but must be of type array"):
        compile_plan(plan_of({"required": 3}), version=1)


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, float("inf")])
def test_a_number_that_storage_cannot_keep_is_named_with_its_place(number: float) -> None:
    schema = {"properties": {"n": {"enum": [1, number]}}}
    (problem,) = schema_problems("Order", schema)
    assert (problem.pointer, "cannot be stored exactly" in problem.what) == ("/properties/n/enum/1", True)
    assert schema_problems("Order", {"properties": {"n": {"enum": [2**64 - 1, -(2**63), 1.5]}}}) == []
