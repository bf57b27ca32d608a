"""Callbacks of the page Plan that run in the browser."""

from dash import Dash, Input, Output, State

from dashboard.callbacks.scripts import in_browser
from dashboard.ids import Ids


def register(app: Dash) -> None:
    """Adds them to the app."""
    app.clientside_callback(
        in_browser("planChanged"),
        # Without an output it would not run when the page comes.
        Output(Ids.PLAN_VIEW, "data"),
        Input(Ids.PLAN_APP, "value"),
        Input(Ids.PLAN_TAB, "value"),
        Input(Ids.PLAN_AS, "value"),
        Input(Ids.PLAN_SEARCH, "value"),
        State(Ids.PLAN_APPS, "data"),
        State(Ids.PLAN_START, "data"),
    )
    for button, action in (
        (Ids.PLAN_UPLOAD, "planUpload"),
        (Ids.PLAN_DISCARD, "planDiscard"),
        (Ids.PLAN_REBASE, "planRebase"),
        (Ids.PLAN_ADD_EVENT, "planAddEvent"),
        (Ids.PLAN_SETTINGS, "planSettings"),
        (Ids.SETTINGS_CANCEL, "planCancel"),
        (Ids.EVENT_CANCEL, "planCancel"),
        (Ids.PROPERTY_CANCEL, "planCancel"),
    ):
        app.clientside_callback(in_browser(action), Input(button, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(
        in_browser("planSave"),
        Input(Ids.PLAN_SAVE, "n_clicks"),
        State(Ids.PLAN_NOTE, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("planEventSaved"),
        Input(Ids.EVENT_SAVE, "n_clicks"),
        Input(Ids.EVENT_NAME, "n_submit"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("planSettingsSaved"),
        Input(Ids.SETTINGS_SAVE, "n_clicks"),
        State(Ids.SETTINGS_NAME, "value"),
        State(Ids.SETTINGS_FORMATS, "value"),
        State(Ids.SETTINGS_EVENTS, "value"),
        State(Ids.SETTINGS_PROPERTIES, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("planPropertySaved"),
        Input(Ids.PROPERTY_SAVE, "n_clicks"),
        State(Ids.PROPERTY_PATH, "value"),
        State(Ids.PROPERTY_TYPES, "value"),
        State(Ids.PROPERTY_REQUIRED, "checked"),
        State(Ids.PROPERTY_VALUES, "value"),
        State(Ids.PROPERTY_PATTERN, "value"),
        State(Ids.PROPERTY_LEAST, "value"),
        State(Ids.PROPERTY_MOST, "value"),
        State(Ids.PROPERTY_DESCRIPTION, "value"),
        prevent_initial_call=True,
    )
