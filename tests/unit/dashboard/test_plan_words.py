"""The page Plan in words: its URL, its lists, what a draft is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.formats import NONE
from dashboard.layout.plan_parts import MAX_CHANGES, diff_list, draft_event_card, problem_list, version_table
from dashboard.plan_view import EditAs, PlanTab, PlanView, from_query
from dashboard.view_models.plan import (
    MAX_LISTED,
    MAX_PROBLEMS,
    MAX_VERSIONS,
    Looking,
    conflict_words,
    event_list,
    event_model,
    problem_rows,
    saved_words,
    version_rows,
)
from storage.plans import StoredPlan
from storage.readers import PlannedEvent
from tests.support.plans import EVENT, plan_of
from tracking_plan.diff import Change, EventChange, PlanDiff
from tracking_plan.model import Formats
from tracking_plan.problems import Problem
from tracking_plan.property_form import property_forms
from tracking_plan.verdict import Verdict

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
HOSTILE = "<b>\u202e"


def stored(version: int, *, author: str = "Ada", note: str = "why") -> StoredPlan:
    return StoredPlan(1, version, None, note, author, NOW)


def test_an_address_names_the_view() -> None:
    asked = {"app": "Shop", "tab": "edit", "as": "text", "event": "A", "search": "b", "draft": "C"}
    view = PlanView("Shop", PlanTab.EDIT, EditAs.TEXT, "A", "b", draft="C")
    assert from_query(asked) == view
    compared = from_query({"tab": "versions", "from": "1", "to": "3", "version": "2"})
    assert (compared.tab, compared.before, compared.after, compared.version) == (PlanTab.VERSIONS, 1, 3, 2)


@pytest.mark.parametrize("wrong", ["", "x", "-1", "1.5", "²", str(2**31), "9" * 30])
def test_what_an_address_says_wrongly_falls_back(wrong: str) -> None:
    view = from_query({"version": wrong, "from": wrong, "to": wrong, "tab": wrong, "as": wrong})
    assert view == PlanView()
    assert from_query({"event": "x" * 257}).event == ""


def test_events_are_listed_with_counts_and_found_by_any_case() -> None:
    counts = dict.fromkeys(Verdict, 0) | {Verdict.VALID: 1_000, Verdict.INVALID: 1, Verdict.DUPLICATE: 9}
    seen = {"Bought": PlannedEvent("Bought", counts, NOW - timedelta(minutes=1))}
    listed = event_list(["Bought", "Other"], seen, Looking("", "Other"), NOW, ZONE)
    assert [(row.name, row.events, row.last_seen, row.is_open) for row in listed.rows] == [
        ("Bought", "1,001", "14:36", False),
        ("Other", NONE, NONE, True),
    ]
    found = event_list(["Bought", "Other"], seen, Looking("OUGH", ""), NOW, ZONE)
    assert ([row.name for row in found.rows], found.note) == (["Bought"], "1 of 2 events")


def test_a_long_list_says_how_to_find_the_rest() -> None:
    names = [f"e{n}" for n in range(MAX_LISTED + 1)]
    listed = event_list(names, {}, Looking("", ""), NOW, ZONE)
    assert len(listed.rows) == MAX_LISTED
    assert "search to find the others" in listed.note
    assert "no events yet" in event_list([], {}, Looking("", ""), NOW, ZONE).note


def test_an_event_is_a_table_and_only_its_own_properties_can_be_changed_in_a_form() -> None:
    schema = {
        "required": ["a"],
        "properties": {"a": {"type": "string", "description": HOSTILE}},
        "oneOf": [{"properties": {"b": {"minimum": 1}}}],
    }
    event = event_model(plan_of(schema), EVENT)
    assert event is not None
    told = [(row.path, row.types, row.required, row.rules) for row in event.rows]
    assert told == [
        ("(the payload)", "object", "yes", ("one of 1 alternatives",)),
        ("/a", "string", "yes", ()),
        ("/b", "any", "no", ("≥ 1",)),
    ]
    assert event.rows[1].description == "<b>\\u202e"
    card = str(draft_event_card(event, property_forms(schema)))
    assert "data-lvd-path='/a'" in card
    assert "data-lvd-path='/b'" not in card
    assert event_model(plan_of(schema), "Gone") is None


def test_a_format_is_told_as_a_rule_only_where_the_plan_asserts_it() -> None:
    def rules(formats: Formats) -> tuple[str, ...]:
        event = event_model(plan_of({"properties": {"a": {"format": "ipv4"}}}, formats=formats), EVENT)
        assert event is not None
        return event.rows[0].rules

    assert rules(Formats.ASSERT) == ("format ipv4",)
    assert rules(Formats.ANNOTATE) == ("format ipv4, which is not checked",)


def test_versions_say_who_when_and_why() -> None:
    first, second = version_rows((stored(2), stored(1, author="", note="")), ZONE)
    assert (first.is_in_force, first.saved, first.by, first.note) == (True, "2026-11-22 14:37", "Ada", "why")
    assert (second.is_in_force, second.by, second.note) == (False, NONE, NONE)
    assert saved_words(stored(2), ZONE) == "version 2, saved by Ada at 2026-11-22 14:37: why"
    assert saved_words(StoredPlan(1, 0, None, "", "", None), ZONE) == "no version yet"
    assert len(version_rows([stored(n) for n in range(MAX_VERSIONS + 5)], ZONE)) == MAX_VERSIONS
    table = str(version_table((first, second), before=1, after=2))
    assert table.count("aria-pressed='true'") == 2


def test_a_conflict_says_who_was_first_and_what_to_do() -> None:
    told = conflict_words(stored(5), 4, ZONE)
    assert told.startswith("Ada saved version 5 at 14:37:42, after you had opened version 4.")
    assert "Compare it with version 5" in told
    assert conflict_words(stored(5, author=""), 4, ZONE).startswith("Somebody saved")


def test_problems_stand_beside_their_places() -> None:
    problems = [Problem(event=HOSTILE, pointer="/a", what="wrong", mend="mend it", line=3)]
    (row,) = problem_rows(problems)
    assert row.place == 'line 3, event "<b>\\u202e", schema /a'
    assert (row.what, row.raw_event, row.line, row.pointer) == ("wrong; mend it.", HOSTILE, "3", "/a")
    shown = str(problem_list([row] * MAX_PROBLEMS, MAX_PROBLEMS + 1))
    assert f"{MAX_PROBLEMS + 1} problems" in shown
    assert f"The first {MAX_PROBLEMS} are listed" in shown
    assert "No problem" in str(problem_list([], 0))


def test_a_diff_is_told_with_its_counts_and_cut() -> None:
    events = tuple(EventChange(f"e{n}", Change.ADDED, ("1 property",)) for n in range(MAX_CHANGES + 2))
    shown = str(diff_list(PlanDiff(("formats: assert → annotate",), events), "same"))
    assert f"{MAX_CHANGES + 2} added events." in shown
    assert "formats: assert → annotate" in shown
    assert "and 2 more events" in shown
    assert "same" in str(diff_list(PlanDiff((), ()), "same"))
