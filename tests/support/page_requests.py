"""What the pages' scripts ask of every data route, one request of each shape; and how to tamper with them."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from dashboard.api import exports, routes

NAME = "Order Completed"
PLAN: Mapping[str, Any] = {
    "version": 1,
    "name": "Shop",
    "events": {NAME: {"schema": {"type": "object", "properties": {"total": {"type": "number"}}}}},
}
#: Changes of a draft, one of each kind.
_STEPS: tuple[Mapping[str, Any], ...] = (
    {
        "do": "describe_plan",
        "name": "Shop",
        "formats": "assert",
        "unplanned_events": "flag",
        "unplanned_properties": "flag",
    },
    {"do": "add_event", "name": "Sign Up", "description": ""},
    {"do": "rename_event", "event": NAME, "name": "Paid", "description": ""},
    {"do": "remove_event", "event": NAME},
    {
        "do": "put_property",
        "event": NAME,
        "replaces": "/total",
        "path": "/sum",
        "types": ["number"],
        "required": True,
        "values": ["1"],
        "pattern": "",
        "least": "1",
        "most": "2",
        "description": "",
    },
    {"do": "remove_property", "event": NAME, "path": "/total"},
    {"do": "plan_unplanned", "event": "Unplanned"},
    {"do": "take_file"},
)


def live_view(app_id: int, **more: Any) -> dict[str, Any]:
    """A view of the page Live with everything in it."""
    return {
        "app_id": app_id,
        "range_key": "24h",
        "start": "2026-11-22T13:00:00Z",
        "end": None,
        "names": [NAME],
        "statuses": ["invalid"],
        "subject": "",
        "run": "",
        "order": "newest",
        "tab": "events",
        **more,
    }


def explore_view(app_id: int) -> dict[str, Any]:
    """A view of the page Explore with everything in it."""
    return {
        "app_id": app_id,
        "range_key": "custom",
        "start": "2026-11-22T13:00:00Z",
        "end": None,
        "values": {"name": [NAME], "source": ["1"], "status": ["invalid"], "kind": ["wrong_type"]},
        "unwanted": {"subject": ["x"]},
        "where": ["/total > 1"],
        "order": "newest",
    }


def page_requests(app_id: int, token: Any, export_id: str) -> dict[str, list[dict[str, Any]]]:
    """By route; each is answered with 200. `token` and `export_id` are of a view of this app."""
    live, explore = live_view(app_id), explore_view(app_id)
    after = {"last_seen_at": "2026-11-22T13:00:00Z", "sha256": "a" * 64, "reason": "payload_not_json"}
    explored = {"view": explore, "token": token}
    draft = {"app_id": app_id, "text": json.dumps(PLAN), "filename": "plan.json", "event": "", "search": ""}
    return {
        routes.EVENT: [{"app_id": app_id, "seq": 1}],
        routes.ROWS: [
            {"view": live, "token": token, "offset": 0, "after": None, "limit": 10},
            {
                "view": live_view(app_id, subject="user-1"),
                "token": None,
                "offset": 0,
                "after": 3,
                "limit": 10,
            },
        ],
        routes.FEED: [
            {
                "view": live,
                "tag": "",
                "problems_tag": "",
                "names_tag": "",
                "follow_tag": "",
                "token": token,
                "live": True,
            },
            {"view": live_view(app_id, run="ci", tab="rejected"), "token": token, "live": False},
        ],
        routes.REJECTED: [{"view": live, "after": after}],
        routes.REJECTS: [
            {
                "view": {"app_id": app_id, "range_key": "24h", "reasons": ["payload_not_json"]},
                "groups_tag": "",
                "rows_tag": "",
                "after": after,
            }
        ],
        routes.SYSTEM: [{"tag": ""}],
        routes.OVERVIEW: [{"tag": ""}],
        routes.COVERAGE: [{"app_id": app_id, "range_key": "24h", "event": "Unplanned", "tag": ""}],
        routes.ISSUES: [
            {
                "view": {
                    "app_id": app_id,
                    "range_key": "24h",
                    "standing": "open",
                    "names": [NAME],
                    "kinds": ["wrong_type"],
                    "sort": "count",
                    "every": False,
                },
                "rows_tag": "",
                "heat_tag": "",
            }
        ],
        routes.ISSUE_STATE: [
            {
                "app_id": app_id,
                "name": NAME,
                "path": "/total",
                "kind": "wrong_type",
                "standing": "muted",
                "reason": "known",
            }
        ],
        routes.EXPLORE: [{"view": explore}],
        routes.EXPLORE_ALIVE: [{"app_id": app_id}],
        routes.EXPLORE_ROWS: [{**explored, "offset": 0, "after": 3, "limit": 10}],
        routes.EXPLORE_COUNT: [explored],
        routes.EXPLORE_LAND: [{**explored, "at": "2026-11-22T13:00:00Z"}],
        routes.PLAN: [
            {"app_id": app_id, "version": 1, "event": NAME, "search": "", "list_tag": "", "event_tag": ""}
        ],
        routes.PLAN_VERSIONS: [{"app_id": app_id, "before": 0, "after": 1, "list_tag": "", "diff_tag": ""}],
        routes.PLAN_DRAFT: [
            {"app_id": app_id, "text": None, "filename": "plan.yaml", "step": None},
            *({**draft, "step": step} for step in _STEPS),
        ],
        # The plan that is in force: saving it again makes no version.
        routes.PLAN_SAVE: [
            {
                "app_id": app_id,
                "text": json.dumps(PLAN),
                "filename": "plan.json",
                "base_version": 1,
                "note": "again",
            }
        ],
        exports.EXPORT: [{**explored, "format": "csv"}],
        exports.EXPORT_PROGRESS: [{"id": export_id}],
        exports.EXPORT_CANCEL: [{"id": export_id}],
    }


def tampered(body: Any, values: tuple[Any, ...]) -> Iterator[Any]:
    """The body with each of its values, at any depth, in turn replaced by each of these."""
    for path in _paths(body):
        for value in values:
            yield _replaced(body, path, value)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from _paths(child, (*path, key))


def _replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = deepcopy(body)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed
