"""The list of what could not be stored as an event."""

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import links
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled
from dashboard.layout.events import COLUMN_DEFAULTS, GRID_THEME, NUMBER, ROW_HEIGHT
from dashboard.view_state import Tab, ViewState

_COLUMNS: list[dict[str, Any]] = [
    {"field": "last_seen", "headerName": "Last seen", "width": 196, "tooltipField": "last_seen_utc"},
    {"field": "count", "headerName": "Count", "width": 84, "type": "rightAligned", "valueFormatter": NUMBER},
    {"field": "reason", "headerName": "Reason", "width": 190, "tooltipField": "reason"},
    {"field": "name", "headerName": "Event", "flex": 3, "minWidth": 130, "tooltipField": "name"},
    {
        "field": "message",
        "headerName": "What was wrong",
        "flex": 5,
        "minWidth": 180,
        "tooltipField": "message",
    },
    {"field": "raw", "headerName": "Raw bytes", "flex": 4, "minWidth": 140, "cellClass": "lvd-mono"},
    {"field": "first_seen", "headerName": "First seen", "width": 196, "tooltipField": "first_seen_utc"},
]


def hint(view: ViewState) -> Component:
    """What this list is."""
    return html.P(
        [
            "What could not be stored as an event; a row opens its raw bytes. ",
            dcc.Link("By reason, to export and to send again", href=links.REJECTED),
        ],
        id=Ids.REJECTED_HINT,
        className="lvd-dimmed",
        hidden=view.tab is not Tab.REJECTED,
    )


def rejected_panel(view: ViewState) -> Component:
    """The list, a line of its own state, and a way to older ones."""
    return html.Div(
        [
            html.Div(
                dag.AgGrid(
                    id=Ids.REJECTED_GRID,
                    rowModelType="clientSide",
                    columnDefs=_COLUMNS,
                    defaultColDef=COLUMN_DEFAULTS,
                    getRowId="params.data.id",
                    rowData=[],
                    dashGridOptions={
                        "theme": GRID_THEME,
                        "rowHeight": ROW_HEIGHT,
                        "headerHeight": 34,
                        "enableBrowserTooltips": True,
                        "animateRows": False,
                        "suppressNoRowsOverlay": True,
                    },
                    style={"height": "100%", "width": "100%"},
                    className="",
                ),
                className="lvd-grid lvd-grid-box",
                role="region",
                **labelled("Rejected events. Enter opens the one of the focused row."),
            ),
            html.Div(
                [
                    html.Span("loading…", id=Ids.REJECTED_NOTE, role="status"),
                    dmc.Button(
                        "Load older", id=Ids.REJECTED_MORE, variant="default", size="xs", display="none"
                    ),
                    dmc.Button(
                        "Newest again", id=Ids.REJECTED_TOP, variant="default", size="xs", display="none"
                    ),
                ],
                className="lvd-footer",
            ),
        ],
        id=Ids.REJECTED_PANEL,
        hidden=view.tab is not Tab.REJECTED,
    )
