"""All apps at a glance, those that need attention first; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from dashboard import formats, links
from dashboard.counting import JUDGED, SHOWN
from dashboard.palette import LOOKS
from dashboard.pulse import Pulse
from dashboard.sparkline import sparkline
from dashboard.view_models.worst_issue import Worst, worst_issue
from dashboard.visible_text import cell
from tracking_plan.verdict import Verdict

#: How long an app may say nothing before it counts as silent.
SILENT_AFTER = timedelta(minutes=10)
#: Shares of events that are not valid, from which an app needs more attention.
MANY, SOME = 0.05, 0.01

#: Says on the page what `Attention` does.
ORDER_WORDS = (
    "Apps that need attention come first: silent ones, then those with most events not valid in the last "
    "hour, duplicates aside, then those with open issues."
)
#: What `silent` means there.
SILENT_WORDS = "no event for 10 minutes, though some came in the hour before, or at this hour yesterday"
#: What is named below an app; `worst_issue` finds it.
WORST_WORDS = (
    "What to look at first: of the issues seen within the hour one that is new or comes at least three times"
    " as often as before, else the one that comes most often"
)
_NOT_VALID = (Verdict.INVALID, Verdict.UNPLANNED, Verdict.REJECTED)


class Attention(IntEnum):
    """How much an app needs somebody; the least first."""

    SILENT = 0
    MANY_NOT_VALID = 1
    SOME_NOT_VALID = 2
    FEW_NOT_VALID = 3
    OPEN_ISSUES = 4
    HEALTHY = 5
    IDLE = 6
    EMPTY = 7


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, and a line that gives it meaning."""

    value: str
    note: str


@dataclass(frozen=True, slots=True)
class AppRow:
    """One app in words."""

    title: str
    attention: Attention
    #: Why it stands where it stands.
    state: str
    #: What is broken most now; None: nothing that is known of.
    worst: Worst | None
    rate: Fact
    received: Fact
    spark: str
    spark_words: str
    valid: Fact
    coverage: Fact
    open_issues: str
    newest: Fact
    newest_utc: str
    live: str
    issues: str


def overview(pulses: Sequence[Pulse], zone: ZoneInfo) -> tuple[AppRow, ...]:
    """The apps, by attention, share of events that are not valid, open issues and name."""
    return tuple(_row(pulse, zone) for pulse in sorted(pulses, key=_rank))


def _rank(pulse: Pulse) -> tuple[Attention, float, int, str]:
    return attention(pulse), -_share_not_valid(pulse), -len(pulse.open_issues), pulse.app.name


def attention(pulse: Pulse) -> Attention:
    """How much the app needs somebody."""
    if pulse.rate.last_received_at is None:
        return Attention.EMPTY
    received = _received(pulse)
    if _is_still(pulse) and (received or pulse.yesterday.received):
        return Attention.SILENT
    share = _share_not_valid(pulse)
    for least, level in ((MANY, Attention.MANY_NOT_VALID), (SOME, Attention.SOME_NOT_VALID)):
        if share >= least:
            return level
    if share > 0:
        return Attention.FEW_NOT_VALID
    if pulse.open_issues:
        return Attention.OPEN_ISSUES
    return Attention.HEALTHY if received else Attention.IDLE


def _row(pulse: Pulse, zone: ZoneInfo) -> AppRow:
    level = attention(pulse)
    app, rate = pulse.app, pulse.rate
    per_minute = _per_minute(pulse)
    return AppRow(
        title=cell(app.name),
        attention=level,
        state=_state(pulse, level, zone),
        worst=_worst(pulse, zone),
        rate=Fact(formats.rate(rate.per_second), "events per second"),
        received=_received_fact(pulse),
        spark=sparkline(per_minute, LOOKS[Verdict.VALID].colour),
        spark_words=f"at most {formats.counted(max(per_minute, default=0), 'event')} within a minute",
        valid=_valid(pulse),
        coverage=_coverage(pulse),
        open_issues=_open_issues(pulse),
        newest=_newest(pulse),
        newest_utc=formats.utc(rate.last_received_at) if rate.last_received_at else "",
        live=links.live(app.name),
        issues=links.issues(app.name),
    )


def _per_minute(pulse: Pulse) -> list[int]:
    by_verdict = (pulse.bars.by_verdict[verdict] for verdict in SHOWN)
    return [sum(counts) for counts in zip(*by_verdict, strict=True)]


def _received(pulse: Pulse) -> int:
    return _total(pulse, SHOWN)


def _judged(pulse: Pulse) -> int:
    return _total(pulse, JUDGED)


def _share_not_valid(pulse: Pulse) -> float:
    return _not_valid(pulse) / max(_judged(pulse), 1)


def _not_valid(pulse: Pulse) -> int:
    return _total(pulse, _NOT_VALID)


def _total(pulse: Pulse, verdicts: Iterable[Verdict]) -> int:
    return sum(sum(pulse.bars.by_verdict[verdict]) for verdict in verdicts)


def _is_still(pulse: Pulse) -> bool:
    at = pulse.rate.last_received_at
    return at is not None and pulse.rate.now - at >= SILENT_AFTER


def _state(pulse: Pulse, level: Attention, zone: ZoneInfo) -> str:
    at = pulse.rate.last_received_at
    if level is Attention.SILENT and at is not None:
        return f"silent since {formats.since(at, pulse.rate.now, zone)}"
    if pulse.app.ledger.plan_version == 0 and _received(pulse):
        return "no plan yet: every event is unplanned"
    if level <= Attention.FEW_NOT_VALID:
        return f"{formats.percent(_not_valid(pulse), _judged(pulse))} not valid"
    if level is Attention.OPEN_ISSUES:
        return "all valid in the last hour; issues are open"
    words = {
        Attention.HEALTHY: "all valid in the last hour",
        Attention.IDLE: "no event in the last hour",
        Attention.EMPTY: "no events yet: open it to see how to send the first",
    }
    return words[level]


def _worst(pulse: Pulse, zone: ZoneInfo) -> Worst | None:
    if pulse.issues is None or pulse.app.ledger.plan_version == 0:
        return None
    return worst_issue(
        pulse.app.name,
        pulse.open_issues,
        pulse.history,
        pulse.issues,
        now=pulse.rate.now,
        zone=zone,
    )


def _received_fact(pulse: Pulse) -> Fact:
    """The trend leaves the present minute out on both days."""
    before = pulse.yesterday.received
    trend = formats.change(sum(_per_minute(pulse)[:-1]), before)
    note = f"{trend} on yesterday" if before else "none at this hour yesterday"
    return Fact(formats.number(_received(pulse)), note)


def _valid(pulse: Pulse) -> Fact:
    """As a share of what was judged."""
    yesterday = pulse.yesterday
    before = formats.percent(yesterday.by_verdict[Verdict.VALID], yesterday.judged)
    note = f"{before} yesterday" if yesterday.judged else ""
    return Fact(formats.percent(_total(pulse, [Verdict.VALID]), _judged(pulse)), note)


def _coverage(pulse: Pulse) -> Fact:
    found = pulse.coverage
    if not found.planned:
        return Fact(formats.NONE, "no plan" if found.plan_version == 0 else "the plan is empty")
    captured = len(found.captured)
    note = f"{formats.number(captured)} of {formats.counted(found.planned, 'event')}"
    return Fact(formats.percent(captured, found.planned), note)


def _open_issues(pulse: Pulse) -> str:
    """Of the issues that are known; of the others nobody knows what was said."""
    are_all_known = pulse.issues is None or pulse.issues.found == len(pulse.issues.issues)
    return f"{'' if are_all_known else '≥ '}{formats.number(len(pulse.open_issues))}"


def _newest(pulse: Pulse) -> Fact:
    at: datetime | None = pulse.rate.last_received_at
    if at is None:
        return Fact(formats.NONE, "no event yet")
    return Fact(formats.duration((pulse.rate.now - at).total_seconds()), "ago")
