"""Since which version of an app an issue is there, and in which it is gone; pure.

One stray event must not make an old version look broken, nor three right ones a new version mended. So a
version counts as right when it sent enough events to tell, and the issue hits it by far less than the version
that it hits most.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard import formats
from dashboard.visible_text import cell
from storage.readers import Issue, Issues, SourceInfo
from storage.schema import OTHER

#: Hit events of a version, from which its share is trusted; and those that a version which may count as right
#: would have if it were hit as much as the one that is hit most.
_ENOUGH = 5
#: By how many times less a version is hit that counts as right.
_BY_FAR = 5
#: `4.2.1`, `v4.2`, `2026.11.2`; then a build in brackets, or what follows a sign.
_NUMBERED = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)(?:([-+ ._(]).*)?", re.ASCII | re.DOTALL)
#: Most versions that are named one by one.
_MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an app on one platform, and how an issue hits it."""

    name: str
    first_seen_at: datetime
    #: Stored events of the issue's name, and those of them that show it.
    sent: int
    hits: int

    @property
    def share(self) -> float:
        """Of its events. What counts more often than it was sent is all of them.

        The path storage.schema.OTHER stands for several, and items of a list were counted one by one before.
        """
        return min(self.hits / max(self.sent, self.hits), 1.0) if self.hits else 0.0


@dataclass(frozen=True, slots=True)
class Story:
    """An issue on one platform."""

    #: "" where producers do not say.
    platform: str
    #: Those that sent the event, oldest first.
    versions: tuple[Version, ...]
    #: The first that is broken, after one that was right; "" that cannot be told.
    since: str
    #: The last that is right between two that are broken, and the first that is broken after it; "" none is.
    right_in: str
    again: str
    #: The first that is right, after all that are broken; "" none is.
    mended_in: str


def stories(issue: Issue, issues: Issues) -> list[Story]:
    """The issue on each platform that shows it, by platform; without programs that name no version."""
    sent = issues.sent.get(issue.key.name, {})
    found: dict[str, dict[str, Version]] = {}
    for source_id in {**sent, **issue.by_source}:
        info = issues.sources.get(source_id)
        if info is None or info.source.app_version in ("", OTHER):
            continue
        versions = found.setdefault(info.source.platform, {})
        version = _version(info, sent.get(source_id, 0), issue.by_source.get(source_id, 0))
        versions[version.name] = _joined(versions.get(version.name), version)
    hit = {name for name, versions in found.items() if any(version.hits for version in versions.values())}
    return [_story(platform, found[platform].values()) for platform in sorted(hit)]


def told(story: Story) -> str:
    """In words: `Broken since 4.2.0 on android, right in 4.2.1, broken again since 4.3.0`."""
    on = f" on {cell(story.platform)}" if story.platform else ""
    since = f"Broken since {cell(story.since)}" if story.since else f"In {_named(story)}"
    relapse = (
        f", right in {cell(story.right_in)}, broken again since {cell(story.again)}" if story.again else ""
    )
    mended = f", right again in {cell(story.mended_in)}" if story.mended_in else ""
    return f"{since}{on}{relapse}{mended}"


def shares(story: Story) -> str:
    """How much each version is hit: `4.1.3: 0.4 % of 1,200, 4.2.0: 62.0 % of 800`."""
    return ", ".join(
        f"{cell(version.name)}: {formats.share(version.share)} of {formats.number(version.sent)}"
        for version in story.versions
    )


def _named(story: Story) -> str:
    names = [cell(version.name) for version in story.versions if version.hits]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {formats.number(more)} more" if more > 0 else "")


def _version(info: SourceInfo, sent: int, hits: int) -> Version:
    return Version(info.source.app_version, info.first_seen_at, sent, hits)


def _joined(known: Version | None, more: Version) -> Version:
    if known is None:
        return more
    first = min(known.first_seen_at, more.first_seen_at)
    return Version(known.name, first, known.sent + more.sent, known.hits + more.hits)


def _story(platform: str, versions: Iterable[Version]) -> Story:
    ordered = _in_order(versions)
    worst = max((version.share for version in ordered if version.hits >= _ENOUGH), default=0.0)
    if not worst:
        return Story(platform, ordered, "", "", "", "")
    broken = [place for place, version in enumerate(ordered) if version.share * _BY_FAR > worst]
    # A version whose few events were not hit tells nothing.
    right = [
        place
        for place, version in enumerate(ordered)
        if place not in broken and version.sent * worst >= _ENOUGH
    ]
    since = ordered[broken[0]].name if any(place < broken[0] for place in right) else ""
    # A stray event of a later version is no relapse.
    last_sure = max(place for place in broken if ordered[place].hits >= _ENOUGH)
    between = max((place for place in right if broken[0] < place < last_sure), default=None)
    right_in = "" if between is None else ordered[between].name
    again = "" if between is None else ordered[min(place for place in broken if place > between)].name
    mended = next((ordered[place].name for place in right if place > broken[-1]), "")
    return Story(platform, ordered, since, right_in, again, mended)


def _in_order(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Oldest first: by number if all have one, else by when each was first seen."""
    known = tuple(versions)
    ranks = {version.name: rank for version in known if (rank := _rank(version.name)) is not None}
    if len(ranks) == len(known):
        return tuple(sorted(known, key=lambda version: ranks[version.name]))
    return tuple(sorted(known, key=lambda version: (version.first_seen_at, version.name)))


def _rank(version: str) -> tuple[tuple[int, ...], int, str] | None:
    """`4.2.0-beta` comes before 4.2.0, `4.2.0 (17)` behind it; None: it is no number."""
    match = _NUMBERED.fullmatch(version)
    if match is None:
        return None
    numbers = tuple(map(int, match[1].split(".")))
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers, 0 if match[2] == "-" else 1, version
