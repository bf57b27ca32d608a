"""The plain data routes that the page's scripts ask; each passes the access seam by its Viewer."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Request, Response, request
from pydantic import BaseModel

from dashboard import links
from dashboard.api.answers import answered, as_json, asked, streamed
from dashboard.api.coverage import coverage
from dashboard.api.event import event
from dashboard.api.explore import explore_alive, explore_count, explore_land, explore_rows, explore_summary
from dashboard.api.explore_schemas import (
    ExploreAliveAsked,
    ExploreCountAsked,
    ExploreLandAsked,
    ExploreRowsAsked,
    ExploreSummaryAsked,
)
from dashboard.api.feed import feed
from dashboard.api.issues import issues, say
from dashboard.api.plan import plan, versions
from dashboard.api.plan_draft import draft, save
from dashboard.api.plan_schemas import (
    MAX_BODY_BYTES,
    TOO_LARGE,
    DraftAsked,
    PlanAsked,
    SaveAsked,
    VersionsAsked,
)
from dashboard.api.rejected import rejected
from dashboard.api.rejected_export import rejected_export
from dashboard.api.rejects import rejects
from dashboard.api.reports import overview, system
from dashboard.api.rows import rows
from dashboard.api.schemas import (
    CoverageAsked,
    EventAsked,
    FeedAsked,
    IssueSaid,
    IssuesAsked,
    OverviewAsked,
    RejectedAsked,
    RejectsAsked,
    RowsAsked,
    SystemAsked,
)
from dashboard.services import Services
from dashboard.viewer import Viewer
from storage.errors import BadRequest

M = TypeVar("M", bound=BaseModel)

EVENT = "/api/event"
ROWS = "/api/rows"
FEED = "/api/feed"
REJECTED = "/api/rejected"
REJECTS = "/api/rejects"
SYSTEM = "/api/system"
COVERAGE = "/api/coverage"
OVERVIEW = "/api/overview"
ISSUES = "/api/issues"
ISSUE_STATE = "/api/issues/state"
EXPLORE = "/api/explore"
EXPLORE_ALIVE = "/api/explore/alive"
EXPLORE_ROWS = "/api/explore/rows"
EXPLORE_COUNT = "/api/explore/count"
EXPLORE_LAND = "/api/explore/land"
APPS = "/api/apps"
PLAN = "/api/plan"
PLAN_VERSIONS = "/api/plan/versions"
PLAN_DRAFT = "/api/plan/draft"
PLAN_SAVE = "/api/plan/save"
HEALTH = "/healthz"


def register(server: Flask, services: Services) -> None:
    """Adds every data route to the server."""

    def add(path: str, schema: type[M], answer: Callable[[Viewer, M], Any]) -> None:
        def view() -> Response:
            return answered(
                services, request, lambda: answer(services.viewer(request), asked(request, schema))
            )

        server.add_url_rule(path, endpoint=path, view_func=view, methods=["POST"])

    add(EVENT, EventAsked, event)
    add(ROWS, RowsAsked, rows)
    add(FEED, FeedAsked, feed)
    add(REJECTED, RejectedAsked, rejected)
    add(REJECTS, RejectsAsked, rejects)
    add(SYSTEM, SystemAsked, system)
    add(COVERAGE, CoverageAsked, coverage)
    add(OVERVIEW, OverviewAsked, overview)
    add(EXPLORE, ExploreSummaryAsked, explore_summary)
    add(EXPLORE_ALIVE, ExploreAliveAsked, explore_alive)
    add(EXPLORE_ROWS, ExploreRowsAsked, explore_rows)
    add(EXPLORE_COUNT, ExploreCountAsked, explore_count)
    add(EXPLORE_LAND, ExploreLandAsked, explore_land)
    for path, answer in (
        (ISSUES, lambda: issues(services, request, asked(request, IssuesAsked))),
        (ISSUE_STATE, lambda: say(services, request, asked(request, IssueSaid))),
    ):
        server.add_url_rule(path, path, partial(answered, services, request, answer), methods=["POST"])
    add(PLAN, PlanAsked, plan)
    add(PLAN_VERSIONS, VersionsAsked, versions)
    _add_large(server, services, PLAN_DRAFT, DraftAsked, draft)
    _add_large(server, services, PLAN_SAVE, SaveAsked, save)
    server.add_url_rule(
        APPS, APPS, lambda: answered(services, request, lambda: _apps(services.viewer(request)))
    )
    server.add_url_rule(
        links.REJECTED_EXPORT,
        links.REJECTED_EXPORT,
        lambda: streamed(services, request, lambda: rejected_export(services, request)),
    )
    server.add_url_rule(HEALTH, HEALTH, lambda: _health(services))


def _add_large(
    server: Flask,
    services: Services,
    path: str,
    schema: type[M],
    answer: Callable[[Services, Request, M], Any],
) -> None:
    """A route whose requests hold a whole plan."""

    def view() -> Response:
        request.max_content_length = MAX_BODY_BYTES
        return answered(services, request, lambda: answer(services, request, _sized(request, schema)))

    server.add_url_rule(path, endpoint=path, view_func=view, methods=["POST"])


def _sized(request: Request, schema: type[M]) -> M:
    """The request's body as `schema`, if it is not too large; raises as `asked`."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise BadRequest(TOO_LARGE)
    return asked(request, schema)


def _apps(viewer: Viewer) -> Any:
    return {"apps": [{"app_id": app.app_id, "name": app.name} for app in viewer.apps()]}


def _health(services: Services) -> Response:
    """200 while this process answers; the database's state is told, not judged: no restart mends it."""
    since = services.health.away_since
    return as_json({"status": "ok", "database": f"away since {since.isoformat()}" if since else "ok"})
