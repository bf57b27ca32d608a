"""The body of the page Coverage."""

from typing import Any

from dashboard.api.reports import changed
from dashboard.api.schemas import CoverageAsked
from dashboard.layout.coverage import coverage_body
from dashboard.time_ranges import TimeRange, resolve
from dashboard.view_models.coverage import CoverageRead, coverage_model
from dashboard.viewer import Viewer


def coverage(viewer: Viewer, asked: CoverageAsked) -> dict[str, Any]:
    """What the plan covers in the range; of an event that is open its fields, or a draft of it."""
    span = resolve(asked.range_key, viewer.now, TimeRange())
    opened = viewer.event_fields(asked.app_id, asked.event) if asked.event else None
    drafted = "" if opened else asked.event
    read = CoverageRead(
        viewer.coverage(asked.app_id, span),
        viewer.catalog(asked.app_id),
        viewer.habits(asked.app_id),
        viewer.field_coverage(asked.app_id),
        viewer.unplanned_fields(asked.app_id),
        opened,
        drafted,
        viewer.seen_event(asked.app_id, drafted) if drafted else None,
    )
    body = coverage_body(coverage_model(read, viewer.zone), viewer.app_name(asked.app_id))
    return changed(body, asked.tag)
