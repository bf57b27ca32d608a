"""Fills the drawer with the event, or the rejected event, that the page's script opened."""

from datetime import date
from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import request

from dashboard import links
from dashboard.ids import Ids
from dashboard.judging import field_checks
from dashboard.layout.drawer import event_body, failed_body, rejected_body
from dashboard.layout.drawer_actions import Opened
from dashboard.neighbours import neighbours, neighbours_of_subject
from dashboard.services import Services
from dashboard.view_models.event_detail import event_model
from dashboard.view_models.rejected_detail import rejected_model
from dashboard.viewer import Viewer
from storage.errors import BadRequest, NotFound, Unavailable
from storage.readers import EventRow

Filled = tuple[str, list[Component]]


def register(app: Dash, services: Services) -> None:
    """Adds the callback to the app."""

    @app.callback(
        Output(Ids.DRAWER_TITLE, "children"),
        Output(Ids.DRAWER_BODY, "children"),
        Input(Ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def fill(opened: dict[str, Any] | None) -> Filled:
        # The page begins with nothing opened.
        if opened is None:
            raise PreventUpdate
        return filled(services.viewer(request), opened)


def filled(viewer: Viewer, opened: dict[str, Any]) -> Filled:
    """Title and content for what was opened: `{app_id, seq}` or `{app_id, day, sha256, reason}`."""
    try:
        return _content(viewer, opened)
    except Unavailable:
        return "Not loaded", failed_body("The database cannot be reached now. Close this and open it again.")
    except (NotFound, BadRequest):
        return "Not found", failed_body("This event does not exist, or was removed by retention.")


def _content(viewer: Viewer, opened: dict[str, Any]) -> Filled:
    if _has(opened, app_id=int, seq=int):
        detail = viewer.event(opened["app_id"], opened["seq"])
        event = event_model(detail, field_checks(detail), viewer.zone)
        return event.title, event_body(event, _surroundings(viewer, opened["app_id"], detail.row))
    if _has(opened, app_id=int, day=str, sha256=str, reason=str):
        row = viewer.rejected_event(opened["app_id"], _day(opened["day"]), opened["sha256"], opened["reason"])
        rejected = rejected_model(row, viewer.zone)
        link = links.rejected_event(viewer.app_name(opened["app_id"]), f"{row.day}.{row.sha256}.{row.reason}")
        return rejected.title, rejected_body(rejected, link)
    raise BadRequest("what was opened is neither an event nor a rejected one")


def _surroundings(viewer: Viewer, app_id: int, row: EventRow) -> Opened:
    return Opened(
        viewer.app_name(app_id),
        row,
        neighbours(viewer.ledger(app_id), row.seq),
        neighbours_of_subject(viewer, app_id, row),
    )


def _has(opened: dict[str, Any], **types: type) -> bool:
    return all(type(opened.get(key)) is kind for key, kind in types.items())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest("the day of a rejected event is written YYYY-MM-DD") from None
