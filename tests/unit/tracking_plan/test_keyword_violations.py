"""Each keyword's violation: path, kind and the words a person reads."""

from typing import Any

import pytest

from tests.support.plans import judged

_FIRST_TEN_OF_99 = "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 … (99 in all)"


def told(rule: dict[str, Any], value: object) -> list[tuple[str, str, str, str]]:
    found = judged({"properties": {"f": rule}}, {"f": value}).violations
    return [(each.path, each.kind.value, each.expected, each.received) for each in found]


@pytest.mark.parametrize(
    ("rule", "value", "kind", "expected", "received"),
    [
        ({"type": "string"}, 12, "wrong_type", "string", "integer 12"),
        ({"type": "number"}, "12", "wrong_type", "number", 'string "12"'),
        ({"type": ["null", "string"]}, True, "wrong_type", "string or null", "boolean true"),
        ({"type": "object"}, None, "wrong_type", "object", "null"),
        ({"type": "string"}, [1, 2], "wrong_type", "string", "array of 2"),
        ({"type": "string"}, {}, "wrong_type", "string", "object"),
        ({"enum": ["a", "b"]}, "c", "not_in_enum", 'one of "a", "b"', 'string "c"'),
        ({"enum": list(range(99))}, -1, "not_in_enum", _FIRST_TEN_OF_99, "integer -1"),
        ({"const": "a"}, "b", "not_in_enum", '"a"', 'string "b"'),
        ({"pattern": "^x"}, "y", "pattern", "string matching ^x", 'string "y"'),
        ({"minimum": 0}, -1, "range", "number ≥ 0", "integer -1"),
        ({"type": "integer", "maximum": 5}, 6, "range", "integer ≤ 5", "integer 6"),
        ({"exclusiveMinimum": 0}, 0, "range", "number > 0", "integer 0"),
        ({"exclusiveMaximum": 1.5}, 1.5, "range", "number < 1.5", "number 1.5"),
        ({"multipleOf": 5}, 7, "range", "multiple of 5", "integer 7"),
        ({"minLength": 1}, "", "length", "string of at least 1 character", 'string ""'),
        ({"maxLength": 2}, "abc", "length", "string of at most 2 characters", 'string "abc"'),
        ({"minItems": 2}, [1], "length", "at least 2 items", "array of 1"),
        ({"maxItems": 1}, [1, 2], "length", "at most 1 item", "array of 2"),
        ({"minProperties": 1}, {}, "length", "at least 1 property", "object"),
        ({"maxProperties": 0}, {"a": 1}, "length", "at most 0 properties", "object"),
        ({"format": "date"}, "x", "format", "date, such as 2026-01-31", 'string "x"'),
        ({"format": "ipv4"}, "x", "format", "ipv4", 'string "x"'),
        ({"uniqueItems": True}, [1, 1], "schema", "no two equal items", "array of 2"),
        ({"contains": {"type": "string"}}, [1], "schema", "at least 1 item: string", "array of 1"),
        ({"not": {"type": "string"}}, "x", "schema", "anything but string", 'string "x"'),
        ({"not": {"required": ["a"]}}, {"a": 1}, "schema", 'not with "a"', "object"),
    ],
)  # fmt: skip
def test_one_rule_broken(
    rule: dict[str, Any], value: object, kind: str, expected: str, received: str
) -> None:
    assert told(rule, value) == [("/f", kind, expected, received)]


def test_a_missing_property_is_pointed_at_itself() -> None:
    rule = {"required": ["a", "b"], "properties": {"a": {"type": "number", "minimum": 0}}}
    assert told(rule, {}) == [
        ("/f/a", "missing_required", "number ≥ 0", "missing"),
        ("/f/b", "missing_required", "any value", "missing"),
    ]


@pytest.mark.parametrize("keyword", ["additionalProperties", "unevaluatedProperties"])
def test_each_property_too_many_is_pointed_at(keyword: str) -> None:
    assert told({"properties": {"a": {}}, keyword: False}, {"a": 1, "y/z": "s", "x~": None}) == [
        ("/f/x~0", "unplanned_property", "not in the plan", "null"),
        ("/f/y~1z", "unplanned_property", "not in the plan", 'string "s"'),
    ]


def test_a_false_schema_allows_nothing() -> None:
    assert told({"properties": {"a": False}}, {"a": 1}) == [
        ("/f/a", "schema", "not allowed here", "integer 1")
    ]


def test_items_too_many() -> None:
    rule = {"prefixItems": [{}], "items": False}
    assert told(rule, [1, 2, 3]) == [
        ("/f/1", "schema", "not allowed here", "integer 2"),
        ("/f/2", "schema", "not allowed here", "integer 3"),
    ]
    assert told({"prefixItems": [{}], "unevaluatedItems": False}, [1, 2]) == [
        ("/f", "schema", "no items but the planned ones", "array of 2")
    ]


def test_a_bad_property_name_is_pointed_at() -> None:
    assert told({"propertyNames": {"maxLength": 2}}, {"ab": 1, "abc": 2}) == [
        ("/f/abc", "length", "property name: string of at most 2 characters", 'name "abc"')
    ]


def test_items_are_told_in_their_order() -> None:
    found = told({"items": {"type": "string"}}, list(range(12)))
    assert [path for path, *_ in found] == [f"/f/{index}" for index in range(12)]


@pytest.mark.parametrize("name", ["a/b", "a~b", "~1", 'é"\\', "", "*", "0", "7", "007", "+7", "٣", "then"])
def test_property_names_of_any_spelling(name: str) -> None:
    schema = {"properties": {name: {"type": "string"}}, "required": [name]}
    escaped = name.replace("~", "~0").replace("/", "~1")
    (wrong,) = judged(schema, {name: 1}).violations
    (missing,) = judged(schema, {}).violations
    assert (wrong.path, wrong.kind.value, wrong.value) == (f"/{escaped}", "wrong_type", "1")
    assert (missing.path, missing.kind.value, missing.expected) == (
        f"/{escaped}",
        "missing_required",
        "string",
    )
