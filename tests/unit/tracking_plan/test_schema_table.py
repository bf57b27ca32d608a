"""A schema as a table: types, requirements and rules in words."""

from typing import Any

import pytest

from tests.support.plans import reasons
from tracking_plan.schema_document import DRAFTS
from tracking_plan.schema_places import MAX_PLACES, Requirement, is_cut
from tracking_plan.schema_table import PropertyRow, schema_table


def row_of(rule: Any) -> PropertyRow:
    (row,) = [row for row in schema_table({"properties": {"p": rule}}) if row.path == "/p"]
    return row


@pytest.mark.parametrize(
    ("rule", "types", "rules"),
    [
        ({"type": "string"}, "string", ()),
        ({"type": ["null", "string"]}, "string or null", ()),
        ({}, "", ()),
        (True, "", ()),
        (False, "", ("must not come",)),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 10}, "number", ("≥ 0", "< 10")),
        ({"type": "integer", "multipleOf": 5}, "integer", ("multiple of 5",)),
        ({"type": "string", "minLength": 1}, "string", ("at least 1 character",)),
        (
            {"type": "array", "maxItems": 3, "uniqueItems": True},
            "array",
            ("at most 3 items", "no two equal items"),
        ),
        ({"type": "string", "pattern": "^P-"}, "string", ("matches ^P-",)),
        ({"type": "string", "format": "date"}, "string", ("format date, such as 2026-01-31",)),
        ({"type": "string", "format": "datetime"}, "string", ("format datetime, which is not checked",)),
        ({"enum": ["a", "b"]}, "string", ('one of "a", "b"',)),
        ({"const": 3}, "integer", ("always 3",)),
        ({"type": "object", "additionalProperties": False}, "object", ("no other properties",)),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            "object",
            ("other properties: string",),
        ),
        ({"oneOf": [{"type": "string"}, {"type": "number"}]}, "", ("string or number",)),
        ({"not": {"type": "null"}}, "", ("further rules: not",)),
        ({"type": "string", "title": "T", "examples": ["x"]}, "string", ()),
    ],
)
def test_rules_are_told_in_words(rule: Any, types: str, rules: tuple[str, ...]) -> None:
    row = row_of(rule)
    assert (row.types, row.rules, row.required) == (types, rules, Requirement.NEVER)


_BROKEN = ["", "x", " ", "{", "(", "http://[", "a b", "~2", "99999", "/x~"]
_FORMATS = [
    *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4"),
    *("ipv6", "uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer"),
    *("relative-json-pointer", "regex", "datetime", "currency", "int32", "password"),
]


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("name", _FORMATS)
def test_a_format_is_told_as_a_rule_where_the_validator_checks_it(name: str, draft: str) -> None:
    schema = {"$schema": draft, "properties": {"p": {"format": name}}}
    (row,) = schema_table(schema)
    is_checked = any(reasons(schema, {"p": text}) for text in _BROKEN)
    assert row.rules[0].endswith(", which is not checked") is not is_checked


_BROKEN_RULES: dict[str, tuple[dict[str, Any], Any]] = {
    "const": ({"const": 3}, 4),
    "not": ({"not": {}}, 1),
    "contains": ({"contains": {"type": "string"}}, []),
    "minContains": ({"contains": {}, "minContains": 2}, [1]),
    "maxContains": ({"contains": {}, "maxContains": 1}, [1, 2]),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
    "patternProperties": ({"patternProperties": {"a": {"type": "string"}}}, {"a": 1}),
    "then": ({"if": {}, "then": {"type": "string"}}, 1),
    "else": ({"if": {"type": "string"}, "else": {"type": "string"}}, 1),
    "dependencies": ({"dependencies": {"a": ["b"]}}, {"a": 1}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    "dependentSchemas": ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}),
    "unevaluatedProperties": ({"unevaluatedProperties": False}, {"a": 1}),
    "unevaluatedItems": ({"unevaluatedItems": False}, [1]),
    "prefixItems": ({"prefixItems": [{"type": "string"}]}, [1]),
    "contentEncoding": ({"contentEncoding": "base64"}, "é"),
    "contentMediaType": ({"contentMediaType": "application/json"}, "{"),
    "contentSchema": ({"contentMediaType": "application/json", "contentSchema": False}, "1"),
    "nullable": ({"nullable": False}, None),
    "maxLenght": ({"maxLenght": 1}, "long"),
}


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("keyword", _BROKEN_RULES)
def test_a_keyword_is_told_as_a_rule_where_the_validator_judges_by_it(keyword: str, draft: str) -> None:
    rule, broken = _BROKEN_RULES[keyword]
    schema = {"$schema": draft, "properties": {"p": rule}}
    told = "; ".join(rule for row in schema_table(schema) if row.path == "/p" for rule in row.rules)
    is_ignored = keyword in told.partition("not checked")[2] or told == "always 3, which is not checked"
    assert is_ignored is not bool(reasons(schema, {"p": broken}))


def test_items_beyond_a_list_are_told_as_a_rule_where_the_draft_has_it() -> None:
    rule = {"items": [{}], "additionalItems": False}
    (row, *_) = schema_table(
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"p": rule}}
    )
    assert row.rules == ("further rules: additionalItems",)


def test_formats_that_the_plan_does_not_assert_are_told_so() -> None:
    (row,) = schema_table({"properties": {"p": {"format": "date"}}}, assert_formats=False)
    assert row.rules == ("format date, which is not checked",)


def test_nested_properties_and_items_stand_below_each_other() -> None:
    price = {"type": "number"}
    items = {
        "type": "array",
        "items": {"type": "object", "required": ["price"], "properties": {"price": price}},
    }
    rows = schema_table({"required": ["a/b", "ghost"], "properties": {"a/b": items, "z": True}})
    told = [(row.path, row.types, row.required.value) for row in rows]
    assert told == [
        ("/a~1b", "array", "yes"),
        ("/a~1b/*", "object", "no"),
        ("/a~1b/*/price", "number", "yes"),
        ("/z", "", "no"),
        ("/ghost", "", "yes"),
    ]


def test_references_are_followed_but_not_in_circles() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "v": {"type": "integer"}}}
    rows = schema_table({"$ref": "#/$defs/tree", "$defs": {"tree": tree}})
    assert [row.path for row in rows] == ["/left", "/v"]


def test_what_each_alternative_asks_for_is_always_required() -> None:
    def action(name: str, *required: str) -> dict[str, Any]:
        return {"required": ["action", *required], "properties": {"action": {"const": name}, "by": {}}}

    rows = {row.path: row for row in schema_table({"oneOf": [action("opened"), action("closed", "by")]})}
    assert rows[""].rules == ("one of 2 alternatives",)
    assert rows["/action"].required is Requirement.ALWAYS
    assert rows["/action"].rules == ('"opened" or "closed"',)
    assert rows["/by"].required is Requirement.SOMETIMES


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"anyOf": [{"properties": {"a": {}}}, {"allOf": [{"oneOf": [{"required": ["b"]}]}]}]}]},
        {"if": {}, "then": {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}},
        {"dependentSchemas": {"a": {"properties": {"b": {}}}}, "properties": {"a": {}}},
        {"dependencies": {"a": {"properties": {"b": {}}}, "b": ["a"]}, "properties": {"a": {}}},
        {
            "oneOf": [{"$ref": "#/$defs/d"}],
            "$defs": {"d": {"oneOf": [{"$ref": "#"}], "required": ["a", "b"]}},
        },
    ],
)
def test_properties_of_alternatives_within_alternatives_are_listed(schema: dict[str, Any]) -> None:
    assert [row.path for row in schema_table(schema) if row.path] == ["/a", "/b"]


def test_what_alternatives_within_alternatives_ask_for_in_any_case_is_always_required() -> None:
    inner = {"anyOf": [{"required": ["a", "b"]}, {"required": ["b", "a", "c"]}]}
    rows = schema_table({"oneOf": [inner, {"required": ["a"]}]})
    asked = {row.path: row.required for row in rows if row.path}
    assert asked == {"/a": Requirement.ALWAYS, "/b": Requirement.SOMETIMES, "/c": Requirement.SOMETIMES}


def test_a_long_table_is_cut() -> None:
    rows = schema_table({"properties": {f"p{n}": {} for n in range(MAX_PLACES + 5)}})
    assert is_cut(rows)
    assert len(rows) < MAX_PLACES + 1
    assert not is_cut(schema_table({"properties": {"p": {}}}))


@pytest.mark.parametrize("schema", [None, [], "x", True, {"properties": 3, "required": 3, "allOf": 3}])
def test_what_is_no_schema_has_no_rows_and_no_error(schema: Any) -> None:
    assert len(schema_table(schema)) <= 1
