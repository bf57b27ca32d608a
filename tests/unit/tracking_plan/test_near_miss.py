"""Names that were probably meant."""

import pytest

from tracking_plan.near_miss import near_miss

_PLANNED = ["siteId", "order_id", "Order Completed", "total"]


@pytest.mark.parametrize(
    ("received", "meant"),
    [
        ("site id", "siteId"),
        ("SITE_ID", "siteId"),
        ("site-id", "siteId"),
        ("orderId", "order_id"),
        ("order completed", "Order Completed"),
        ("Order Complete", "Order Completed"),
        ("totall", "total"),
        ("siteId", None),
        ("colour", None),
        ("", None),
        ("—", None),
    ],
)
def test_near_misses(received: str, meant: str | None) -> None:
    assert near_miss(received, _PLANNED) == meant


def test_equal_but_for_case_goes_before_alike() -> None:
    assert near_miss("user id", ["user_ids", "userId"]) == "userId"


def test_of_two_equally_near_the_first_planned_counts() -> None:
    assert near_miss("site id", ["site_id", "siteId"]) == "site_id"


def test_nothing_is_near_where_nothing_is_planned() -> None:
    assert near_miss("a", []) is None
