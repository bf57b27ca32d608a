"""Forms to plans: what each change makes of the document, and what it refuses."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tracking_plan.diff import plan_diff
from tracking_plan.editing import (
    new_document,
    renamed_event,
    with_event,
    with_property,
    with_settings,
    without_event,
    without_property,
)
from tracking_plan.formats import load_plan, to_document
from tracking_plan.formats.native import plan_from_document
from tracking_plan.formats.plan_text import plan_text
from tracking_plan.model import Formats, UnplannedEvents, UnplannedProperties
from tracking_plan.problems import PlanError
from tracking_plan.property_form import PropertyForm, property_forms

NAME = "Order Completed"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["total"],
    "properties": {
        "total": {"type": "number", "minimum": 0, "x-unit": "EUR"},
        "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        "any": True,
    },
    "oneOf": [{"required": ["total"]}],
}


def plan() -> dict[str, Any]:
    return with_event(with_event(new_document("Shop"), "First", ""), NAME, "paid", deepcopy(SCHEMA))


def schema_after(form: PropertyForm, replaces: str | None = None) -> dict[str, Any]:
    before = plan()
    kept = deepcopy(before)
    after = with_property(before, NAME, form, replaces)
    assert before == kept
    schema: dict[str, Any] = after["events"][NAME]["schema"]
    assert plan_diff(plan_from_document(before), plan_from_document(after))
    return schema


def refusal(change: Any) -> str:
    with pytest.raises(PlanError) as caught:
        change()
    (problem,) = caught.value.problems
    return str(problem)


def test_events_are_added_renamed_in_place_and_removed() -> None:
    document = renamed_event(plan(), "First", "Zeroth", "new words")
    assert list(document["events"]) == ["Zeroth", NAME]
    assert document["events"]["Zeroth"] == {"description": "new words", "schema": {"type": "object"}}
    assert list(without_event(document, NAME)["events"]) == ["Zeroth"]
    assert renamed_event(document, NAME, NAME, "")["events"][NAME] == {"schema": SCHEMA}


def test_the_plan_itself_gets_a_name_and_switches() -> None:
    switches = (Formats.ANNOTATE, UnplannedEvents.ALLOW, UnplannedProperties.ALLOW)
    read = plan_from_document(with_settings(plan(), "Shop 2", *switches))
    assert (read.name, read.formats, read.unplanned_events, read.unplanned_properties) == (
        "Shop 2",
        *switches,
    )
    assert "blank" in refusal(lambda: with_settings(plan(), " ", *switches))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: with_event(plan(), NAME, ""), "already"),
        (lambda: with_event(plan(), "  ", ""), "blank"),
        (lambda: renamed_event(plan(), "First", NAME, ""), "already"),
        (lambda: renamed_event(plan(), "First", "a\0", ""), "unprintable"),
        (lambda: without_event(plan(), "Gone"), "no such event"),
        (lambda: without_property(plan(), NAME, "/gone"), "no such property"),
        (lambda: without_property(plan(), NAME, ""), "no such property"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="total")), "already"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="x"), "total"), "no such property"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="x"), "/gone"), "no such property"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="a//b")), "no path"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="total/cents")), "not an object"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="items/sku")), "not an object"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="any/x")), "true or false"),
        (lambda: with_property(plan(), NAME, PropertyForm(path="x", least="1")), "no type"),
        (
            lambda: with_property(plan(), NAME, PropertyForm(path="x", types=("number",), least="a")),
            "a number",
        ),
        (lambda: with_property(plan(), NAME, PropertyForm(path="x", types=("string",), most="-1")), "whole"),
        (
            lambda: with_property(plan(), NAME, PropertyForm(path="x", types=("integer",), values=("a",))),
            "not JSON",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(change: Any, words: str) -> None:
    assert words in refusal(change)


def test_a_property_is_written_as_the_form_says() -> None:
    form = PropertyForm(
        path="coupon",
        types=("string", "null"),
        required=True,
        values=('"A"', "null"),
        pattern="^A",
        least="1",
        most="5",
        description="if any",
    )
    schema = schema_after(form)
    assert schema["properties"]["coupon"] == {
        "type": ["string", "null"],
        "enum": ["A", None],
        "pattern": "^A",
        "minLength": 1,
        "maxLength": 5,
        "description": "if any",
    }
    assert schema["required"] == ["total", "coupon"]
    assert property_forms(schema)["/coupon"] == replace(form, path="/coupon")


def test_a_change_keeps_what_the_form_does_not_show() -> None:
    schema = schema_after(PropertyForm(path="/total", types=("integer",), most="9"), "/total")
    assert schema["properties"]["total"] == {"type": "integer", "maximum": 9, "x-unit": "EUR"}
    assert "required" not in schema
    assert schema["oneOf"] == SCHEMA["oneOf"]


def changed(node: Any, **changes: Any) -> dict[str, Any]:
    """The property's schema after its form was read, changed and saved."""
    document = with_event(new_document("Shop"), NAME, "", {"type": "object", "properties": {"a": node}})
    (form,) = property_forms(document["events"][NAME]["schema"]).values()
    saved = with_property(document, NAME, replace(form, **changes), form.path)
    found: dict[str, Any] = saved["events"][NAME]["schema"]["properties"]["a"]
    return found


@pytest.mark.parametrize(
    "node",
    [
        {"type": ["string", "integer"], "minLength": 3, "minimum": 5},
        {"type": ["integer", "string"], "minLength": 3, "minimum": 5},
        {"type": "string", "maxLength": 3, "maxItems": 2},
        {"minLength": 3},
        {"minimum": 0},
        {"minimum": 0, "maxItems": 2},
        {"enum": [1, "a", None], "minimum": 1},
        {"pattern": 3, "enum": "a"},
        {"type": 5},
        {"type": ["string", "text"]},
        {"type": "number", "minimum": "x", "multipleOf": 2},
    ],
)
def test_what_is_not_changed_stays_shown_or_not(node: dict[str, Any]) -> None:
    """Also what nobody may push: a draft of a plan has its faults."""
    assert changed(node, description="new") == {**node, "description": "new"}


_TWO = {"type": ["string", "integer"], "minLength": 3, "minimum": 5}


@pytest.mark.parametrize(
    ("node", "changes", "after"),
    [
        # Those that the form showed are changed, and go.
        (_TWO, {"least": "4"}, {**_TWO, "minLength": 4}),
        (_TWO, {"least": ""}, {"type": ["string", "integer"], "minimum": 5}),
        (_TWO, {"most": "9"}, {**_TWO, "maxLength": 9}),
        # The bounds still mean the text, wherever its type stands.
        (_TWO, {"types": ("integer", "string")}, {**_TWO, "type": ["integer", "string"]}),
        # What was said of a text is said of a number now.
        (_TWO, {"types": ("integer",)}, {"type": "integer", "minimum": 3}),
        # One that was not shown, and still has a meaning, stays.
        (_TWO, {"types": ("integer",), "least": ""}, {"type": "integer", "minimum": 5}),
        # A bound that no type can have any more goes, shown or not.
        (_TWO, {"types": ("string",)}, {"type": "string", "minLength": 3}),
        ({"minLength": 3, "minItems": 1}, {"types": ("string",)}, {"type": "string", "minLength": 3}),
        # Without a type every bound has a meaning.
        (_TWO, {"types": (), "least": ""}, {"minimum": 5}),
        ({"minimum": 0}, {"types": ("number",)}, {"type": "number", "minimum": 0}),
        ({"minimum": 0}, {"least": ""}, {}),
        # The type that values told stays without them.
        ({"enum": [1, 2], "minimum": 0}, {"values": ()}, {"type": "integer", "minimum": 0}),
        ({"type": "string", "enum": ["1"]}, {"types": ("integer",)}, {"type": "integer", "enum": [1]}),
        ({"pattern": 3, "description": 4}, {"pattern": "a"}, {"pattern": "a", "description": 4}),
    ],
)
def test_what_is_changed_is_written_and_only_that(
    node: dict[str, Any], changes: dict[str, Any], after: dict[str, Any]
) -> None:
    assert changed(node, **changes) == after


def test_the_length_of_a_text_that_may_be_a_number_is_whole() -> None:
    assert "whole" in refusal(lambda: changed(_TWO, least="1.5"))


def test_a_property_moves_with_its_new_name() -> None:
    schema = schema_after(PropertyForm(path="/sum", types=("number",), required=True), "/total")
    assert "total" not in schema["properties"]
    assert schema["required"] == ["sum"]


def test_the_way_to_a_nested_property_is_made() -> None:
    schema = schema_after(PropertyForm(path="/cart/lines/*/price", types=("number",), required=True))
    cart = schema["properties"]["cart"]
    assert cart["type"] == "object"
    item = cart["properties"]["lines"]["items"]
    assert item == {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}
    assert "cart" not in schema["required"]


def test_items_and_their_properties_are_removed() -> None:
    document = without_property(plan(), NAME, "/items/*/sku")
    assert document["events"][NAME]["schema"]["properties"]["items"]["items"]["properties"] == {}
    document = without_property(plan(), NAME, "/items/*")
    assert document["events"][NAME]["schema"]["properties"]["items"] == {"type": "array"}
    assert without_property(plan(), NAME, "/total")["events"][NAME]["schema"].get("required") is None


def test_a_form_that_is_read_and_written_changes_nothing() -> None:
    """But for true, which becomes {}, and the type that the values of an enum tell."""
    document = plan()
    document["events"][NAME]["schema"]["properties"].pop("any")
    document["events"][NAME]["schema"]["properties"]["n"] = {"type": ["integer", "null"], "enum": [1, None]}
    schema = document["events"][NAME]["schema"]
    forms = property_forms(schema)
    assert list(forms) == ["/total", "/items", "/items/*", "/items/*/sku", "/n"]
    for path, form in forms.items():
        assert with_property(document, NAME, form, path)["events"][NAME]["schema"] == schema


def test_a_property_that_must_not_come_does_not_become_one_of_any_value() -> None:
    document = with_event(new_document("Shop"), "E", "", {"properties": {"card_number": False}})
    form = property_forms(document["events"]["E"]["schema"])["/card_number"]
    with pytest.raises(PlanError, match="schema /card_number: the plan says that it must not come; correct"):
        with_property(document, "E", replace(form, description="never"), replaces=form.path)
    removed = without_property(document, "E", form.path)
    assert removed["events"]["E"]["schema"]["properties"] == {}


def test_values_without_a_type_tell_it() -> None:
    form = property_forms({"properties": {"n": {"enum": [1, 2]}, "*": {}}})["/n"]
    assert (form.types, form.values) == (("integer",), ("1", "2"))


@pytest.mark.parametrize(
    "value", ["no", "1e3", "0o7", "~", "é\u2028", "a: b", "<<", "", " x", "2026-01-01", "\n"]
)
def test_a_plan_as_text_reads_back_the_same(value: str) -> None:
    document = plan()
    document["events"][NAME]["schema"]["properties"][value] = {"const": value, "enum": [1.0, 1, None, True]}
    written = plan_text(to_document(plan_from_document(document)))
    read = load_plan(written.text.encode(), written.filename)
    assert to_document(read) == to_document(plan_from_document(document))
    assert written.filename == ("plan.json" if value == "<<" else "plan.yaml")


def test_a_plan_nested_too_deeply_to_be_written_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(300):
        schema = {"not": schema}
    assert "nested too deeply" in refusal(lambda: plan_text(with_event(plan(), "Deep", "", schema)))


def test_a_large_plan_is_written_as_json() -> None:
    document = with_event(new_document("Shop"), NAME, "x" * 300_000)
    written = plan_text(document)
    assert written.filename == "plan.json"
    assert load_plan(written.text.encode(), written.filename).events[NAME].description == "x" * 300_000
