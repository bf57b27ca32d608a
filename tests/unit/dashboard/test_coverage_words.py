"""What the page Coverage says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.layout.coverage import coverage_body
from dashboard.view_models import coverage
from dashboard.view_models.coverage import MAX_ROWS, CoverageModel, CoverageRead, coverage_model, is_silent
from storage.readers import (
    CatalogField,
    Coverage,
    FieldCoverage,
    Habit,
    Habits,
    NameCount,
    PlannedEvent,
    SeenEvent,
    UnplannedFields,
)
from tracking_plan.verdict import Verdict

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
NONE = dict.fromkeys(Verdict, 0)
HOUR = timedelta(hours=1)


def came(name: str, valid: int, invalid: int = 0) -> PlannedEvent:
    return PlannedEvent(name, {**NONE, Verdict.VALID: valid, Verdict.INVALID: invalid}, NOW - HOUR)


FOUND = Coverage(
    3,
    (came("Cart Viewed", 8), came("Order Completed", 6, 2), PlannedEvent("Refunded", NONE, None)),
    (NameCount("order completed", {**NONE, Verdict.UNPLANNED: 5}, None),),
)
CATALOG = [
    CatalogField("Cart Viewed", "/n", "integer", 8, NOW, NOW),
    CatalogField("Order Completed", "/total", "number", 6, NOW, NOW),
    CatalogField("Order Completed", "/total", "string", 2, NOW, NOW),
    CatalogField("order completed", "/total", "number", 5, NOW, NOW),
]


UNPLANNED_FIELDS = (
    CatalogField("Cart Viewed", "/promo", "string", 3, NOW, NOW - HOUR),
    CatalogField("Order Completed", "/coupon", "null", 2, NOW, NOW - HOUR),
    CatalogField("Order Completed", "/coupon", "string", 4, NOW, NOW),
)
FIELDS = (FieldCoverage("Cart Viewed", 4, 3, 2, 1), FieldCoverage("Order Completed", 0, 0, 0, 0))


def told(
    drafted: str = "",
    found: Coverage = FOUND,
    habits: tuple[Habit, ...] = (),
    unplanned_fields: tuple[CatalogField, ...] = UNPLANNED_FIELDS,
) -> CoverageModel:
    read = CoverageRead(
        found,
        CATALOG,
        Habits(habits, NOW),
        FIELDS,
        UnplannedFields(unplanned_fields, is_cut=False),
        drafted=drafted,
        drafted_seen=SeenEvent(5, tuple(field for field in CATALOG if field.name == drafted))
        if drafted
        else None,
    )
    return coverage_model(read, ZoneInfo("UTC"))


def test_missing_events_come_first_then_the_most_broken() -> None:
    assert [(row.name, row.state, row.valid, row.last_seen) for row in told().planned] == [
        ("Refunded", "missing", "—", "—"),
        ("Order Completed", "captured", "75.0 %", "12:37"),
        ("Cart Viewed", "fully valid", "100 %", "12:37"),
    ]


def test_figures_add_up() -> None:
    values = {label: value for label, value, _ in told().figures}
    assert values == {
        "Captured": "2",
        "Missing": "1",
        "Fully valid": "1",
        "Fields": "75.0 %",
        "Values": "50.0 %",
        "Unplanned names": "1",
        "Type collisions": "1",
        "Silent": "0",
    }


def test_a_plan_of_one_event_is_told_as_one() -> None:
    one = replace(FOUND, events=FOUND.events[:1])
    notes = {label: note for label, _, note in told(found=one).figures}
    assert notes["Captured"] == "of 1 planned event"


def test_fields_and_values_are_told_where_some_are_planned() -> None:
    rows = {row.name: (row.fields, row.values) for row in told().planned}
    nothing = ("—", "—")
    assert rows == {"Cart Viewed": ("3 of 4", "1 of 2"), "Order Completed": nothing, "Refunded": nothing}
    notes = {label: note for label, _, note in told().figures}
    assert (notes["Fields"], notes["Values"]) == ("3 of 4 ever came", "1 of 2 ever came")


@pytest.mark.parametrize(("plan_version", "lists"), [(3, 4), (0, 2)])
def test_a_list_that_is_cut_says_so(plan_version: int, lists: int) -> None:
    many = range(MAX_ROWS + 1)
    names = tuple(NameCount(f"n{number}", {**NONE, Verdict.UNPLANNED: 1}, None) for number in many)
    events = tuple(PlannedEvent(f"p{number}", NONE, None) for number in many)
    fields = tuple(CatalogField("Cart Viewed", f"/f{number}", "string", 1, NOW, NOW) for number in many)
    found = Coverage(plan_version, events, names)
    silent = tuple(Habit(f"s{number}", 48, NOW - 90 * HOUR, NOW - 42 * HOUR, None) for number in many)
    read = CoverageRead(found, (), Habits(silent, NOW), (), UnplannedFields(fields, is_cut=False))
    shown = str(coverage_body(coverage_model(read, ZoneInfo("UTC")), "Shop"))
    assert shown.count(f"The first {MAX_ROWS} of {len(many)} are listed.") == lists
    assert "are listed" not in str(coverage_body(told(), "Shop"))


def test_an_unplanned_name_tells_what_was_probably_meant() -> None:
    (row,) = told().unplanned
    assert (row.name, row.events, row.did_you_mean) == ("order completed", "5", "Order Completed")


def test_unplanned_properties_are_told_with_their_types_most_frequent_first() -> None:
    assert [
        (field.event, field.path, field.came_as, field.events, field.last_seen)
        for field in told().unplanned_fields
    ] == [
        ("Order Completed", "/coupon", "string 4 · null 2", "6", "13:37"),
        ("Cart Viewed", "/promo", "string", "3", "12:37"),
    ]


def test_an_event_whose_items_are_of_several_types_counts_once() -> None:
    """Of ten events each has items with a note as text, and six of them one as a number, too."""
    types = [("string", 10), ("integer", 6)]
    fields = [CatalogField("Cart Viewed", "/items/*/note", kind, count, NOW, NOW) for kind, count in types]
    (noted,) = told(unplanned_fields=tuple(fields)).unplanned_fields
    assert (noted.came_as, noted.events) == ("string 10 · integer 6", "≥ 10")


def test_a_draft_is_made_of_the_fields_that_came() -> None:
    draft = told("order completed").draft
    assert draft is not None
    assert draft.text.startswith("order completed:\n  schema:\n")
    assert "total:" in draft.text


@pytest.mark.parametrize(("name", "said"), [("x\u202e", "unprintable"), ("never came", "Nothing is known")])
def test_where_there_can_be_no_draft_it_says_why(name: str, said: str) -> None:
    draft = told(name).draft
    assert draft is not None
    assert draft.text == ""
    assert said in draft.note


def test_a_list_of_a_part_of_the_fields_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (told().collisions_cut, told().unplanned_fields_cut) == ("", "")
    monkeypatch.setattr(coverage, "MAX_CATALOG_FIELDS", len(CATALOG))
    assert told().collisions_cut == " Only the first 10,000 fields, by event, were looked at."


def test_fields_of_two_types_are_listed_with_their_counts() -> None:
    assert told().collisions == (("Order Completed", "/total", "number 6 · string 2"),)


@pytest.mark.parametrize(("due", "silent"), [(None, True), (0, False), (3, True)])
def test_what_did_not_come_at_this_time_a_week_before_is_not_silent(due: int | None, silent: bool) -> None:
    """Of an office's events neither the night nor the weekend is news."""
    habit = Habit("Order Completed", 48, NOW - 60 * HOUR, NOW - 12 * HOUR, due)
    assert is_silent(habit, NOW) is silent


@pytest.mark.parametrize(
    ("hours", "first", "last", "silent"),
    [
        (48, 60, 12, True),
        (48, 50, 2, False),
        (5, 60, 12, False),
        # Every twelve hours: away for a day is usual.
        (6, 84, 24, False),
        (6, 108, 48, True),
    ],
)
def test_silent_is_what_came_regularly_and_stopped(hours: int, first: int, last: int, silent: bool) -> None:
    habit = Habit("Order Completed", hours, NOW - first * HOUR, NOW - last * HOUR)
    assert is_silent(habit, NOW) is silent
    assert len(told(habits=(habit,)).silent) == silent
