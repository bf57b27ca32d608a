"""Addresses of the pages, with the views that they open; pure."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from dashboard.explore_view import Field
from dashboard.filters import is_filter
from dashboard.time_ranges import CUSTOM, MINUTE, floor
from storage.issues import IssueKey
from tracking_plan.verdict import Verdict

OVERVIEW = "/"
LIVE = "/live"
ISSUES = "/issues"
REJECTED = "/rejected"
REJECTED_EXPORT = "/export/rejected"
EXPLORE = "/explore"
PLAN = "/plan"
COVERAGE = "/coverage"


def live(app: str) -> str:
    """The page Live of an app."""
    return _address(LIVE, [("app", app)])


def event(app: str, seq: int) -> str:
    """One event, opened."""
    return _address(LIVE, [("app", app), ("range", "all"), ("event", str(seq))])


def events_between(app: str, name: str, status: Verdict, start: datetime, end: datetime) -> str:
    """The events of a name and status that arrived in [start, end), whole minutes.

    A name that is none to filter by is left out: the list has more events then.
    """
    named = [("name", name)] if is_filter(name) else []
    return _address(LIVE, [("app", app), *_between(start, end), *named, ("status", status.word)])


def issue_events(app: str, issue: IssueKey, first: datetime, last: datetime) -> str:
    """The events that show an issue, from the first to the last one that arrived.

    What is nothing to filter by is left out here, too.
    """
    shown = {Field.NAME: issue.name, Field.KIND: issue.kind, Field.PATH: issue.path}
    filters = [(each.value, value) for each, value in shown.items() if is_filter(value)]
    range_ = _between(floor(first, MINUTE), floor(last, MINUTE) + MINUTE)
    return _address(EXPLORE, [("app", app), *range_, *filters])


def issues(app: str) -> str:
    """The open issues of an app."""
    return _address(ISSUES, [("app", app)])


def issues_of(app: str, name: str) -> str:
    """The open issues of an app's events of one name."""
    return _address(ISSUES, [("app", app), ("name", name)])


def coverage(app: str) -> str:
    """What of an app's plan came."""
    return _address(COVERAGE, [("app", app)])


def rejected(app: str) -> str:
    """The rejected events of an app."""
    return _address(REJECTED, [("app", app)])


def rejected_event(app: str, row: str) -> str:
    """One rejected event, opened; `row` is its id as dashboard.grid_rows words it."""
    return _address(REJECTED, [("app", app), ("range", "all"), ("open", row)])


def rejected_export(app_id: int, form: str, range_key: str, reasons: Iterable[str]) -> str:
    """A download of the rejected events of a view."""
    query = [("app_id", str(app_id)), ("form", form), ("range_key", range_key)]
    return _address(REJECTED_EXPORT, [*query, *(("reason", reason) for reason in reasons)])


def explore(app: str) -> str:
    """The history of an app."""
    return _address(EXPLORE, [("app", app)])


def plan(app: str) -> str:
    """The plan of an app."""
    return _address(PLAN, [("app", app)])


def plan_editor(app: str, event: str = "") -> str:
    """The editor of an app's plan, at an event that is in it; "": at the first one."""
    named = [("event", event)] if event else []
    return _address(PLAN, [("app", app), ("tab", "edit"), *named])


def plan_draft(app: str, unplanned: str) -> str:
    """The editor of an app's plan, with a draft of an event that is not in it."""
    return _address(PLAN, [("app", app), ("tab", "edit"), ("as", "text"), ("draft", unplanned)])


def _between(start: datetime, end: datetime) -> list[tuple[str, str]]:
    return [("range", CUSTOM), ("from", start.isoformat()), ("to", end.isoformat())]


def _address(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}"
