"""A view as its URL words it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard import explore_view
from dashboard.filters import Chosen
from dashboard.time_ranges import TimeRange
from dashboard.view_state import Order, Tab, ViewState, from_query


def test_an_address_without_a_query_is_the_default_view() -> None:
    assert from_query({}) == ViewState()


def test_an_address_holds_the_whole_view() -> None:
    query: dict[str, str | list[str]] = {
        "app": "Shop & more",
        "range": "custom",
        "from": "2026-11-22T13:37:42.000Z",
        "to": "2026-11-22T16:00:00+01:00",
        "name": ["Order Completed", "Cart Opened"],
        "status": "invalid",
        "subject": "user-7",
        "run": "ci-1",
        "order": "oldest",
        "tab": "rejected",
    }
    assert from_query(query) == ViewState(
        app="Shop & more",
        range_key="custom",
        custom=TimeRange(
            datetime(2026, 11, 22, 13, 37, tzinfo=UTC), datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
        ),
        chosen=Chosen(("Order Completed", "Cart Opened"), ("invalid",), "user-7", "ci-1"),
        order=Order.OLDEST,
        tab=Tab.REJECTED,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"range": "1 year"},
        {"from": "yesterday", "to": "2026-11-22T16:00:00"},
        {"status": ["duplicate", "x'; DROP TABLE event"]},
        {"name": ["", "n" * 257]},
        {"order": "random", "tab": "secrets"},
        {"unknown": "key"},
    ],
)
def test_what_an_address_says_wrongly_falls_back_to_the_default(query: dict[str, str | list[str]]) -> None:
    assert replace(from_query(query), faults=()) == ViewState()


@pytest.mark.parametrize("parse", [from_query, explore_view.from_query])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"range": "1 year"}, 'There is no range "1 year": '),
        (
            {"range": "custom", "to": "yesterday"},
            '"yesterday" is no time to show events to: write it like 2026-',
        ),
    ],
)
def test_what_an_address_says_wrongly_is_told(
    parse: Callable[[dict[str, str]], ViewState | explore_view.ExploreView], query: dict[str, str], told: str
) -> None:
    (fault,) = parse(query).faults
    assert fault.startswith(told)


def test_unknown_statuses_of_an_address_are_told_with_those_that_there_are() -> None:
    assert from_query({"status": ["valid", "duplicate", "x\n"]}).faults == (
        'There is no status "duplicate", "x\\n" to filter by, so it is left out.'
        " It may be valid, invalid, unplanned.",
    )


@pytest.mark.parametrize("query", [{}, {"range": "all", "status": "valid"}, {"range": "custom", "from": ""}])
def test_an_address_without_faults_has_none_told(query: dict[str, str]) -> None:
    assert from_query(query).faults == explore_view.from_query(query).faults == ()
