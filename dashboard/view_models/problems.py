"""What is broken in an app, worst first; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.time_ranges import MINUTE, TimeRange
from dashboard.view_models import words
from dashboard.visible_text import cell
from storage.issues import IssueKey
from storage.readers import FailingField
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which the events of one name break the plan."""

    #: The event's name as stored: what a filter takes.
    name: str
    title: str
    #: Where and what: `/total: wrong type`.
    what: str
    count: str
    #: Of the events of that name.
    share: str
    since: str
    #: Status of the events concerned.
    status: str


def problems(
    failing: Sequence[FailingField], span: TimeRange, now: datetime, zone: ZoneInfo
) -> Iterable[Problem]:
    """The failing fields in words, in the order given."""
    for field in failing:
        yield Problem(
            name=field.name,
            title=cell(field.name),
            what=words.issue(IssueKey(field.name, field.path, field.kind)),
            count=formats.number(field.count),
            share=formats.share(min(field.share, 1.0)),
            since=_since(field.first_at, span, now, zone),
            status=(Verdict.UNPLANNED if _is_unplanned(field) else Verdict.INVALID).word,
        )


def _is_unplanned(field: FailingField) -> bool:
    return field.kind == Kind.UNPLANNED_EVENT


def _since(first_at: datetime, span: TimeRange, now: datetime, zone: ZoneInfo) -> str:
    """When it began, as far as the range tells: what fails from its first minute on began earlier."""
    if span.start is not None and first_at < span.start + MINUTE:
        return f"since before {formats.since(span.start, now, zone)}"
    return f"since {formats.since(first_at, now, zone)}"
