"""Fills the drawer with the event, or the rejected event, that the page's script opened."""

from datetime import date
from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component
from flask import request

from dashboard.ids import Ids
from dashboard.judging import field_checks
from dashboard.layout.drawer import event_body, failed_body, rejected_body
from dashboard.services import Services
from dashboard.view_models.event_detail import event_model
from dashboard.view_models.rejected_detail import rejected_model
from dashboard.viewer import Viewer
from storage.errors import NotFound, StorageError, Unavailable

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
        return filled(services.viewer(request), opened or {})


def filled(viewer: Viewer, opened: dict[str, Any]) -> Filled:
    """Title and content for what was opened: `{app_id, seq}` or `{app_id, day, sha256, reason}`."""
    try:
        if "seq" in opened:
            return _event(viewer, int(opened["app_id"]), int(opened["seq"]))
        if "sha256" in opened:
            return _rejected(viewer, opened)
    except Unavailable:
        return "Not loaded", failed_body("The database cannot be reached now. Close this and open it again.")
    except (NotFound, StorageError, KeyError, TypeError, ValueError):
        return "Not found", failed_body("This event does not exist, or was removed by retention.")
    return "", []


def _event(viewer: Viewer, app_id: int, seq: int) -> Filled:
    detail = viewer.event(app_id, seq)
    model = event_model(detail, field_checks(detail), viewer.zone)
    return model.title, event_body(model)


def _rejected(viewer: Viewer, opened: dict[str, Any]) -> Filled:
    row = viewer.rejected_event(
        int(opened["app_id"]), date.fromisoformat(opened["day"]), str(opened["sha256"]), str(opened["reason"])
    )
    model = rejected_model(row, viewer.zone)
    return model.title, rejected_body(model)
