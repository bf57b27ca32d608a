"""What differs between two plans, in words."""

from typing import Any

import pytest

from tests.support.plans import EVENT, plan_of
from tracking_plan.diff import Change, EventChange, PropertyChange, plan_diff
from tracking_plan.model import Formats, PlannedEvent, TrackingPlan


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    """(path, change, words) of each part of the one event that differs."""
    diff = plan_diff(plan_of(before), plan_of(after))
    return [(each.path, each.change.value, each.words) for event in diff.events for each in event.properties]


TEXT = {"type": "string"}


def props(**rules: Any) -> dict[str, Any]:
    return {"properties": rules}


def test_a_property_called_like_a_keyword_beside_it_is_another_part() -> None:
    rule = {"if": {"required": ["a"]}, "items": {"maximum": 1}}
    before, after = props(**{"if": TEXT, "*": TEXT}), props(**{"if": {}, "*": {}})
    assert changes({**before, **rule}, {**after, **rule}) == [
        ("/if", "changed", ("type removed: string",)),
        ("/*", "changed", ("type removed: string",)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"type": "string"}, {"type": "integer"}, "type: string → integer"),
        ({"type": "string"}, {"type": ["string", "null"]}, "type: string → string or null"),
        ({"minimum": 0}, {"minimum": 1}, "minimum: 0 → 1"),
        ({"minimum": 1}, {"minimum": 1.0}, "minimum: 1 → 1.0"),
        ({"const": 1}, {"const": True}, "const: 1 → true"),
        ({}, {"pattern": "^a"}, "pattern added: ^a"),
        ({"pattern": "^a"}, {}, "pattern removed: ^a"),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, 'enum: added "c"; removed "a"'),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, "enum: order or repetition of values"),
        ({"enum": [1]}, {"enum": [True]}, "enum: added true; removed 1"),
        ({"default": "x" * 99 + "a"}, {"default": "x" * 99 + "b"}, "default changed"),
        (True, {"type": "string"}, "any value → rules"),
        ({"additionalProperties": False}, {}, "additionalProperties removed: false"),
    ],
)
def test_a_changed_rule_is_told(before: Any, after: Any, words: str) -> None:
    assert changes(props(p=before), props(p=after)) == [("/p", "changed", (words,))]


def test_properties_come_go_and_get_required() -> None:
    before = {
        "required": ["a"],
        "properties": {"a": {"type": "string"}, "gone": {"type": "number", "minimum": 0}},
    }
    after = {"required": ["b", "new"], "properties": {"new": {"enum": [1]}, "a": TEXT}}
    assert changes(before, after) == [
        ("/new", "added", ("1", "required")),
        ("/a", "changed", ("no longer required",)),
        ("/b", "added", ("any value", "required")),
        ("/gone", "removed", ("number ≥ 0",)),
    ]


def test_what_lies_deep_is_told_by_its_place() -> None:
    def cart(price: dict[str, Any]) -> dict[str, Any]:
        items = {"type": "array", "items": {"properties": {"price": price}}}
        return {**props(items=items), "$defs": {"m": price}, "oneOf": [price]}

    told = changes(cart({"minimum": 0}), cart({"minimum": 1}))
    assert told == [
        (path, "changed", ("minimum: 0 → 1",)) for path in ("/items/*/price", "/$defs/m", "/oneOf/0")
    ]


@pytest.mark.parametrize(
    "after",
    [
        {"properties": {"b": {}, "a": {}}, "required": ["b", "a"]},
        {"required": ["a", "b", "a"], "properties": {"a": {}, "b": {}}, "$defs": {}},
    ],
)
def test_order_repetition_and_empty_maps_are_no_difference(after: dict[str, Any]) -> None:
    assert not plan_diff(plan_of({"properties": {"a": {}, "b": {}}, "required": ["a", "b"]}), plan_of(after))


def test_events_and_the_plan_itself_are_compared() -> None:
    def plan(formats: Formats, **events: str) -> TrackingPlan:
        schema = props(p={})
        made = {
            name: PlannedEvent(name=name, description=text, schema=schema) for name, text in events.items()
        }
        return TrackingPlan(name="Shop", formats=formats, events=made)

    before = plan(Formats.ASSERT, Gone="", Kept="", Told="once")
    diff = plan_diff(before, plan(Formats.ANNOTATE, New="", Kept="", Told="twice"))
    assert diff.words == ("formats: assert → annotate",)
    assert diff.events == (
        EventChange("New", Change.ADDED, ("1 property",)),
        EventChange("Told", Change.CHANGED, ("description: once → twice",)),
        EventChange("Gone", Change.REMOVED, ("1 property",)),
    )
    assert [diff.count(change) for change in Change] == [1, 1, 1]
    assert not plan_diff(before, before)


def test_the_first_plan_adds_all_its_events() -> None:
    diff = plan_diff(None, plan_of(props(a={}, b={})))
    assert diff.events == (EventChange(EVENT, Change.ADDED, ("2 properties",)),)
    assert diff.words == ()


def test_a_subschema_that_was_a_boolean_is_compared() -> None:
    told = plan_diff(
        plan_of({"additionalProperties": False}), plan_of({"additionalProperties": {"type": "string"}})
    )
    (event,) = told.events
    assert event.properties == (
        PropertyChange("", Change.CHANGED, ("additionalProperties removed: false",)),
        PropertyChange("/additionalProperties", Change.ADDED, ("string",)),
    )
