"""The open issue of an app that breaks most now, how often, and since when; pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats, links
from dashboard.time_ranges import HOUR, floor
from dashboard.view_models import words
from dashboard.view_models.app_versions import stories
from dashboard.visible_text import cell
from storage.issues import IssueKey
from storage.readers import Issue, IssueBar, Issues

#: An issue that was not seen for so long breaks nothing now.
_OVER_AFTER = HOUR
#: An issue stands out that comes so many times as often as in the hours before: a new one, or one that rose.
_SURGE = 3
#: One that came less often than so many times stands for nothing yet.
_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Worst:
    """One issue in a line."""

    #: The event's name.
    title: str
    #: Where and what: `/total: wrong type`.
    what: str
    #: `200 times since 14:02, with 4.2.0 on android`.
    since: str
    #: Address of the issues of that event.
    href: str


@dataclass(frozen=True, slots=True)
class _Present:
    """An issue that breaks something now."""

    issue: Issue
    #: Events that show it since `start`, the beginning of the hour before this one.
    recent: int
    start: datetime
    #: Such events in as much time, by the mean of the hours before `start`.
    usual: float

    @property
    def stands_out(self) -> bool:
        return self.recent >= _SEVERAL and self.recent >= _SURGE * self.usual


def worst_issue(  # noqa: PLR0913 - what is known of an app, and who looks when
    app: str,
    candidates: Sequence[Issue],
    history: Sequence[IssueBar],
    issues: Issues,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Worst | None:
    """Of the candidates that were seen within the hour the one to look at first; None: there is none.

    First those that come far more often than in the hours before, which are 0 for new ones: what is as broken
    as yesterday, however much, hides none of them. Of those, and else of all, the one that comes most often.
    `history` has events by the hour.
    """
    present = _present([each for each in candidates if now - each.last_seen_at < _OVER_AFTER], history, now)
    if not present:
        return None
    worst = max(
        present, key=lambda each: (each.stands_out, each.recent, each.issue.first_seen_at, each.issue.key)
    )
    key = worst.issue.key
    return Worst(
        title=cell(key.name),
        what=words.issue(key),
        since=_since(worst, issues, now, zone),
        href=links.issues_of(app, key.name),
    )


def _present(issues: Iterable[Issue], history: Sequence[IssueBar], now: datetime) -> list[_Present]:
    start = floor(now, HOUR) - HOUR
    recent, before = Counter[IssueKey](), Counter[IssueKey]()
    for bar in history:
        (recent if bar.start >= start else before)[bar.key] += bar.count
    first = min((bar.start for bar in history), default=start)
    part = (now - start) / max(start - first, HOUR)
    return [_Present(issue, recent[issue.key], start, before[issue.key] * part) for issue in issues]


def _since(worst: _Present, issues: Issues, now: datetime, zone: ZoneInfo) -> str:
    """How often since when; of an older one also when it began, or that it had been resolved."""
    issue = worst.issue
    if issue.came_back and issue.said is not None:
        often = f"{_often(worst, now, zone)}; " if worst.recent else ""
        return f"{often}came back, it was resolved at {formats.since(issue.said.changed_at, now, zone)}"
    began = f"{formats.since(issue.first_seen_at, now, zone)}{_begun_with(issue, issues)}"
    if not worst.recent:
        # It was seen a moment after its hours were read.
        return f"since {began}"
    if issue.first_seen_at >= worst.start:
        return f"{_times(worst.recent)} since {began}"
    return f"{_often(worst, now, zone)}; there since {began}"


def _often(worst: _Present, now: datetime, zone: ZoneInfo) -> str:
    usually = f", usually {formats.number(round(worst.usual))}" if worst.stands_out and worst.usual else ""
    return f"{_times(worst.recent)} since {formats.since(worst.start, now, zone)}{usually}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{formats.number(count)} times"


def _begun_with(issue: Issue, issues: Issues) -> str:
    """The versions that broke it, and those that did so again, where that can be told."""
    versions = [
        f"{cell(story.since)}{f' and again {cell(story.again)}' if story.again else ''}"
        f"{f' on {cell(story.platform)}' if story.platform else ''}"
        for story in stories(issue, issues)
        if story.since
    ]
    return f", with {' and '.join(versions)}" if versions else ""
