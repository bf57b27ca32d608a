"""Callbacks of the page Explore that run in the browser."""

from dash import Dash, Input, Output, State

from dashboard.callbacks.scripts import in_browser
from dashboard.ids import Ids


def register(app: Dash) -> None:
    """Adds them to the app."""
    # Its output makes Dash call it when the page opens; callbacks without one are not.
    app.clientside_callback(
        in_browser("exploreChanged"),
        Output(Ids.EXPLORE_VIEW, "data"),
        Input(Ids.EXPLORE_APP, "value"),
        Input(Ids.EXPLORE_RANGE, "value"),
        Input(Ids.EXPLORE_LAST_NUMBER, "value"),
        Input(Ids.EXPLORE_LAST_UNIT, "value"),
        Input(Ids.EXPLORE_FROM, "value"),
        Input(Ids.EXPLORE_TO, "value"),
        Input(Ids.EXPLORE_ORDER, "value"),
        State(Ids.EXPLORE_START, "data"),
        State(Ids.EXPLORE_APPS, "data"),
    )
    app.clientside_callback(
        in_browser("drawExploreChart"),
        Output(Ids.EXPLORE_CHART, "figure"),
        Input(Ids.EXPLORE_CHART_DATA, "data"),
        State(Ids.EXPLORE_CHART, "figure"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("exploreBrushed"),
        Input(Ids.EXPLORE_CHART, "relayoutData"),
        State(Ids.EXPLORE_CHART_DATA, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(in_browser("installExploreGrid"), Input(Ids.EXPLORE_GRID, "getRowsRequest"))
    app.clientside_callback(
        in_browser("exploreFilterShape"),
        Input(Ids.EXPLORE_FIELD, "value"),
        Input(Ids.EXPLORE_HOW, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("exploreSearched"),
        Input(Ids.EXPLORE_CHOSEN, "searchValue"),
        State(Ids.EXPLORE_CHOSEN, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("exploreEntered"),
        Input(Ids.EXPLORE_CHOSEN, "n_submit"),
        State(Ids.EXPLORE_CHOSEN, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("exploreAdd"),
        Input(Ids.EXPLORE_ADD, "n_clicks"),
        Input(Ids.EXPLORE_PROPERTY, "n_submit"),
        State(Ids.EXPLORE_FIELD, "value"),
        State(Ids.EXPLORE_HOW, "value"),
        State(Ids.EXPLORE_CHOSEN, "value"),
        State(Ids.EXPLORE_TYPED, "value"),
        prevent_initial_call=True,
    )
    for button, action in (
        (Ids.EXPLORE_EARLIER, "exploreEarlier"),
        (Ids.EXPLORE_LATER, "exploreLater"),
        (Ids.EXPLORE_WIDER, "exploreWider"),
        (Ids.EXPLORE_RELOAD, "exploreReload"),
        (Ids.EXPLORE_EVERYTHING, "exploreEverything"),
        (Ids.EXPLORE_TOP, "exploreTop"),
        (Ids.EXPLORE_END, "exploreEnd"),
        (Ids.EXPLORE_SEARCH_ON, "exploreSearchOn"),
        (Ids.EXPORT_CSV, "exportCsv"),
        (Ids.EXPORT_JSONL, "exportJsonLines"),
        (Ids.EXPORT_PARQUET, "exportParquet"),
        (Ids.EXPORT_CANCEL, "exportCancel"),
    ):
        app.clientside_callback(in_browser(action), Input(button, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(
        in_browser("exploreJumpRow"),
        Input(Ids.EXPLORE_JUMP_ROW, "n_submit"),
        State(Ids.EXPLORE_JUMP_ROW, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        in_browser("exploreJumpTime"), Input(Ids.EXPLORE_JUMP_TIME, "value"), prevent_initial_call=True
    )
