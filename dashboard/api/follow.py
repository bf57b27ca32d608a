"""What is told of a followed subject or run."""

from typing import Any

from dashboard.api.reports import changed
from dashboard.api.schemas import Asked
from dashboard.filters import Chosen, to_reader
from dashboard.layout.follow import follow_strip
from dashboard.time_ranges import TimeRange
from dashboard.view_models.follow import NEWEST, follow_model
from dashboard.viewer import Viewer


def follow(viewer: Viewer, view: Asked, tag: str) -> dict[str, Any]:
    """The strip, unless the page has it under `tag`; {} where nothing is followed.

    Of all time and of every name and status, whatever else the page is filtered by: by event_by_subject, or
    event_by_run.
    """
    if not (view.subject or view.run):
        return {}
    followed = to_reader(Chosen(subject=view.subject, run=view.run), TimeRange())
    newest = viewer.newest(view.app_id, followed, newest_first=True, limit=NEWEST).rows
    return changed(follow_strip(follow_model(view.subject, view.run, newest, viewer.zone)), tag)
