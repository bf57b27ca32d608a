"""The ledger of one event's fields."""

from typing import Any

import pytest

from tests.support.plans import EVENT, compiled
from tracking_plan.compiled import NO_PLAN
from tracking_plan.field_ledger import MAX_FIELDS, FieldCheck, FieldStatus, field_ledger
from tracking_plan.json_values import PayloadTooDeepError
from tracking_plan.model import UnplannedProperties
from tracking_plan.violation import Kind

_ITEM = {
    "properties": {"price": {"type": "number", "minimum": 0}, "sku": {"type": "string"}},
    "required": ["price"],
}
_MISSING, _UNPLANNED = (Kind.MISSING_REQUIRED,), (Kind.UNPLANNED_PROPERTY,)
_ORDER = {
    "properties": {
        "id": {"$ref": "#/$defs/id"},
        "items": {"type": "array", "items": _ITEM},
        "note": {"type": ["string", "null"]},
    },
    "required": ["id"],
    "$defs": {"id": {"type": "string", "pattern": "^o"}},
}


def ledger(schema: dict[str, Any], payload: dict[str, Any], **switches: Any) -> tuple[FieldCheck, ...]:
    return field_ledger(compiled(schema, **switches), EVENT, payload)


def statuses(schema: dict[str, Any], payload: dict[str, Any], **switches: Any) -> dict[str, str]:
    return {check.path: check.status.value for check in ledger(schema, payload, **switches)}


def expectations(schema: dict[str, Any], payload: dict[str, Any]) -> dict[str, str]:
    return {check.path: check.expected for check in ledger(schema, payload)}


def test_each_status() -> None:
    payload = {"items": [{"price": 1}, {"price": -1, "sku": "a"}, {}], "x": {"y": [], "z": 1}}
    assert ledger(_ORDER, payload, unplanned_properties=UnplannedProperties.FLAG) == (
        FieldCheck("/id", "", "string matching ^o", "missing", FieldStatus.MISSING, _MISSING),
        FieldCheck("/items/0/price", "1", "number ≥ 0", "integer 1", FieldStatus.VALID),
        FieldCheck("/items/0/sku", "", "string", "missing", FieldStatus.NOT_RECEIVED),
        FieldCheck("/items/1/price", "-1", "number ≥ 0", "integer -1", FieldStatus.INVALID, (Kind.RANGE,)),
        FieldCheck("/items/1/sku", '"a"', "string", 'string "a"', FieldStatus.VALID),
        FieldCheck("/items/2/price", "", "number ≥ 0", "missing", FieldStatus.MISSING, _MISSING),
        FieldCheck("/items/2/sku", "", "string", "missing", FieldStatus.NOT_RECEIVED),
        FieldCheck("/note", "", "string or null", "missing", FieldStatus.NOT_RECEIVED),
        FieldCheck("/x", '{"y":[],"z":1}', "not in the plan", "object", FieldStatus.UNPLANNED, _UNPLANNED),
        FieldCheck("/x/y", "[]", "not in the plan", "array of 0", FieldStatus.UNPLANNED),
        FieldCheck("/x/z", "1", "not in the plan", "integer 1", FieldStatus.UNPLANNED),
    )  # fmt: skip


def test_two_violations_of_one_field_share_its_row() -> None:
    rule = {"properties": {"f": {"minLength": 3, "pattern": "^x"}}}
    (row,) = ledger(rule, {"f": "a"})
    assert row.kinds == (Kind.LENGTH, Kind.PATTERN)
    assert row.expected == "string of at least 3 characters; string matching ^x"


def test_a_violation_of_the_payload_itself_has_a_row() -> None:
    assert statuses({"minProperties": 2}, {"a": 1}) == {"": "invalid", "/a": "valid"}


def test_a_condition_that_misses_a_field_makes_it_missing() -> None:
    schema = {"properties": {"a": {}}, "dependentRequired": {"a": ["b"]}}
    assert statuses(schema, {"a": 1}) == {"/a": "valid", "/b": "missing"}


def test_the_chosen_alternative_speaks() -> None:
    card = {"properties": {"kind": {"const": "card"}, "no": {"type": "string"}}}
    cash = {"properties": {"kind": {"const": "cash"}, "sum": {"type": "number"}}}
    assert expectations({"oneOf": [card, cash]}, {"kind": "cash"}) == {"/kind": '"cash"', "/sum": "number"}
    assert expectations({"oneOf": [card, cash]}, {"kind": "card"}) == {"/kind": '"card"', "/no": "string"}


def test_without_a_discriminator_the_alternative_that_fits_or_is_closest_speaks() -> None:
    rule = {
        "anyOf": [{"type": "string"}, {"required": ["a"], "properties": {"a": {"type": "integer"}, "b": {}}}]
    }
    schema = {"properties": {"f": rule}}
    assert expectations(schema, {"f": "x"}) == {"/f": "string"}
    assert expectations(schema, {"f": {"a": 1}}) == {"/f/a": "integer", "/f/b": "any value"}
    assert expectations(schema, {"f": {"a": "x"}}) == {"/f/a": "integer", "/f/b": "any value"}


def test_a_field_that_did_not_come_is_told_with_all_alternatives() -> None:
    rule = {"oneOf": [{"type": "null"}, {"format": "uuid"}, {"type": "integer", "maximum": 3}]}
    (row,) = ledger({"properties": {"f": rule}}, {})
    assert row.expected == "null or uuid, such as 123e4567-e89b-12d3-a456-426614174000 or integer ≤ 3"


@pytest.mark.parametrize(
    ("payload", "expected"), [({"s": "paid", "t": 1}, "number"), ({"s": "open", "t": 1}, "integer")]
)
def test_conditions_are_followed(payload: dict[str, Any], expected: str) -> None:
    schema = {
        "properties": {"s": {}},
        "if": {"properties": {"s": {"const": "paid"}}},
        "then": {"properties": {"t": {"type": "number"}}},
        "else": {"properties": {"t": {"type": "integer"}}},
    }
    assert expectations(schema, payload)["/t"] == expected


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ({"properties": {"a": {}}}, "unplanned"),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}, "valid"),
        ({"properties": {"a": {}}, "patternProperties": {"^x": {}}}, "valid"),
        ({"properties": {"a": {}}, "required": ["x"]}, "valid"),
        ({"properties": {"a": {}}, "additionalProperties": False}, "unplanned"),
        ({"type": "object"}, "valid"),
    ],
)
def test_which_nested_properties_are_unplanned(schema: dict[str, Any], status: str) -> None:
    assert statuses({"properties": {"f": schema}}, {"f": {"x": 1}})["/f/x"] == status


def test_items_by_position() -> None:
    rule = {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}
    assert expectations({"properties": {"f": rule}}, {"f": ["a", 1]}) == {"/f/0": "string", "/f/1": "integer"}
    old = {"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"f": old}}
    assert expectations(schema, {"f": ["a", 1]}) == {"/f/0": "string", "/f/1": "integer"}


def test_a_recursive_schema_stops_where_the_payload_does() -> None:
    tree = {"properties": {"kid": {"$ref": "#"}, "name": {"type": "string"}}}
    assert statuses(tree, {"kid": {"name": "a"}}) == {
        "/kid/kid": "not received",
        "/kid/name": "valid",
        "/name": "not received",
    }


def test_an_unplanned_event_has_all_its_fields_unplanned() -> None:
    rows = field_ledger(NO_PLAN, "Visit", {"a": 1, "b": {"c": None}})
    assert [(row.path, row.status.value, row.kinds) for row in rows] == [
        ("", "unplanned", (Kind.UNPLANNED_EVENT,)),
        ("/a", "unplanned", ()),
        ("/b/c", "unplanned", ()),
    ]


def test_rows_are_bounded_but_those_of_violations() -> None:
    payload = {"a": list(range(5_000)), "z": 1}
    rows = ledger({"properties": {"z": {"type": "string"}}}, payload)
    assert len(rows) == MAX_FIELDS + 1
    assert rows[-1].kinds == (Kind.WRONG_TYPE,)


def test_what_cannot_be_judged_has_no_ledger() -> None:
    payload: dict[str, Any] = {}
    for _ in range(400):
        payload = {"a": payload}
    with pytest.raises(PayloadTooDeepError):
        ledger({"required": ["z"]}, payload)
