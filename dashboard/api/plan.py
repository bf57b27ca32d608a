"""The page Plan, to read: the events of a version, one event's schema, the versions and what differs."""

from typing import Any
from zlib import crc32

from dash import html

from dashboard import formats
from dashboard.api.plan_schemas import PlanAsked, VersionsAsked
from dashboard.api.reports import changed
from dashboard.layout.plan_parts import (
    diff_list,
    event_card,
    event_rows,
    no_plan,
    plan_head,
    version_table,
    what_a_plan_is,
)
from dashboard.time_ranges import TimeRange, resolve
from dashboard.view_models.plan import Looking, event_list, event_model, saved_words, version_rows
from dashboard.viewer import Viewer
from storage.plans import StoredPlan
from storage.readers import PlannedEvent
from tracking_plan.diff import PlanDiff, plan_diff
from tracking_plan.formats.native import plan_from_document
from tracking_plan.model import TrackingPlan

Json = dict[str, Any]

#: Over which events are counted: the reading that the page Coverage opens with.
_COUNTED = "24h"


def plan_of(stored: StoredPlan) -> TrackingPlan | None:
    """The stored plan; None: the app has none. Raises PlanError for one of another version of the product."""
    return None if stored.document is None else plan_from_document(stored.document)


def plan(viewer: Viewer, asked: PlanAsked) -> Json:
    """The list and the open event; each only if it reads differently from what the page has."""
    app_id = asked.app_id
    stored = viewer.plan(app_id, asked.version or None)
    in_force = viewer.ledger(app_id).plan_version
    found = plan_of(stored)
    if found is None:
        return {
            "in_force": 0,
            "opened": "",
            "head": [],
            "list": changed(no_plan(viewer.app_name(app_id)), asked.list_tag),
            "event": changed(what_a_plan_is(), asked.event_tag),
        }
    names = list(found.events)
    opened = asked.event if asked.event in found.events else next(iter(names), "")
    listed = event_list(names, _seen(viewer, app_id), Looking(asked.search, opened), viewer.now, viewer.zone)
    # Wording a large schema takes a tenth of a second: a version of an event always reads the same.
    tag = f"{viewer.ledger(app_id).epoch}.{stored.version}.{crc32(opened.encode())}"
    return {
        "in_force": in_force,
        "head": plan_head(_head(stored, in_force, found, viewer), is_in_force=stored.version == in_force),
        "opened": opened,
        "list": changed(event_rows(listed, with_counts=True), asked.list_tag),
        "event": {"tag": tag}
        if tag == asked.event_tag
        else {"tag": tag, "body": event_card(event_model(found, opened))},
    }


def _head(stored: StoredPlan, in_force: int, found: TrackingPlan, viewer: Viewer) -> str:
    words = saved_words(stored, viewer.zone)
    standing = "In force:" if stored.version == in_force else f"Not in force (version {in_force} is):"
    return f"{standing} {words}. {formats.counted(len(found.events), 'event')}."


def _seen(viewer: Viewer, app_id: int) -> dict[str, PlannedEvent]:
    """What came of the events that are planned now, in the last day."""
    span = resolve(_COUNTED, viewer.now, TimeRange())
    return {event.name: event for event in viewer.coverage(app_id, span).events}


def versions(viewer: Viewer, asked: VersionsAsked) -> Json:
    """All versions, and what differs between two of them."""
    saved = viewer.plan_versions(asked.app_id)
    in_force = viewer.ledger(asked.app_id).plan_version
    after = asked.after or in_force
    before = asked.before or max(after - 1, 0)
    tag = f"{viewer.ledger(asked.app_id).epoch}.{before}.{after}"
    rows = version_rows(saved, viewer.zone)
    return {
        "before": before,
        "after": after,
        "list": changed(version_table(rows, before, after), asked.list_tag),
        "diff": {"tag": tag}
        if tag == asked.diff_tag
        else {
            "tag": tag,
            "body": _diff_body(viewer, asked.app_id, before, after),
        },
    }


def _diff_body(viewer: Viewer, app_id: int, before: int, after: int) -> list[Any]:
    if not after:
        return []
    title = f"From version {before} to version {after}" if before else f"Version {after}, the first one"
    old = plan_of(viewer.plan(app_id, before)) if before else None
    new = plan_of(viewer.plan(app_id, after))
    found = plan_diff(old, new) if new else PlanDiff((), ())
    return [html.H2(title, className="lvd-card-title"), *diff_list(found, "Nothing differs.")]
