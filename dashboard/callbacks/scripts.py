"""Callbacks that run in the browser; their functions are in assets/, under the namespace `lvd`."""

from dash import ClientsideFunction, Dash, Input, Output, State

from dashboard.ids import Ids

_NAMESPACE = "lvd"


def in_browser(name: str) -> ClientsideFunction:
    """The function of that name in assets/."""
    return ClientsideFunction(namespace=_NAMESPACE, function_name=name)


def register(app: Dash) -> None:
    """Adds them to the app."""
    app.clientside_callback(
        in_browser("viewChanged"),
        Output(Ids.VIEW, "data"),
        Input(Ids.APP_CHOICE, "value"),
        Input(Ids.RANGE_CHOICE, "value"),
        Input(Ids.RANGE_FROM, "value"),
        Input(Ids.RANGE_TO, "value"),
        Input(Ids.NAMES, "value"),
        Input(Ids.STATUSES, "value"),
        Input(Ids.SUBJECT, "value"),
        Input(Ids.RUN, "value"),
        Input(Ids.ORDER, "value"),
        Input(Ids.TAB, "value"),
        State(Ids.APPS, "data"),
        State(Ids.FAULTS, "data"),
    )
    app.clientside_callback(in_browser("tick"), Input(Ids.TICK, "n_intervals"))
    app.clientside_callback(in_browser("installGrid"), Input(Ids.GRID, "getRowsRequest"))
    app.clientside_callback(
        in_browser("passOn"),
        Output(Ids.PROBLEMS, "children"),
        Input(Ids.PROBLEMS_DATA, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("drawChart"),
        Output(Ids.CHART, "figure"),
        Input(Ids.CHART_DATA, "data"),
        State(Ids.CHART, "figure"),
        prevent_initial_call=True,
    )
    _register_reports(app)
    app.clientside_callback(in_browser("waitForApps"), Input(Ids.WAIT_FOR_APPS, "n_intervals"))
    app.clientside_callback(
        in_browser("drawerMoved"),
        Input(Ids.DRAWER, "opened"),
        State(Ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    for button, action in (
        (Ids.JUMP_TOP, "jumpTop"),
        (Ids.JUMP_END, "jumpEnd"),
        (Ids.NEW_ROWS, "showNew"),
        (Ids.PAUSE, "pause"),
        (Ids.KEYS_OPEN, "showKeys"),
        (Ids.CLEAR_FILTERS, "clearFilters"),
        (Ids.REJECTED_MORE, "moreRejected"),
        (Ids.REJECTED_TOP, "newestRejected"),
    ):
        app.clientside_callback(in_browser(action), Input(button, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(
        in_browser("jumpRow"),
        Input(Ids.JUMP_ROW, "n_submit"),
        State(Ids.JUMP_ROW, "value"),
        prevent_initial_call=True,
    )


def _register_reports(app: Dash) -> None:
    """Pages whose body the server words as a whole; not each of them has each control."""
    # Its output makes Dash call it when the page opens; callbacks without one are not.
    app.clientside_callback(
        in_browser("reportOpened"), Output(Ids.REPORT_VIEW, "data"), Input(Ids.REPORT_START, "data")
    )
    for component, value, action in (
        (Ids.REPORT_APP, "value", "reportApp"),
        (Ids.REPORT_RANGE, "value", "reportRange"),
    ):
        app.clientside_callback(in_browser(action), Input(component, value))
    app.clientside_callback(
        in_browser("passOn"),
        Output(Ids.REPORT_BODY, "children"),
        Input(Ids.REPORT_DATA, "data"),
        prevent_initial_call=True,
    )
