"""Rejected events by reason, most frequent first; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.palette import LOOKS
from dashboard.sparkline import sparkline
from dashboard.time_ranges import ALL, DAY, HOUR, MINUTE, TimeRange, floor
from storage.readers import MAX_GROUPED, RejectedBar, RejectedGroups
from storage.reasons import MAY_PASS_LATER
from tracking_plan.verdict import Verdict

#: Width of a bar by range.
STEPS = {
    "15m": MINUTE,
    "1h": 5 * MINUTE,
    "6h": 15 * MINUTE,
    "24h": HOUR,
    "7d": 6 * HOUR,
    "30d": DAY,
    ALL: DAY,
}
#: Words of codes that are spelled in a way of their own.
_SPELLED = {"json": "JSON", "nul": "NUL", "utf8": "UTF-8"}
#: Most bars of a small chart; of all time the last ones.
_MAX_BARS = 32


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One reason."""

    reason: str
    #: `payload not JSON`
    words: str
    times: str
    kinds: str
    first_seen: str
    first_seen_utc: str
    last_seen: str
    last_seen_utc: str
    spark: str
    spark_words: str
    #: The same bytes may be taken another day.
    may_pass: bool


@dataclass(frozen=True, slots=True)
class GroupList:
    """All reasons of a range."""

    rows: tuple[GroupRow, ...]
    #: What is missing, or that there is nothing; "": neither.
    note: str


def group_list(
    groups: RejectedGroups, range_key: str, span: TimeRange, now: datetime, zone: ZoneInfo
) -> GroupList:
    """The groups in words."""
    step = STEPS[range_key]
    starts = _starts(groups.bars, span, step, now)
    by_reason = attrgetter("reason")
    found = [
        (reason, tuple(bars)) for reason, bars in groupby(sorted(groups.bars, key=by_reason), key=by_reason)
    ]
    found.sort(key=lambda group: (-sum(bar.times for bar in group[1]), group[0]))
    return GroupList(
        tuple(_row(reason, bars, starts, _When(step, now, zone)) for reason, bars in found),
        _note(groups, bool(found)),
    )


def _starts(bars: Sequence[RejectedBar], span: TimeRange, step: timedelta, now: datetime) -> list[datetime]:
    last = floor(now, step)
    first = min((bar.start for bar in bars), default=last) if span.start is None else floor(span.start, step)
    count = min(max((last - first) // step + 1, 1), _MAX_BARS)
    return [last - step * back for back in range(count - 1, -1, -1)]


@dataclass(frozen=True, slots=True)
class _When:
    """By which times are worded."""

    step: timedelta
    now: datetime
    zone: ZoneInfo


def reason_words(reason: str) -> str:
    """A reason's code as people read it: `payload not JSON`."""
    return " ".join(_SPELLED.get(word, word) for word in reason.split("_"))


def _row(reason: str, bars: tuple[RejectedBar, ...], starts: Sequence[datetime], when: _When) -> GroupRow:
    kinds = {bar.start: bar.kinds for bar in bars}
    values = [kinds.get(start, 0) for start in starts]
    width = formats.duration(when.step.total_seconds())
    first, last = min(bar.first_seen_at for bar in bars), max(bar.last_seen_at for bar in bars)
    return GroupRow(
        reason=reason,
        words=reason_words(reason),
        times=formats.number(sum(bar.times for bar in bars)),
        kinds=formats.number(sum(kinds.values())),
        first_seen=formats.since(first, when.now, when.zone),
        first_seen_utc=formats.utc(first),
        last_seen=formats.since(last, when.now, when.zone),
        last_seen_utc=formats.utc(last),
        spark=sparkline(values, LOOKS[Verdict.REJECTED].colour),
        spark_words=f"Different bytes by when they were last seen, bars of {width}: at most {max(values)}",
        may_pass=reason in MAY_PASS_LATER,
    )


def _note(groups: RejectedGroups, any_found: bool) -> str:
    if not any_found:
        return "Nothing was rejected in this range."
    if not groups.complete:
        return f"Of the {formats.number(MAX_GROUPED)} rejected events that were seen last."
    return ""
