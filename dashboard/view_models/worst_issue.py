"""The open issue of an app that breaks most now, and since when; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats, links
from dashboard.time_ranges import HOUR, MINUTE
from dashboard.view_models import words
from dashboard.view_models.app_versions import stories
from dashboard.visible_text import cell
from storage.readers import Issue, Issues

#: An issue that was not seen for so long breaks nothing now.
_OVER_AFTER = HOUR


@dataclass(frozen=True, slots=True)
class Worst:
    """One issue in a line."""

    #: The event's name.
    title: str
    #: Where and what: `/total: wrong type`.
    what: str
    #: `since 14:02, with 4.2.0 on android`.
    since: str
    #: Address of the issues of that event.
    href: str


def worst_issue(
    app: str, candidates: Sequence[Issue], issues: Issues, now: datetime, zone: ZoneInfo
) -> Worst | None:
    """Of the candidates that were seen within the hour, the one that comes most often; None: there is none.

    How often is told by its whole life: a burst of today outranks the daily few of a month.
    """
    present = [issue for issue in candidates if now - issue.last_seen_at < _OVER_AFTER]
    if not present:
        return None
    worst = max(present, key=lambda issue: (_per_minute(issue), issue.key))
    return Worst(
        title=cell(worst.key.name),
        what=words.issue(worst.key),
        since=f"since {formats.since(worst.first_seen_at, now, zone)}{_begun_with(worst, issues)}",
        href=links.issues_of(app, worst.key.name),
    )


def _per_minute(issue: Issue) -> float:
    return issue.count / max((issue.last_seen_at - issue.first_seen_at) / MINUTE, 1.0)


def _begun_with(issue: Issue, issues: Issues) -> str:
    """The versions that broke it, where that can be told."""
    versions = [
        f"{cell(story.since)} on {cell(story.platform)}" if story.platform else cell(story.since)
        for story in stories(issue, issues)
        if story.since
    ]
    return f", with {' and '.join(versions)}" if versions else ""
