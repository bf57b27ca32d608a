"""Addresses of the pages, with the views that they open; pure."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

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


def events(app: str, name: str, status: Verdict, range_key: str) -> str:
    """The events of a name and status in a range that ends now."""
    return _address(LIVE, [("app", app), ("range", range_key), ("name", name), ("status", status.word)])


def events_between(app: str, name: str, status: Verdict, start: datetime, end: datetime) -> str:
    """The events of a name and status that arrived in [start, end), whole minutes."""
    range_ = [("range", "custom"), ("from", start.isoformat()), ("to", end.isoformat())]
    return _address(LIVE, [("app", app), *range_, ("name", name), ("status", status.word)])


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


def plan_draft(app: str, unplanned: str) -> str:
    """The editor of an app's plan, with a draft of an event that is not in it."""
    return _address(PLAN, [("app", app), ("tab", "edit"), ("as", "text"), ("draft", unplanned)])


def _address(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}"
