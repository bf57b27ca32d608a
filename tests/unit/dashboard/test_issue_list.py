"""Which issues are listed, in which order and words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.filters import MAX_VALUE_CHARS
from dashboard.issues_view import IssuesView, Sort
from dashboard.layout.issue_list import issue_rows, nothing_to_list
from dashboard.time_ranges import history
from dashboard.view_models.issues import FIRST_ROWS, IssueList, IssueRow, issue_list
from dashboard.view_models.setting import Setting
from storage.issues import IssueKey, Standing, Statement
from storage.readers import EventBar, Issue, IssueBar, IssueBars
from storage.schema import OTHER
from tests.support.issues import NAME, NOW, WRONG, issue, issues, source, statement

HISTORY = history("24h", NOW)
SETTING = Setting("Shop & Co", HISTORY, NOW, ZoneInfo("Europe/Berlin"))
MISSING = replace(WRONG, path="/items/*/sku", kind="missing_required")
UNPLANNED = IssueKey("Hello", "", "unplanned_event")
NONE = IssueBars((), ())


def listed(*found: Issue, bars: IssueBars = NONE, **view: Any) -> IssueList:
    return issue_list(issues(*found), bars, replace(IssuesView(), **view), SETTING)


def only(found: Issue, bars: IssueBars = NONE) -> IssueRow:
    (row,) = listed(found, bars=bars, standing=found.standing).rows
    return row


def bars(*counts: tuple[IssueKey, int, int], stored: int = 1_000) -> IssueBars:
    """(key, hours ago, events that show it); so many events of NAME in the newest bar."""
    last = HISTORY.starts[-1]
    return IssueBars(
        tuple(IssueBar(last - timedelta(hours=ago), key, count) for key, ago, count in counts),
        (EventBar(last, NAME, stored, 0),),
    )


def test_an_issue_is_told_by_place_kind_count_share_and_times() -> None:
    row = only(issue(last=NOW - timedelta(hours=3)), bars((WRONG, 3, 234), (WRONG, 7, 1_000), stored=4_936))
    assert (row.title, row.what) == (NAME, "/total: wrong type")
    assert (row.count, row.share) == ("1,234", "25.0 %")
    assert (row.first_seen, row.last_seen) == ("2026-11-19 14:37", "11:37")
    assert row.spark_words == "at most 1,000 within 1 h; none in the last 3 h"
    assert row.example == "/live?app=Shop+%26+Co&range=all&event=900"
    assert row.events == (
        "/explore?app=Shop+%26+Co&range=custom&from=2026-11-19T13%3A37%3A00%2B00%3A00"
        "&to=2026-11-22T10%3A38%3A00%2B00%3A00&name=Order+Completed&kind=wrong_type&path=%2Ftotal"
    )


def test_an_issue_that_was_not_seen_in_the_range_says_so() -> None:
    row = only(issue(last=NOW - timedelta(days=2)))
    assert (row.count, row.share, row.spark_words) == ("0", "—", "none in this range")


def test_an_unplanned_event_leads_to_unplanned_events() -> None:
    row = only(issue(UNPLANNED))
    assert row.what == "not in the plan"
    assert row.events.endswith("name=Hello&kind=unplanned_event")


@pytest.mark.parametrize(
    ("key", "filters"),
    [
        (replace(WRONG, path=OTHER), "name=Order+Completed&kind=wrong_type"),
        (replace(WRONG, name=OTHER), "kind=wrong_type&path=%2Ftotal"),
        (replace(WRONG, path="/" + "a" * MAX_VALUE_CHARS), "name=Order+Completed&kind=wrong_type"),
        (replace(MISSING, path="/items/*/sku"), "kind=missing_required&path=%2Fitems%2F%2A%2Fsku"),
    ],
)
def test_what_cannot_be_filtered_by_is_left_out_of_the_address(key: IssueKey, filters: str) -> None:
    address = only(issue(key)).events
    assert address.endswith(filters)
    assert "other" not in address


def test_versions_are_told_with_their_shares() -> None:
    shown = issue(by_source={2: 50})
    sources = {1: source(1, "4.1.9"), 2: source(2, "4.2.0")}
    found = issue_list(issues(shown, sources=sources, s1=100, s2=100), NONE, IssuesView(), SETTING)
    assert found.rows[0].versions == (
        ("Broken since 4.2.0 on android", "4.1.9: 0 % of 100, 4.2.0: 50.0 % of 100"),
    )


@pytest.mark.parametrize(
    ("said", "standing", "words"),
    [
        (None, Standing.OPEN, ""),
        (
            statement(Standing.MUTED, NOW - timedelta(hours=1), "known\u202e", "Ada"),
            Standing.MUTED,
            "Muted by Ada at 13:37: known\\u202e",
        ),
        (statement(Standing.RESOLVED, NOW - timedelta(minutes=1)), Standing.RESOLVED, "Resolved at 14:36"),
        (
            statement(Standing.RESOLVED, NOW - timedelta(hours=1), who="Bo"),
            Standing.OPEN,
            "Came back: it was resolved by Bo at 13:37",
        ),
    ],
)
def test_what_was_said_of_an_issue_is_told(said: Statement | None, standing: Standing, words: str) -> None:
    found = issue(said=said)
    assert found.standing is standing
    assert only(found).said == words


def test_tabs_count_all_issues_whatever_is_filtered() -> None:
    muted = issue(MISSING, said=statement(Standing.MUTED, reason="known"))
    found = listed(issue(), issue(UNPLANNED), muted, names=("Hello",))
    assert [row.key for row in found.rows] == [UNPLANNED]
    assert found.by_standing == {Standing.OPEN: 2, Standing.RESOLVED: 0, Standing.MUTED: 1}
    assert found.names == ("Hello", NAME)
    assert found.kinds == ("missing_required", "wrong_type", "unplanned_event")


def test_filters_take_names_and_kinds_together() -> None:
    all_of = (issue(), issue(MISSING), issue(UNPLANNED))
    assert [row.key for row in listed(*all_of, kinds=("missing_required",)).rows] == [MISSING]
    assert listed(*all_of, kinds=("missing_required",), names=("Hello",)).rows == ()


@pytest.mark.parametrize(
    ("sort", "first"),
    [(Sort.COUNT, WRONG), (Sort.SHARE, WRONG), (Sort.LAST_SEEN, MISSING), (Sort.FIRST_SEEN, UNPLANNED)],
)
def test_the_order_is_the_one_that_was_chosen(sort: Sort, first: IssueKey) -> None:
    all_of = (
        issue(MISSING, last=NOW),
        issue(UNPLANNED, first=NOW - timedelta(hours=1)),
        issue(),
    )
    found = listed(*all_of, bars=bars((WRONG, 1, 30), (MISSING, 1, 20)), sort=sort)
    assert found.rows[0].key == first


def test_a_long_list_is_cut_until_all_is_asked_for() -> None:
    many = [issue(replace(WRONG, path=f"/{number:03}")) for number in range(FIRST_ROWS + 20)]
    cut, whole = listed(*many), listed(*many, every=True)
    assert (len(cut.rows), cut.matching, cut.note) == (FIRST_ROWS, 70, "The first 50 of 70.")
    assert (len(whole.rows), whole.note) == (70, "")


def test_issues_beyond_what_is_read_are_told_of() -> None:
    found = replace(issues(issue()), found=1_234)
    assert issue_list(found, NONE, IssuesView(), SETTING).note == (
        "Of 1,234 issues, the 1 seen last are known here."
    )


@pytest.mark.parametrize(
    ("found", "view", "words"),
    [
        ((), {}, "No event of this app ever broke its plan"),
        ((issue(said=statement(Standing.MUTED, reason="x")),), {}, "Every issue is resolved or muted"),
        ((issue(),), {"standing": Standing.MUTED}, "No issue is muted. “Mute”"),
        ((issue(),), {"names": ("other",)}, "No open issue matches the filters"),
        ((issue(),), {}, ""),
    ],
)
def test_an_empty_list_says_why(found: tuple[Issue, ...], view: dict[str, Any], words: str) -> None:
    chosen = replace(IssuesView(), **view)
    assert nothing_to_list(listed(*found, **view), chosen, any_events=True).startswith(words)


def test_an_app_that_received_nothing_is_not_said_to_keep_its_plan() -> None:
    said = nothing_to_list(listed(), IssuesView(), any_events=False)
    assert said == "No events yet: the page Live shows how to send the first one."


def test_rows_offer_what_can_be_done_and_name_their_issue() -> None:
    open_row, muted_row = (
        str(issue_rows(listed(each, standing=each.standing), may_edit=True))
        for each in (issue(), issue(said=statement(Standing.MUTED, reason="x")))
    )
    assert "data-lvd-action='resolved'" in open_row
    assert "data-lvd-action='mute'" in open_row
    assert "Resolve: Order Completed /total: wrong type" in open_row
    assert "data-lvd-action='open'" in muted_row
    assert "data-lvd-action='resolved'" not in muted_row


def test_a_hostile_name_is_text_in_a_row_and_whole_in_its_identity() -> None:
    hostile = IssueKey("<script>\u202e\n", "/a\"'<b>", "wrong_type")
    (row,) = listed(issue(hostile)).rows
    assert row.title == "<script>\\u202e\\n"
    assert row.key == hostile
    assert "%3Cscript%3E%E2%80%AE%0A" in row.events


def test_counts_of_older_bars_do_not_slip_into_the_range() -> None:
    early = datetime(2020, 1, 1, tzinfo=UTC)
    found = IssueBars((IssueBar(early, WRONG, 99),), ())
    assert only(issue(), found).count == "0"
