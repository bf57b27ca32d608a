"""The page Explore as its URL words it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dashboard.explore_view import ExploreView, Field, Wanted, from_query, to_reader
from dashboard.filters import BadFilter
from dashboard.time_ranges import TimeRange
from dashboard.view_state import Order
from storage.readers import Comparison, Filters, Property
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind


def test_a_bare_address_is_the_last_day() -> None:
    assert from_query({}) == ExploreView(range_key="24h")


def test_the_address_names_range_filters_and_order() -> None:
    view = from_query(
        {
            "app": "Shop",
            "range": "custom",
            "from": "2026-11-22T14:02:59+01:00",
            "name": ["A", "B"],
            "version_not": "4.2.0",
            "where": "/total > 100",
            "order": "oldest",
        }
    )
    assert view == ExploreView(
        "Shop",
        "custom",
        TimeRange(datetime(2026, 11, 22, 13, 2, tzinfo=UTC)),
        Wanted({Field.NAME: ("A", "B")}, {Field.VERSION: ("4.2.0",)}, ("/total > 100",)),
        Order.OLDEST,
    )


@pytest.mark.parametrize("key", ["", "5y", "0h", "99999h", "-1h", "1h ", "now"])
def test_a_range_that_is_none_falls_back(key: str) -> None:
    assert from_query({"range": key}).range_key == "24h"


def test_each_field_has_its_filter_and_its_opposite() -> None:
    values = dict.fromkeys(Field, ("x",)) | {
        Field.STATUS: ("invalid",),
        Field.KIND: ("range",),
        Field.SOURCE: ("7",),
    }
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert to_reader(Wanted(values, values, ("/a = 1",)), TimeRange(start)) == Filters(
        names=("x",),
        names_not=("x",),
        statuses=(Verdict.INVALID,),
        statuses_not=(Verdict.INVALID,),
        kinds=(Kind.RANGE,),
        kinds_not=(Kind.RANGE,),
        paths=("x",),
        paths_not=("x",),
        subjects=("x",),
        subjects_not=("x",),
        run_ids=("x",),
        run_ids_not=("x",),
        source_ids=(7,),
        source_ids_not=(7,),
        app_versions=("x",),
        app_versions_not=("x",),
        environments=("x",),
        environments_not=("x",),
        platforms=("x",),
        platforms_not=("x",),
        sdks=("x",),
        sdks_not=("x",),
        properties=(Property(("a",), Comparison.IS, (Decimal(1),)),),
        start=start,
    )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted({Field.STATUS: ("duplicate",)}), "status 'duplicate' .* valid, invalid, unplanned"),
        (Wanted({Field.KIND: ("odd",)}), "kind 'odd' is none"),
        (Wanted({}, {Field.SOURCE: ("1; DROP TABLE event",)}), "source '1; DROP"),
        (Wanted({Field.SOURCE: ("99999999999",)}), "source"),
        (Wanted({Field.SUBJECT: ("x" * 257,)}), "at most 256 characters"),
        (Wanted({Field.SUBJECT: ("a\0",)}), "no NUL"),
        (Wanted({Field.NAME: tuple(map(str, range(101)))}), "at most 100 values"),
        (Wanted(where=("total > 1",)), "cannot be read"),
        (Wanted(where=("/a = 1",) * 6), "at most 5 properties"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(wanted: Wanted, words: str) -> None:
    with pytest.raises(BadFilter, match=words):
        to_reader(wanted, TimeRange())
