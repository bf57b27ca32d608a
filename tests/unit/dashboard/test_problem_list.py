"""What is broken, and since when, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.layout.problems import problem_list
from dashboard.time_ranges import TimeRange
from dashboard.view_models.problems import Problem, problems
from storage.readers import FailingField

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
START = datetime(2026, 11, 22, 12, 38, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def only(field: FailingField, span: TimeRange) -> Problem:
    (problem,) = problems([field], span, NOW, UTC_ZONE)
    return problem


def test_a_failing_field_is_told_by_event_place_kind_count_share_and_beginning() -> None:
    field = FailingField(
        "Order Completed", "/items/*/price", "wrong_type", 1_234, 0.256, START + timedelta(minutes=9)
    )
    assert only(field, TimeRange(START)) == Problem(
        name="Order Completed",
        title="Order Completed",
        what="/items/*/price: wrong type",
        count="1,234",
        share="25.6 %",
        since="since 12:47",
        status="invalid",
    )


@pytest.mark.parametrize(
    ("span", "since"),
    [
        (TimeRange(START), "since before 12:38"),
        (TimeRange(START - timedelta(hours=1)), "since 12:38"),
        (TimeRange(), "since 12:38"),
    ],
)
def test_what_fails_from_the_ranges_first_minute_began_earlier(span: TimeRange, since: str) -> None:
    assert only(FailingField("e", "/a", "range", 1, 0.5, START), span).since == since


def test_an_event_that_is_not_planned_is_listed_as_such() -> None:
    problem = only(FailingField("e\u202e", "", "unplanned_event", 3, 1.0, START), TimeRange())
    assert (problem.what, problem.status, problem.share) == ("not in the plan", "unplanned", "100 %")
    assert (problem.name, problem.title) == ("e\u202e", "e\\u202e")


def test_a_field_that_fails_several_times_in_one_event_is_not_more_than_all() -> None:
    assert only(FailingField("e", "/a/*", "range", 30, 2.5, START), TimeRange()).share == "100 %"


def test_without_problems_the_page_says_so() -> None:
    shown = str(problem_list((), "Shop", has_plan=True))
    assert "No event broke the plan" in shown
    assert "/issues?app=Shop" in shown


def test_without_a_plan_the_page_says_how_to_get_one_in_place_of_naming_every_event() -> None:
    each = only(FailingField("e", "", "unplanned_event", 3, 1.0, START), TimeRange())
    shown = str(problem_list((each,), "Shop", has_plan=False))
    assert "/plan?app=Shop" in shown
    assert "lvd-problems" not in shown
