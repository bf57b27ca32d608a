"""Which open issue an app is told by, and in which words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.view_models.worst_issue import Worst, worst_issue
from storage.issues import IssueKey
from storage.readers import Issue, Issues
from tests.support.issues import NAME, NOW, issue, issues, source

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OTHER = IssueKey("Signed In", "", "unplanned_event")


def worst(*candidates: Issue, among: Issues | None = None) -> Worst | None:
    return worst_issue("Shop", candidates, among or issues(*candidates), NOW, BERLIN)


def test_a_burst_of_today_outranks_the_daily_few_of_a_month() -> None:
    old = issue(OTHER, by_source={1: 5_000}, first=NOW - 30 * DAY, last=NOW)
    burst = issue(by_source={1: 200}, first=NOW - 20 * MINUTE, last=NOW)
    shown = worst(old, burst)
    assert shown is not None
    assert (shown.title, shown.what, shown.since) == (NAME, "/total: wrong type", "since 14:17")


def test_one_event_is_no_burst() -> None:
    once = issue(OTHER, by_source={1: 1}, first=NOW, last=NOW)
    often = issue(by_source={1: 90}, first=NOW - 30 * MINUTE, last=NOW)
    shown = worst(once, often)
    assert shown is not None
    assert shown.title == NAME


@pytest.mark.parametrize(("quiet", "is_told"), [(59 * MINUTE, True), (HOUR, False)])
def test_what_was_not_seen_for_an_hour_breaks_nothing_now(quiet: timedelta, is_told: bool) -> None:
    assert (worst(issue(last=NOW - quiet)) is not None) is is_told


def test_nothing_is_told_without_issues() -> None:
    assert worst() is None


def test_what_began_long_ago_is_told_with_its_day() -> None:
    shown = worst(issue(OTHER, first=NOW - 3 * DAY))
    assert shown is not None
    assert (shown.what, shown.since) == ("not in the plan", "since 2026-11-19 14:37")


def test_the_version_that_broke_it_is_named_on_each_platform() -> None:
    broken = issue(by_source={2: 50, 4: 50}, first=NOW - 10 * MINUTE)
    sources = {
        1: source(1, "4.1.9"),
        2: source(2, "4.2.0"),
        3: source(3, "4.1.0", platform=""),
        4: source(4, "4.3.0", platform=""),
    }
    shown = worst(broken, among=issues(broken, sources=sources, s1=100, s2=100, s3=100, s4=100))
    assert shown is not None
    assert shown.since == "since 14:27, with 4.3.0 and 4.2.0 on android"


def test_names_of_unknown_origin_are_shown_as_text() -> None:
    shown = worst(issue(IssueKey("a\u202eb", "/\x00", "wrong_type")))
    assert shown is not None
    assert "\u202e" not in shown.title
    assert "\x00" not in shown.what
