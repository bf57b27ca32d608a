"""The page Live, put together."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.figures import verdict_chart
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled
from dashboard.layout.controls import controls
from dashboard.layout.drawer import drawer
from dashboard.layout.events import events_panel, filters
from dashboard.layout.keys import keys_help
from dashboard.layout.rejected import hint, rejected_panel
from dashboard.layout.states import banner, empty_app, notices, refused_view
from dashboard.layout.tiles import tile_row
from dashboard.view_state import Tab, ViewState
from dashboard.viewer import Viewer
from storage.readers import AppInfo


def live_page(
    viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: ViewState, tick_ms: int
) -> Component:
    """The page for one app; its data come with the first answer of the feed."""
    is_empty = chosen.ledger.last_received_at is None
    return html.Div(
        [
            html.H1("Live", className="lvd-hidden"),
            banner(),
            notices(),
            controls(apps, chosen, view, viewer.zone, viewer.now),
            html.Div([tile_row(), _reconciled()], id=Ids.TILES, hidden=is_empty),
            html.Div([_chart(), _problems()], id=Ids.UPPER, className="lvd-upper", hidden=is_empty),
            empty_app(chosen.name, is_empty=is_empty),
            refused_view(),
            _lists(view, is_empty=is_empty),
            drawer(),
            keys_help(),
            dcc.Store(id=Ids.VIEW),
            dcc.Store(id=Ids.APPS, data={str(app.app_id): app.name for app in apps}),
            dcc.Store(id=Ids.FAULTS, data=list(view.faults)),
            dcc.Store(id=Ids.OPENED),
            dcc.Store(id=Ids.PROBLEMS_DATA),
            dcc.Store(id=Ids.CHART_DATA),
            dcc.Interval(id=Ids.TICK, interval=tick_ms),
        ],
        id=Ids.PAGE,
    )


def waiting_page(tick_ms: int) -> Component:
    """The page while the database cannot say which apps there are."""
    return html.Section(
        [
            html.H1("The database cannot be reached", className="lvd-state-title"),
            html.P("This page goes on by itself as soon as it answers."),
            html.P(["Its state: ", html.Code("lvd db status")], className="lvd-dimmed"),
            dcc.Interval(id=Ids.WAIT_FOR_APPS, interval=tick_ms),
        ],
        className="lvd-state",
        role="alert",
    )


def _reconciled() -> Component:
    return html.P(id=Ids.RECONCILED, className="lvd-dimmed lvd-reconciled")


def _chart() -> Component:
    return html.Section(
        [
            html.H2("Verdicts over time", className="lvd-card-title"),
            dcc.Graph(
                id=Ids.CHART,
                figure=verdict_chart(),
                config={"displayModeBar": False, "responsive": True},
                className="lvd-chart",
                style={"height": "100%"},
            ),
        ],
        className="lvd-card lvd-chart-card",
        **labelled("Events per verdict over time, as stacked bars; the tiles say the same in numbers"),
    )


def _problems() -> Component:
    return html.Section(
        [
            html.H2("What is broken", className="lvd-card-title"),
            html.Div(
                html.P("loading…", className="lvd-dimmed"), id=Ids.PROBLEMS, className="lvd-problem-box"
            ),
        ],
        className="lvd-card",
        **labelled("What is broken"),
    )


def _lists(view: ViewState, *, is_empty: bool) -> Component:
    return html.Section(
        [
            html.Div([_tab_choice(view), filters(view), hint(view)], className="lvd-toolbar"),
            html.Div(id=Ids.FOLLOW),
            events_panel(view),
            rejected_panel(view),
        ],
        id=Ids.LISTS,
        hidden=is_empty,
        className="lvd-card lvd-lists",
    )


def _tab_choice(view: ViewState) -> Component:
    return dmc.SegmentedControl(
        id=Ids.TAB,
        data=[
            {"value": Tab.EVENTS.value, "label": "Events"},
            {"value": Tab.REJECTED.value, "label": "Rejected"},
        ],
        value=view.tab.value,
        **labelled("What to list"),
    )
