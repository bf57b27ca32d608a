"""Under oneOf and anyOf the reasons of the closest alternative are given."""

from typing import Any

import pytest

from tests.support.plans import judged, reasons

_CARD = {"properties": {"kind": {"const": "card"}, "no": {"type": "string"}}, "required": ["kind", "no"]}
_CASH = {
    "properties": {"kind": {"enum": ["cash", "coins"]}, "sum": {"minimum": 0}},
    "required": ["kind", "sum"],
}


@pytest.fixture(params=["oneOf", "anyOf"])
def keyword(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["root", "nested", "by reference"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def at_place(place: str, rule: dict[str, Any], value: dict[str, Any]) -> list[tuple[str, str]]:
    """The reasons with the rule at the root, or one level below it."""
    if place == "root":
        return reasons(rule, value)
    schema = {"properties": {"f": rule}}
    if place == "by reference":
        schema = {"properties": {"f": {"$ref": "#/$defs/r"}}, "$defs": {"r": rule}}
    return [(path.removeprefix("/f"), kind) for path, kind in reasons(schema, {"f": value})]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"kind": "card"}, [("/no", "missing_required")]),
        ({"kind": "card", "sum": -1}, [("/no", "missing_required")]),
        ({"kind": "coins", "sum": -1}, [("/sum", "range")]),
        ({"kind": "coins", "sum": -1, "no": "1"}, [("/sum", "range")]),
        ({"kind": "gold", "sum": 1}, [("/kind", "not_in_enum")]),
        ({"sum": -1}, [("/kind", "missing_required")]),
    ],
)
def test_the_discriminator_decides(
    keyword: str, place: str, payload: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert at_place(place, {keyword: [_CARD, _CASH]}, payload) == expected


def test_an_unknown_discriminator_is_offered_all_values(keyword: str) -> None:
    (violation,) = judged({keyword: [_CARD, _CASH]}, {"kind": "gold"}).violations
    assert violation.expected == 'one of "card", "cash", "coins"'


def test_a_discriminator_may_stand_in_nested_alternatives() -> None:
    nested = {"oneOf": [{**_CARD, "title": "a"}, {**_CARD, "required": ["kind", "pin"]}]}
    assert reasons({"oneOf": [nested, _CASH]}, {"kind": "cash"}) == [("/sum", "missing_required")]
    assert reasons({"oneOf": [nested, _CASH]}, {}) == [("/kind", "missing_required")]


def test_rules_beside_the_alternatives_are_told_too() -> None:
    schema = {"oneOf": [_CARD, _CASH], "required": ["id"]}
    assert reasons(schema, {"kind": "card"}) == [("/id", "missing_required"), ("/no", "missing_required")]
    assert reasons(schema, {"kind": "gold"}) == [("/id", "missing_required"), ("/kind", "not_in_enum")]


def test_a_property_with_the_same_values_everywhere_tells_nothing_apart() -> None:
    one = {"properties": {"v": {"const": 1}, "a": {"type": "string"}}, "required": ["v", "a"]}
    other = {"properties": {"v": {"const": 1}, "b": {"type": "string"}}, "required": ["v", "b", "c"]}
    assert reasons({"oneOf": [one, other]}, {"v": 1}) == [("/a", "missing_required")]


def test_equal_numbers_discriminate_alike() -> None:
    versions = [{"properties": {"v": {"const": n}}, "required": ["v", f"f{n}"]} for n in (1, 2)]
    assert reasons({"oneOf": versions}, {"v": 2.0}) == [("/f2", "missing_required")]


def test_without_a_discriminator_the_fewest_errors_count() -> None:
    alternatives = [{"required": ["a", "b"]}, {"required": ["c"]}]
    assert reasons({"anyOf": alternatives}, {}) == [("/c", "missing_required")]


def test_then_the_deepest() -> None:
    deep = {"properties": {"a": {"properties": {"b": {"type": "string"}}}}}
    assert reasons({"anyOf": [{"required": ["x"]}, deep]}, {"a": {"b": 1}}) == [("/a/b", "wrong_type")]


def test_an_alternative_of_another_type_is_not_meant() -> None:
    rule = {"oneOf": [{"type": "null"}, {"type": "object", "required": ["a", "b"]}]}
    assert reasons({"properties": {"f": rule}}, {"f": {}}) == [
        ("/f/a", "missing_required"),
        ("/f/b", "missing_required"),
    ]


def test_if_no_alternative_has_the_type_all_types_are_told() -> None:
    rule = {"anyOf": [{"type": "null"}, {"type": "string"}, {"type": ["number", "null"]}]}
    (violation,) = judged({"properties": {"f": rule}}, {"f": []}).violations
    assert (violation.kind, violation.expected) == ("wrong_type", "null or string or number or null")


def test_types_are_told_of_the_value_itself_not_of_what_is_within_it() -> None:
    within: dict[str, Any] = {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"type": "string"}]}
    schema = {"properties": {"f": {"anyOf": [within, {"type": "array"}]}}}
    (violation,) = judged(schema, {"f": {"a": "x"}}).violations
    assert (violation.path, violation.expected, violation.received) == ("/f", "string or array", "object")


def test_two_alternatives_at_once_are_explained() -> None:
    rule = {"oneOf": [{"type": "string"}, {"minLength": 0}, {"type": "null"}]}
    (violation,) = judged({"properties": {"f": rule}}, {"f": ""}).violations
    assert (violation.path, violation.kind) == ("/f", "schema")
    assert violation.expected == "exactly one of 3 alternatives"
    assert violation.received == 'string "", which fits alternatives 1 and 2'


def test_two_root_alternatives_at_once_are_explained() -> None:
    schema = {"oneOf": [_CARD, {"properties": {"kind": {"enum": ["card", "cash"]}}}, _CASH]}
    assert reasons(schema, {"kind": "card", "no": "1"}) == [("", "schema")]


@pytest.mark.parametrize("reference", ["#/oneOf/0", "#leaf", "https://example.com/tree#leaf", "#"])
def test_alternatives_that_refer_to_each_other_are_not_torn_apart(reference: str) -> None:
    schema = {
        "$id": "https://example.com/tree",
        "oneOf": [
            {"$anchor": "leaf", "properties": {"kind": {"const": "leaf"}}, "required": ["kind"]},
            {
                "properties": {"kind": {"const": "list"}, "of": {"$ref": reference}},
                "required": ["kind", "of"],
            },
        ],
    }
    assert reasons(schema, {"kind": "list", "of": {"kind": "x"}}) == [("/of/kind", "not_in_enum")]


def test_unevaluated_properties_beside_alternatives() -> None:
    schema = {"oneOf": [_CARD, _CASH], "unevaluatedProperties": False}
    assert ("/x", "unplanned_property") in reasons(schema, {"kind": "card", "no": "1", "x": 1})


def test_draft_7_ignores_alternatives_beside_a_reference() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$ref": "#/definitions/a",
        "definitions": {"a": {"required": ["a"]}},
        "oneOf": [_CARD, _CASH],
    }
    assert reasons(schema, {"kind": "gold"}) == [("/a", "missing_required")]
