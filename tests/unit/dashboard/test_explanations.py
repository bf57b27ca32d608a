"""Why an event fails, in plain words."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from dashboard.judging import field_checks
from dashboard.view_models.explanation import MAX_EXPLAINED, explanation
from storage.model import Source
from storage.readers import EventDetail, EventRow
from tracking_plan.compiled import compile_plan
from tracking_plan.formats.native import plan_from_document

AT = datetime(2026, 11, 22, tzinfo=UTC)
NAME = "Page Viewed"
PROPERTIES: dict[str, Any] = {
    "siteId": {"type": "string"},
    "count": {"type": "integer"},
    "price": {"type": "number"},
    "signed_in": {"type": "boolean"},
    "currency": {"enum": ["EUR", "USD"]},
    "rating": {"type": "number", "maximum": 5},
    "items": {
        "items": {
            "type": "object",
            "required": ["sku"],
            "properties": {"sku": {"type": "string"}, "name": {"type": "string"}},
        }
    },
    "page": {"type": "object", "properties": {"a/b": {"type": "string"}}, "additionalProperties": False},
}
PLAN = {
    "version": 1,
    "name": "Site",
    "events": {NAME: {"schema": {"type": "object", "required": ["siteId"], "properties": PROPERTIES}}},
}


def told(payload: dict[str, Any], name: str = NAME) -> list[str]:
    """The plain words for an event that this plan judged."""
    judged = compile_plan(plan_from_document(PLAN), 1).judge(name, payload)
    row = EventRow(1, AT, None, name, judged.verdict, None, None, None, Source(), 1, tuple(judged.violations))
    detail = EventDetail(row, orjson.dumps(payload), PLAN)
    return [each.plain for each in explanation(detail, field_checks(detail))]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"site id": "x"}, "“site id” came where the plan has “siteId”: send it under that name."),
        ({}, "“siteId” did not come, and every event of this name needs it."),
        (
            {"siteId": "x", "count": "12"},
            "“count” came as text where the plan wants integer: send 12, without quotes.",
        ),
        (
            {"siteId": "x", "price": "1.5"},
            "“price” came as text where the plan wants number: send 1.5, without quotes.",
        ),
        (
            {"siteId": "x", "price": "12"},
            "“price” came as text where the plan wants number: send 12, without quotes.",
        ),
        (
            {"siteId": "x", "signed_in": "true"},
            "“signed_in” came as text where the plan wants boolean: send true, without quotes.",
        ),
        (
            {"siteId": 7},
            '“siteId” came without quotes where the plan wants text: send "7".',
        ),
        (
            {"siteId": None},
            "“siteId” came as null where the plan wants string: send a value.",
        ),
        (
            {"siteId": "x", "price": None},
            "“price” came as null where the plan wants number: send a value, or leave it out.",
        ),
        (
            {"siteId": "x", "items": [{"sku": "a"}, {"sku": None}]},
            "“items/1/sku” came as null where the plan wants string: send a value.",
        ),
        (
            {"siteId": "x", "items": [{"sku": "a", "name": None}]},
            "“items/0/name” came as null where the plan wants string: send a value, or leave it out.",
        ),
        (
            {"siteId": "x", "items": [None]},
            "“items/0” came as null where the plan wants object: send a value.",
        ),
        (
            {"siteId": "x", "count": "12.5"},
            '“count” is of the wrong type: the plan wants integer, and string "12.5" came.',
        ),
        (
            {"siteId": "x", "currency": "eur"},
            "“currency” is “eur”, but the plan has “EUR”: send it spelled so.",
        ),
        (
            {"siteId": "x", "currency": "GBP"},
            '“currency” has a value that the plan does not allow: it wants one of "EUR", "USD".',
        ),
        (
            {"siteId": "x", "rating": 6},
            "“rating” breaks a rule: the plan wants number ≤ 5, and integer 6 came.",
        ),
        (
            {"siteId": "x", "colour": 1},
            "“colour” came, but the plan does not know it: add it to the plan, or stop sending it.",
        ),
        (
            {"siteId": "x", "page": {"a-b": "y"}},
            "“page/a-b” came where the plan has “page/a/b”: send it under that name.",
        ),
    ],
)
def test_a_violation_says_what_happened_and_how_to_mend_it(payload: dict[str, Any], words: str) -> None:
    assert told(payload) == [words]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("page viewed", "“page viewed” is not in the plan, but “Page Viewed” is: was that meant?"),
        ("Cart Opened", "“Cart Opened” is not in the plan: add it to the plan, or stop sending it."),
    ],
)
def test_an_unplanned_event_names_the_one_that_was_meant(name: str, words: str) -> None:
    assert told({"siteId": "x"}, name) == [words]


def test_a_valid_event_needs_no_explanation_and_many_violations_are_cut() -> None:
    assert told({"siteId": "x"}) == []
    assert (
        len(told({"siteId": "x", **{f"{letter * 9}": 1 for letter in "abcdefghijklmnop"}})) == MAX_EXPLAINED
    )


def test_hostile_names_are_made_visible() -> None:
    assert told({"siteId": "x", "\u202e<b>": 1})[0].startswith("“\\u202e<b>” came, but")
