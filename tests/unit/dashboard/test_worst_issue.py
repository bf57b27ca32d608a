"""Which open issue an app is told by, and in which words."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.time_ranges import floor
from dashboard.view_models.worst_issue import Worst, worst_issue
from storage.issues import IssueKey, Standing
from storage.readers import Issue, IssueBar, Issues
from tests.support.issues import NAME, NOW, WRONG, issue, issues, source, statement

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OTHER = IssueKey("Signed In", "", "unplanned_event")


def worst(*candidates: Issue, among: Issues | None = None, history: Sequence[IssueBar] = ()) -> Worst | None:
    return worst_issue("Shop", candidates, history, among or issues(*candidates), now=NOW, zone=BERLIN)


def hours(key: IssueKey, *counts: int) -> list[IssueBar]:
    """Violations by the hour, the last one the present hour."""
    last = floor(NOW, HOUR)
    ago = range(len(counts) - 1, -1, -1)
    return [IssueBar(last - number * HOUR, key, count) for number, count in zip(ago, counts, strict=True)]


OLD = issue(OTHER, first=NOW - 30 * DAY, last=NOW)
STEADY = hours(OTHER, *[5_000] * 23, 3_100)


def test_a_new_issue_is_not_hidden_by_one_that_breaks_more_and_always_did() -> None:
    new = issue(first=NOW - 20 * MINUTE, last=NOW)
    shown = worst(OLD, new, history=[*STEADY, *hours(WRONG, 200)])
    assert shown is not None
    assert (shown.title, shown.what, shown.since) == (NAME, "/total: wrong type", "200 times since 14:17")


def test_an_old_issue_that_rose_comes_before_one_that_breaks_more_and_always_did() -> None:
    rose = issue(first=NOW - 3 * DAY, last=NOW)
    shown = worst(OLD, rose, history=[*STEADY, *hours(WRONG, *[10] * 22, 10, 300)])
    assert shown is not None
    assert shown.since == "310 times since 13:00, usually 16; there since 2026-11-19 14:37"


def test_of_those_that_are_as_broken_as_before_the_one_that_comes_most_often() -> None:
    other = issue(first=NOW - 3 * DAY, last=NOW)
    shown = worst(OLD, other, history=[*STEADY, *hours(WRONG, *[900] * 24)])
    assert shown is not None
    assert shown.since == "8,100 times since 13:00; there since 2026-10-23 15:37"


def test_what_was_mended_between_is_not_told_as_there_since_its_first_time() -> None:
    """It was resolved two days ago, and did not come again before this hour."""
    resolved = statement(Standing.RESOLVED, NOW - 2 * DAY)
    back = issue(first=NOW - 30 * DAY, last=NOW, said=resolved)
    shown = worst(back, history=hours(WRONG, 12))
    assert shown is not None
    assert shown.since == "12 times since 13:00; came back, it was resolved at 2026-11-20 14:37"
    early = worst(back)
    assert early is not None
    assert early.since == "came back, it was resolved at 2026-11-20 14:37"


def test_of_new_ones_the_one_that_comes_most_often_then_the_newest() -> None:
    new = issue(first=NOW - 20 * MINUTE, last=NOW)
    newer = issue(OTHER, first=NOW - 10 * MINUTE, last=NOW)
    for counts, key in (((40, 30), WRONG), ((30, 40), OTHER), ((30, 30), OTHER)):
        shown = worst(new, newer, history=[*hours(WRONG, counts[0]), *hours(OTHER, counts[1])])
        assert shown is not None
        assert shown.title == key.name


def test_one_event_is_no_burst() -> None:
    once = issue(first=NOW, last=NOW)
    history = [*STEADY, *hours(WRONG, 1)]
    shown = worst(OLD, once, history=history)
    assert shown is not None
    assert shown.title == OTHER.name
    alone = worst(once, history=history)
    assert alone is not None
    assert alone.since == "once since 14:37"


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


def test_of_a_relapse_both_versions_are_named_as_it_is_there_since_the_first() -> None:
    broken = issue(by_source={2: 50, 4: 50}, first=NOW - 10 * MINUTE)
    versions = ("4.1.9", "4.2.0", "4.2.1", "4.3.0")
    sources = {number: source(number, version) for number, version in enumerate(versions, 1)}
    shown = worst(broken, among=issues(broken, sources=sources, s1=100, s2=100, s3=100, s4=100))
    assert shown is not None
    assert shown.since == "since 14:27, with 4.2.0 and again 4.3.0 on android"


def test_names_of_unknown_origin_are_shown_as_text() -> None:
    shown = worst(issue(IssueKey("a\u202eb", "/\x00", "wrong_type")))
    assert shown is not None
    assert "\u202e" not in shown.title
    assert "\x00" not in shown.what
