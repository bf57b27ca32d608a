"""Fills the drawer with the event, or the rejected event, that the page's script opened."""

from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import request
from pydantic import TypeAdapter, ValidationError

from dashboard import links
from dashboard.api.schemas import EventAsked, RejectedOpened
from dashboard.callbacks.scripts import in_browser
from dashboard.ids import Ids
from dashboard.judging import field_checks
from dashboard.layout.drawer import event_body, failed_body, rejected_body
from dashboard.layout.drawer_actions import Opened
from dashboard.neighbours import neighbours, neighbours_of_subject
from dashboard.services import Services
from dashboard.view_models.event_detail import event_model
from dashboard.view_models.rejected_detail import rejected_model
from dashboard.viewer import Viewer
from storage.errors import NotFound, Unavailable
from storage.readers import EventRow

Filled = tuple[str, list[Component]]

_OPENED: TypeAdapter[EventAsked | RejectedOpened] = TypeAdapter(EventAsked | RejectedOpened)


def register(app: Dash, services: Services) -> None:
    """Adds the callbacks to the app."""
    # Its output makes Dash call it when an event's fields are there; callbacks without one are not.
    app.clientside_callback(
        in_browser("drawFields"), Output(Ids.FIELDS_DRAWN, "data"), Input(Ids.FIELDS_DATA, "data")
    )

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
        # Its number makes each opening a change.
        return filled(services.viewer(request), {key: opened[key] for key in opened if key != "opened"})


def filled(viewer: Viewer, opened: dict[str, Any]) -> Filled:
    """Title and content for what was opened: `{app_id, seq}` or `{app_id, day, sha256, reason}`."""
    try:
        return _content(viewer, _OPENED.validate_python(opened))
    except Unavailable:
        return "Not loaded", failed_body("The database cannot be reached now. Close this and open it again.")
    except (NotFound, ValidationError):
        return "Not found", failed_body("This event does not exist, or was removed by retention.")


def _content(viewer: Viewer, opened: EventAsked | RejectedOpened) -> Filled:
    if isinstance(opened, EventAsked):
        detail = viewer.event(opened.app_id, opened.seq)
        event = event_model(detail, field_checks(detail), viewer.zone)
        return event.title, event_body(event, _surroundings(viewer, opened.app_id, detail.row))
    row = viewer.rejected_event(opened.app_id, opened.day, opened.sha256, opened.reason)
    rejected = rejected_model(row, viewer.zone)
    link = links.rejected_event(viewer.app_name(opened.app_id), f"{row.day}.{row.sha256}.{row.reason}")
    return rejected.title, rejected_body(rejected, link)


def _surroundings(viewer: Viewer, app_id: int, row: EventRow) -> Opened:
    return Opened(
        viewer.app_name(app_id),
        row,
        neighbours(viewer.ledger(app_id), row.seq),
        neighbours_of_subject(viewer, app_id, row),
    )
