"""Callbacks of the pages Overview and Issues that run in the browser."""

from dash import Dash, Input, Output, State

from dashboard.callbacks.scripts import in_browser
from dashboard.ids import Ids


def register(app: Dash) -> None:
    """Adds them to the app."""
    # Without an output it would not run when the page comes.
    app.clientside_callback(
        in_browser("overviewOpened"),
        Output(Ids.OVERVIEW_OPENED, "data"),
        Input(Ids.OVERVIEW_START, "data"),
    )
    app.clientside_callback(
        in_browser("rejectsChanged"),
        Output(Ids.REJECTS_VIEW, "data"),
        Input(Ids.REJECTS_APP, "value"),
        Input(Ids.REJECTS_RANGE, "value"),
        State(Ids.REJECTS_START, "data"),
    )
    for button, action in ((Ids.REJECTS_MORE, "olderRejects"), (Ids.REJECTS_TOP, "newestRejects")):
        app.clientside_callback(in_browser(action), Input(button, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(
        in_browser("issuesChanged"),
        Output(Ids.ISSUES_VIEW, "data"),
        Input(Ids.ISSUES_APP, "value"),
        Input(Ids.ISSUES_RANGE, "value"),
        Input(Ids.ISSUES_STANDING, "value"),
        Input(Ids.ISSUES_NAMES, "value"),
        Input(Ids.ISSUES_KINDS, "value"),
        Input(Ids.ISSUES_SORT, "value"),
        Input(Ids.ISSUES_EVERY, "n_clicks"),
        State(Ids.ISSUES_APPS, "data"),
    )
    app.clientside_callback(
        in_browser("muteSaved"),
        Input(Ids.MUTE_SAVE, "n_clicks"),
        Input(Ids.MUTE_REASON, "n_submit"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("muteCancelled"), Input(Ids.MUTE_CANCEL, "n_clicks"), prevent_initial_call=True
    )
