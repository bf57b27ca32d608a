"""All apps at a glance: their order, and the words of their figures."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.counting import SHOWN, Bars, Counts
from dashboard.pulse import Pulse
from dashboard.view_models.overview import AppRow, Attention, attention, overview
from storage.issues import IssueKey, Standing
from storage.model import Ledger
from storage.readers import AppInfo, Coverage, NameCount, PlannedEvent, Rate
from tests.support.issues import NOW, issue, issues, statement
from tracking_plan.verdict import Verdict

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
NONE = dict.fromkeys(Verdict, 0)


def bars(counts: dict[Verdict, int], minutes: int = 60) -> Bars:
    """All of it in the minute before the present one."""
    starts = tuple(NOW - (minutes - number) * MINUTE for number in range(minutes))
    rows = {verdict: [0] * minutes for verdict in SHOWN}
    for verdict, count in counts.items():
        rows[verdict][-2] = count
    return Bars(MINUTE, starts, {verdict: tuple(row) for verdict, row in rows.items()})


def pulse(
    name: str = "Shop",
    counts: dict[Verdict, int] | None = None,
    *,
    ago: timedelta | None = timedelta(seconds=4),
    yesterday: int = 0,
    open_issues: int = 0,
    coverage: Coverage | None = None,
    plan_version: int = 1,
) -> Pulse:
    last = None if ago is None else NOW - ago
    found = [issue(IssueKey("Order Completed", f"/{number}", "wrong_type")) for number in range(open_issues)]
    before = Counts(yesterday, dict.fromkeys(SHOWN, 0) | {Verdict.VALID: yesterday})
    return Pulse(
        AppInfo(1, name, NOW, Ledger(1, 1, 1, 1, 0, last, plan_version)),
        Rate(12.34, last, NOW),
        bars(counts or {}),
        before,
        coverage or Coverage(0, (), ()),
        None if ago is None else issues(*found),
        (),
    )


def row(found: Pulse) -> AppRow:
    (only,) = overview([found], BERLIN)
    return only


VALID = {Verdict.VALID: 1_000}


@pytest.mark.parametrize(
    ("found", "level", "state"),
    [
        (pulse(counts=VALID, ago=10 * MINUTE), Attention.SILENT, "silent since 14:27"),
        (pulse(ago=3 * HOUR, yesterday=5), Attention.SILENT, "silent since 11:37"),
        (pulse(counts=VALID, ago=9 * MINUTE), Attention.HEALTHY, "all valid in the last hour"),
        (pulse(ago=3 * HOUR), Attention.IDLE, "no event in the last hour"),
        (pulse(ago=None), Attention.EMPTY, "no events yet: open it to see how to send the first"),
        (pulse(counts={Verdict.VALID: 95, Verdict.INVALID: 5}), Attention.MANY_NOT_VALID, "5.0 % not valid"),
        (
            pulse(counts={Verdict.VALID: 99, Verdict.UNPLANNED: 1}),
            Attention.SOME_NOT_VALID,
            "1.0 % not valid",
        ),
        (
            pulse(counts={Verdict.UNPLANNED: 3}, plan_version=0),
            Attention.MANY_NOT_VALID,
            "no plan yet: every event is unplanned",
        ),
        (pulse(counts=VALID | {Verdict.REJECTED: 1}), Attention.FEW_NOT_VALID, "<0.1 % not valid"),
        (
            pulse(counts={Verdict.VALID: 9, Verdict.INVALID: 1, Verdict.DUPLICATE: 990}),
            Attention.MANY_NOT_VALID,
            "10.0 % not valid",
        ),
        (pulse(counts=VALID | {Verdict.DUPLICATE: 500}), Attention.HEALTHY, "all valid in the last hour"),
        (
            pulse(counts=VALID, open_issues=2),
            Attention.OPEN_ISSUES,
            "all valid in the last hour; issues are open",
        ),
    ],
)
def test_an_app_says_why_it_stands_where_it_stands(found: Pulse, level: Attention, state: str) -> None:
    assert attention(found) is level
    assert row(found).state == state


def test_apps_that_need_attention_come_first_the_most_broken_ones_before_those_with_issues() -> None:
    apps = [
        pulse("empty", ago=None),
        pulse("idle", ago=3 * HOUR),
        pulse("fine b", VALID),
        pulse("fine a", VALID),
        pulse("issues", VALID, open_issues=1),
        pulse("some, 2 issues", {Verdict.VALID: 98, Verdict.INVALID: 2}, open_issues=2),
        pulse("some, 9 issues", {Verdict.VALID: 98, Verdict.INVALID: 2}, open_issues=9),
        pulse("fewer, 10 issues", {Verdict.VALID: 99, Verdict.INVALID: 1}, open_issues=10),
        pulse("many", {Verdict.INVALID: 1}),
        pulse("silent", VALID, ago=HOUR),
    ]
    assert [found.title for found in overview(apps, BERLIN)] == [
        "silent",
        "many",
        "some, 9 issues",
        "some, 2 issues",
        "fewer, 10 issues",
        "issues",
        "fine a",
        "fine b",
        "idle",
        "empty",
    ]


def test_figures_are_told_with_what_they_mean() -> None:
    planned = (
        PlannedEvent("a", NONE | {Verdict.VALID: 1}, NOW),
        PlannedEvent("b", NONE, None),
        PlannedEvent("c", NONE, None),
    )
    coverage = Coverage(3, planned, (NameCount("d", NONE, None),))
    counts = {Verdict.VALID: 1_100, Verdict.INVALID: 400}
    shown = row(pulse("Shop & Co", counts, yesterday=1_000, open_issues=1_234, coverage=coverage))
    assert (shown.rate.value, shown.rate.note) == ("12.3", "events per second")
    assert (shown.received.value, shown.received.note) == ("1,500", "+50 % on yesterday")
    assert (shown.valid.value, shown.valid.note) == ("73.3 %", "100 % yesterday")
    assert (shown.coverage.value, shown.coverage.note) == ("33.3 %", "1 of 3 events")
    assert (shown.newest.value, shown.newest.note) == ("4 s", "ago")
    assert shown.open_issues == "1,234"
    assert shown.spark_words == "at most 1,500 events within a minute"
    assert (shown.live, shown.issues) == ("/live?app=Shop+%26+Co", "/issues?app=Shop+%26+Co")


def test_the_trend_leaves_out_the_present_minute() -> None:
    found = pulse(counts={Verdict.VALID: 1_000}, yesterday=1_000)
    now = {verdict: (*counts[:-1], 77) for verdict, counts in found.bars.by_verdict.items()}
    shown = row(replace(found, bars=replace(found.bars, by_verdict=now)))
    assert shown.received.value == "1,385"
    assert shown.received.note == "±0 % on yesterday"


def test_without_a_yesterday_or_a_plan_nothing_is_compared() -> None:
    shown = row(pulse(counts=VALID))
    assert (shown.received.note, shown.valid.note) == ("none at this hour yesterday", "")
    assert (shown.coverage.value, shown.coverage.note) == ("—", "no plan")
    assert row(pulse(counts=VALID, coverage=Coverage(2, (), ()))).coverage.note == "the plan is empty"


def test_an_app_without_events_has_no_figures_that_look_like_some() -> None:
    empty = replace(pulse(ago=None), bars=Bars.none(), rate=Rate(0.0, None, NOW))
    shown = row(empty)
    assert (shown.valid.value, shown.newest.value, shown.newest.note) == ("—", "—", "no event yet")
    assert (shown.open_issues, shown.worst) == ("0", None)
    assert shown.spark_words == "at most 0 events within a minute"


def test_more_issues_than_are_known_are_not_told_as_all() -> None:
    found = pulse(open_issues=2)
    assert row(found).open_issues == "2"
    known = replace(found.issues, found=5_000) if found.issues else None
    assert row(replace(found, issues=known)).open_issues == "≥ 2"


def test_one_event_is_told_as_one() -> None:
    coverage = Coverage(1, (PlannedEvent("a", NONE | {Verdict.VALID: 1}, NOW),), ())
    shown = row(pulse(counts={Verdict.VALID: 1}, coverage=coverage))
    assert shown.spark_words == "at most 1 event within a minute"
    assert (shown.coverage.value, shown.coverage.note) == ("100 %", "1 of 1 event")


def test_an_app_names_what_breaks_most_and_leads_to_it() -> None:
    worst = row(pulse("Shop & Co", VALID, open_issues=1)).worst
    assert worst is not None
    assert (worst.title, worst.what) == ("Order Completed", "/0: wrong type")
    assert worst.href == "/issues?app=Shop+%26+Co&name=Order+Completed"


def test_without_a_plan_no_event_is_named_as_the_one_that_breaks_it() -> None:
    assert row(pulse(counts=VALID, open_issues=1, plan_version=0)).worst is None


def test_what_was_resolved_or_muted_is_not_counted_and_not_named() -> None:
    muted = issue(said=statement(Standing.MUTED, NOW))
    shown = row(replace(pulse(counts=VALID), issues=issues(muted)))
    assert (shown.open_issues, shown.worst) == ("0", None)
