"""The body of the page Coverage."""

from typing import Any

from dashboard.api.reports import changed
from dashboard.api.schemas import CoverageAsked
from dashboard.layout.coverage import coverage_body
from dashboard.time_ranges import TimeRange, resolve
from dashboard.view_models.coverage import coverage_model
from dashboard.viewer import Viewer


def coverage(viewer: Viewer, asked: CoverageAsked) -> dict[str, Any]:
    """What the plan covers in the range, and the draft that is asked for."""
    span = resolve(asked.range_key, viewer.now, TimeRange())
    model = coverage_model(
        viewer.coverage(asked.app_id, span),
        viewer.catalog(asked.app_id),
        viewer.habits(asked.app_id),
        asked.event,
        viewer.zone,
    )
    return changed(coverage_body(model, viewer.app_name(asked.app_id)), asked.tag)
