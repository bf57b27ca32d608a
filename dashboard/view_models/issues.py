"""The list of issues: which of them, in which order, and in which words; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats, links
from dashboard.issues_view import IssuesView, Sort
from dashboard.palette import LOOKS
from dashboard.sparkline import sparkline
from dashboard.time_ranges import History
from dashboard.view_models import words
from dashboard.view_models.app_versions import shares, stories, told
from dashboard.view_models.setting import Setting
from dashboard.visible_text import cell
from storage.issues import IssueKey, Standing, Statement
from storage.readers import Issue, IssueBars, Issues
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind

#: Issues that are listed until all are asked for.
FIRST_ROWS = 50
#: Issues that are listed at most.
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue in words."""

    key: IssueKey
    title: str
    #: Where and what: `/total: wrong type`.
    what: str
    #: In which versions, and how much of each: a pair per platform.
    versions: tuple[tuple[str, str], ...]
    #: Events that show it in the range, and as a share of those of that name.
    count: str
    share: str
    #: An image of the counts over the range, and the same in words.
    spark: str
    spark_words: str
    first_seen: str
    first_seen_utc: str
    last_seen: str
    last_seen_utc: str
    #: Addresses of the last event that shows it, and of all such events.
    example: str
    events: str
    #: What was last said of it; "" nothing.
    said: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class IssueList:
    """What the page lists."""

    rows: tuple[IssueRow, ...]
    #: Issues of the view, listed or not.
    matching: int
    #: Of all issues, whatever is filtered: how many there are of each standing.
    by_standing: Mapping[Standing, int]
    #: Names and kinds that can be filtered by.
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Counted:
    """An issue with its counts over the range."""

    issue: Issue
    bars: tuple[int, ...]
    #: Of the events of that name.
    share: float

    @property
    def count(self) -> int:
        return sum(self.bars)


_ORDERS: Mapping[Sort, Callable[[_Counted], float]] = {
    Sort.COUNT: lambda counted: counted.count,
    Sort.SHARE: lambda counted: counted.share,
    Sort.LAST_SEEN: lambda counted: counted.issue.last_seen_at.timestamp(),
    Sort.FIRST_SEEN: lambda counted: counted.issue.first_seen_at.timestamp(),
}


def issue_list(issues: Issues, bars: IssueBars, view: IssuesView, setting: Setting) -> IssueList:
    """The view's issues, most first."""
    matching = [issue for issue in issues.issues if _matches(issue, view)]
    counted = _counted(matching, bars, setting.history)
    counted.sort(key=lambda each: (-_ORDERS[view.sort](each), each.issue.key))
    shown = counted[: MOST_ROWS if view.every else FIRST_ROWS]
    standings = [issue.standing for issue in issues.issues]
    return IssueList(
        rows=tuple(_row(each, issues, setting) for each in shown),
        matching=len(matching),
        by_standing={standing: standings.count(standing) for standing in Standing},
        names=tuple(sorted({issue.key.name for issue in issues.issues})),
        kinds=tuple(kind for kind in Kind if any(issue.key.kind == kind for issue in issues.issues)),
        note=_note(issues, len(matching), len(shown)),
    )


def _matches(issue: Issue, view: IssuesView) -> bool:
    key = issue.key
    return (
        issue.standing is view.standing
        and (not view.names or key.name in view.names)
        and (not view.kinds or key.kind in view.kinds)
    )


def _counted(issues: Iterable[Issue], bars: IssueBars, history: History) -> list[_Counted]:
    places = {start: place for place, start in enumerate(history.starts)}
    events: dict[str, int] = {}
    for event in bars.events:
        events[event.name] = events.get(event.name, 0) + event.stored
    rows: dict[IssueKey, list[int]] = {issue.key: [0] * history.bars for issue in issues}
    for bar in bars.issues:
        if bar.key in rows and bar.start in places:
            rows[bar.key][places[bar.start]] += bar.count
    return [
        _Counted(issue, tuple(rows[issue.key]), _share(sum(rows[issue.key]), events.get(issue.key.name, 0)))
        for issue in issues
    ]


def _share(count: int, events: int) -> float:
    """Never more than all: see app_versions.Version.share."""
    return min(count / events, 1.0) if events else 0.0


def _row(counted: _Counted, issues: Issues, setting: Setting) -> IssueRow:
    issue, now, zone = counted.issue, setting.now, setting.zone
    key = issue.key
    return IssueRow(
        key=key,
        title=cell(key.name),
        what=words.issue(key),
        versions=tuple((told(story), shares(story)) for story in stories(issue, issues)),
        count=formats.number(counted.count),
        share=formats.share(counted.share) if counted.count else formats.NONE,
        spark=sparkline(counted.bars, LOOKS[_status(key)].colour),
        spark_words=_spark_words(counted.bars, setting.history),
        first_seen=formats.since(issue.first_seen_at, now, zone),
        first_seen_utc=formats.utc(issue.first_seen_at),
        last_seen=formats.since(issue.last_seen_at, now, zone),
        last_seen_utc=formats.utc(issue.last_seen_at),
        example=links.event(setting.app, issue.last_seq),
        events=links.issue_events(setting.app, key, issue.first_seen_at, issue.last_seen_at),
        said=_said(issue, issue.said, now, zone) if issue.said else "",
        standing=issue.standing,
    )


def _status(key: IssueKey) -> Verdict:
    """Of the events concerned."""
    return Verdict.UNPLANNED if key.kind == Kind.UNPLANNED_EVENT else Verdict.INVALID


def _spark_words(bars: Sequence[int], history: History) -> str:
    """What the small chart shows."""
    if not any(bars):
        return "none in this range"
    step = formats.duration(history.step.total_seconds())
    quiet = history.step * next(place for place, count in enumerate(reversed(bars)) if count)
    ended = f"; none in the last {formats.duration(quiet.total_seconds())}" if quiet else ""
    return f"at most {formats.number(max(bars))} within {step}{ended}"


def _said(issue: Issue, said: Statement, now: datetime, zone: ZoneInfo) -> str:
    by = f" by {cell(said.changed_by)}" if said.changed_by else ""
    at = formats.since(said.changed_at, now, zone)
    if issue.came_back:
        return f"Came back: it was resolved{by} at {at}"
    if said.standing is Standing.MUTED:
        return f"Muted{by} at {at}: {cell(said.reason)}"
    return f"Resolved{by} at {at}"


def _note(issues: Issues, matching: int, shown: int) -> str:
    notes = []
    if shown < matching:
        notes.append(f"The first {formats.number(shown)} of {formats.number(matching)}.")
    if issues.found > len(issues.issues):
        kept, found = formats.number(len(issues.issues)), formats.number(issues.found)
        notes.append(f"Of {found} issues, the {kept} seen last are known here.")
    return " ".join(notes)
