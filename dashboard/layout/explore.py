"""The page Explore, put together."""

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.explore_view import ExploreView
from dashboard.figures import histogram_chart
from dashboard.ids import Ids
from dashboard.layout.attributes import PICKER_NAMES, labelled
from dashboard.layout.controls import app_choice
from dashboard.layout.drawer import drawer
from dashboard.layout.events import COLUMN_DEFAULTS, GRID_OPTIONS, UNFOLLOWED_COLUMNS
from dashboard.layout.explore_filters import LABELS, filter_card
from dashboard.layout.explore_range import range_controls
from dashboard.layout.states import banner, empty_app, notices
from dashboard.view_state import Order
from dashboard.viewer import Viewer
from storage.readers import AppInfo


def explore_page(viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: ExploreView) -> Component:
    """The page for one app; its data come by its scripts."""
    is_empty = chosen.ledger.last_received_at is None
    return html.Div(
        [
            html.H1("Explore", className="lvd-hidden"),
            banner(),
            notices(),
            html.Div(
                [app_choice(Ids.EXPLORE_APP, apps, chosen), *range_controls(view, viewer.zone, viewer.now)],
                className="lvd-controls",
            ),
            empty_app(chosen.name, is_empty=is_empty),
            html.Div(
                [filter_card(), _chart(), _rows(view)],
                id=Ids.EXPLORE_BODY,
                className="lvd-page lvd-fades",
                hidden=is_empty,
            ),
            drawer(),
            dcc.Store(id=Ids.OPENED),
            dcc.Store(id=Ids.EXPLORE_START, data=_start(view)),
            dcc.Store(id=Ids.EXPLORE_VIEW),
            dcc.Store(id=Ids.EXPLORE_APPS, data={str(app.app_id): app.name for app in apps}),
            dcc.Store(id=Ids.EXPLORE_CHART_DATA),
        ],
        id=Ids.EXPLORE,
        className="lvd-page",
    )


def _start(view: ExploreView) -> dict[str, Any]:
    """What the page's address says of filters, how they are called, and what it says wrongly."""
    wanted = view.wanted
    return {
        "values": {field.value: list(values) for field, values in wanted.values.items()},
        "unwanted": {field.value: list(values) for field, values in wanted.unwanted.items()},
        "where": list(wanted.where),
        "labels": LABELS,
        "faults": list(view.faults),
    }


def _chart() -> Component:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Stored events over time", className="lvd-card-title"),
                    html.Span(id=Ids.EXPLORE_SPAN, className="lvd-dimmed"),
                    html.Span(id=Ids.EXPLORE_CHART_NOTE, className="lvd-dimmed", role="status"),
                ],
                className="lvd-chart-head",
            ),
            dcc.Graph(
                id=Ids.EXPLORE_CHART,
                figure=histogram_chart(),
                config={"displayModeBar": False, "responsive": True, "doubleClick": False},
                className="lvd-chart",
                style={"height": "100%"},
            ),
        ],
        className="lvd-card lvd-histogram",
        **labelled("Stored events by status over time, as stacked bars; draw over bars to look closer"),
    )


def _rows(view: ExploreView) -> Component:
    return html.Section(
        [
            html.Div([_order(view), *_jumps(), _export()], className="lvd-toolbar"),
            _export_state(),
            html.Div([_grid(), _nothing()], className="lvd-grid-box"),
            html.Div(
                [
                    html.Span("loading…", id=Ids.EXPLORE_TOTAL, className="lvd-grid-total"),
                    html.Span(id=Ids.EXPLORE_NOTE, className="lvd-grid-note", role="status"),
                    dmc.Button(
                        "Search on", id=Ids.EXPLORE_SEARCH_ON, variant="default", size="xs", display="none"
                    ),
                ],
                className="lvd-footer",
            ),
        ],
        className="lvd-card lvd-lists",
        **labelled("Events"),
    )


def _order(view: ExploreView) -> Component:
    return dmc.SegmentedControl(
        id=Ids.EXPLORE_ORDER,
        data=[
            {"value": Order.NEWEST.value, "label": "Newest first"},
            {"value": Order.OLDEST.value, "label": "Oldest first"},
        ],
        value=view.order.value,
        size="xs",
        **labelled("Order"),
    )


def _jumps() -> list[Component]:
    return [
        dmc.DateTimePicker(
            id=Ids.EXPLORE_JUMP_TIME,
            placeholder="Go to time",
            valueFormat="YYYY-MM-DD HH:mm",
            clearable=True,
            size="xs",
            w=150,
            **PICKER_NAMES,
            **labelled("Go to a time, in your time zone"),
        ),
        dmc.NumberInput(
            id=Ids.EXPLORE_JUMP_ROW,
            placeholder="Row number",
            min=1,
            step=1,
            allowDecimal=False,
            allowNegative=False,
            thousandSeparator=",",
            hideControls=True,
            size="xs",
            w=120,
            **labelled("Go to row number; Enter goes"),
        ),
        dmc.Button("Top", id=Ids.EXPLORE_TOP, variant="default", size="xs"),
        dmc.Button("End", id=Ids.EXPLORE_END, variant="default", size="xs"),
    ]


def _export() -> Component:
    menu = dmc.Menu(
        [
            # The wrapper gets the menu's aria attributes, so it has to be the button itself.
            dmc.MenuTarget(
                "Export all that matches",
                boxWrapperProps={"component": "button", "type": "button", "className": "lvd-small-button"},
            ),
            dmc.MenuDropdown(
                [
                    dmc.MenuItem("CSV, for spreadsheets", id=Ids.EXPORT_CSV),
                    dmc.MenuItem("JSON lines", id=Ids.EXPORT_JSONL),
                    dmc.MenuItem("Parquet", id=Ids.EXPORT_PARQUET),
                ]
            ),
        ],
        position="bottom-end",
    )
    return html.Div(menu, className="lvd-push")


def _export_state() -> Component:
    return html.Div(
        [
            html.Span(id=Ids.EXPORT_TEXT, role="status"),
            dmc.Button("Cancel", id=Ids.EXPORT_CANCEL, variant="default", size="xs"),
        ],
        id=Ids.EXPORT_STATE,
        className="lvd-notice",
        hidden=True,
    )


def _grid() -> Component:
    return html.Div(
        dag.AgGrid(
            id=Ids.EXPLORE_GRID,
            rowModelType="infinite",
            columnDefs=UNFOLLOWED_COLUMNS,
            defaultColDef=COLUMN_DEFAULTS,
            dashGridOptions=GRID_OPTIONS,
            style={"height": "100%", "width": "100%"},
            className="",
        ),
        className="lvd-grid lvd-explore-grid",
        role="region",
        **labelled("Events. Enter opens the event of the focused row."),
    )


def _nothing() -> Component:
    return html.Div(
        [
            html.P(id=Ids.EXPLORE_EMPTY_TEXT),
            dmc.Button(
                "Show all events of all time", id=Ids.EXPLORE_EVERYTHING, variant="default", size="xs"
            ),
        ],
        id=Ids.EXPLORE_EMPTY,
        className="lvd-grid-empty",
        hidden=True,
    )
