"""The page Rejected: its groups, its list, and what can be done with them."""

from typing import Any

from dashboard import formats
from dashboard.api.rejected import PAGE_ROWS, cursor_of, following
from dashboard.api.reports import changed
from dashboard.api.schemas import RejectsAsked, RejectsViewAsked
from dashboard.grid_rows import rejected_row
from dashboard.ids import Ids
from dashboard.layout.rejects import export_links, group_table, list_rows, replay_words
from dashboard.time_ranges import TimeRange, resolve
from dashboard.view_models.rejected_groups import STEPS, GroupList, group_list
from dashboard.viewer import Viewer

Json = dict[str, Any]


def rejects(viewer: Viewer, asked: RejectsAsked) -> Json:
    """What the page shows now, or the page of its list that follows."""
    view = asked.view
    span = resolve(view.range_key, viewer.now, TimeRange())
    page = viewer.rejected(view.app_id, span, cursor_of(asked.after), PAGE_ROWS, view.reasons)
    rows = list_rows(rejected_row(row, viewer.zone) for row in page.rows)
    if asked.after is not None:
        return {"rows": changed(rows, ""), "next": following(page)}
    groups = _groups(viewer, view, span)
    return {
        "groups": changed(group_table(groups, view.reasons), asked.groups_tag),
        "replay": replay_words(viewer.app_name(view.app_id), view.reasons, groups),
        "export": export_links(view.app_id, view.range_key, view.reasons, groups),
        "rows": changed(rows, asked.rows_tag),
        "next": following(page),
        "texts": {
            Ids.REJECTS_ZONE.value: f"Times in {formats.zone_name(viewer.zone, viewer.now)}",
        },
    }


def _groups(viewer: Viewer, view: RejectsViewAsked, span: TimeRange) -> GroupList:
    step = STEPS[view.range_key]
    groups = viewer.rejected_groups(view.app_id, span, step)
    return group_list(groups, view.range_key, span, viewer.now, viewer.zone)
