"""The event grid with its filters, its way to any row, and what it says of itself."""

from collections.abc import Iterable
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.filters import MAX_VALUE_CHARS
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled, nothing_found
from dashboard.layout.tiles import mark
from dashboard.view_state import Order, Tab, ViewState
from dashboard.visible_text import cell
from tracking_plan.verdict import STORED

#: In pixels. The grid's script caps the scrollable rows by it: browsers cut elements off above 33,554,428 px.
ROW_HEIGHT = 32

#: A function of assets/: 1234567 as 1,234,567.
NUMBER = {"function": "LvdNumber(params.value)"}
#: Another one: 2026-11-22 14:02:11.123 as 14:02:11.123, or 11-22 14:02 on another day.
SHORT = {"function": "LvdShortTime(params.value)"}
#: Marks cells of rows that are still under way.
_LOADING = {"lvd-loading": "params.data == null"}
#: The style sheet puts each status's mark before its word.
_STATUS_CLASSES = _LOADING | {
    f"lvd-status-{verdict.word}": f"params.value == '{verdict.word}'" for verdict in STORED
}
COLUMNS: list[dict[str, Any]] = [
    {"field": "seq", "headerName": "Seq", "width": 94, "type": "rightAligned", "valueFormatter": NUMBER},
    {"field": "received", "headerName": "Received", "width": 190, "tooltipField": "received_utc"},
    # In its place where the page is narrow.
    {
        "field": "received",
        "colId": "received-short",
        "headerName": "Received",
        "width": 112,
        "tooltipField": "received_utc",
        "valueFormatter": SHORT,
        "hide": True,
    },
    {"field": "name", "headerName": "Event", "flex": 3.4, "minWidth": 130, "tooltipField": "name"},
    {"field": "status", "headerName": "Status", "width": 116, "cellClassRules": _STATUS_CLASSES},
    {
        "field": "subject",
        "headerName": "Subject",
        "flex": 2,
        "minWidth": 96,
        "tooltipField": "follow_hint",
        "cellClass": "lvd-followable",
    },
    {"field": "source", "headerName": "Source", "flex": 5, "minWidth": 140, "tooltipField": "source"},
    {
        "field": "problem",
        "headerName": "First violation",
        "flex": 8,
        "minWidth": 110,
        "tooltipField": "problem",
    },
]
#: Of a grid in which a click on a subject opens its event, as on all else.
UNFOLLOWED_COLUMNS = [
    column | {"tooltipField": "subject", "cellClass": ""} if column["field"] == "subject" else column
    for column in COLUMNS
]
COLUMN_DEFAULTS = {
    "sortable": False,
    "resizable": True,
    "suppressMovable": True,
    "suppressHeaderMenuButton": True,
    "cellClassRules": _LOADING,
}
#: Follows the theme of the page.
GRID_THEME = {
    "function": (
        "themeQuartz.withParams({backgroundColor: 'var(--mantine-color-body)',"
        " foregroundColor: 'var(--mantine-color-text)', borderColor: 'var(--mantine-color-default-border)',"
        " accentColor: 'var(--mantine-primary-color-filled)', headerBackgroundColor: 'var(--lvd-surface)',"
        " oddRowBackgroundColor: 'var(--mantine-color-body)', fontFamily: 'inherit', fontSize: 13,"
        " headerFontSize: 12, cellHorizontalPadding: 10, wrapperBorder: false, wrapperBorderRadius: 0})"
    )
}
GRID_OPTIONS: dict[str, Any] = {
    "theme": GRID_THEME,
    "rowHeight": ROW_HEIGHT,
    "headerHeight": 34,
    "cacheBlockSize": 100,
    "maxBlocksInCache": 10,
    "maxConcurrentDatasourceRequests": 2,
    # Longer than two frames: blocks that a drag passes are left out. No longer: each jump waits for it.
    "blockLoadDebounceMillis": 35,
    "infiniteInitialRowCount": 1,
    "rowBuffer": 10,
    "enableBrowserTooltips": True,
    "suppressRowHoverHighlight": False,
    "animateRows": False,
    # The grid's own overlays say nothing of why it is empty; the page does.
    "suppressNoRowsOverlay": True,
}


def events_panel(view: ViewState) -> Component:
    """The grid and the line below it."""
    return html.Div(
        [html.Div([_grid(), _empty(), _new_rows()], className="lvd-grid-box"), _footer()],
        id=Ids.EVENTS_PANEL,
        hidden=view.tab is not Tab.EVENTS,
    )


def filters(view: ViewState) -> Component:
    """Which of the events are listed, and in which order."""
    names = list(view.chosen.names)
    return html.Div(
        [
            dmc.MultiSelect(
                id=Ids.NAMES,
                data=[{"value": name, "label": cell(name)} for name in names],
                value=names,
                placeholder="All events",
                searchable=True,
                clearable=True,
                limit=100,
                **nothing_found("No event of that name in this range"),
                className="lvd-names",
                **labelled("Filter by event name"),
            ),
            html.Div(
                dmc.ChipGroup(
                    [
                        dmc.Chip(
                            [mark(verdict), f" {verdict.word}"], value=verdict.word, size="sm", icon=None
                        )
                        for verdict in STORED
                    ],
                    id=Ids.STATUSES,
                    multiple=True,
                    value=list(view.chosen.statuses),
                ),
                className="lvd-chips",
                role="group",
                **labelled("Filter by status"),
            ),
            *_followed(view),
            dmc.SegmentedControl(
                id=Ids.ORDER,
                data=[
                    {"value": Order.NEWEST.value, "label": "Newest first"},
                    {"value": Order.OLDEST.value, "label": "Oldest first"},
                ],
                value=view.order.value,
                size="xs",
                className="lvd-push",
                **labelled("Order"),
            ),
            dmc.Button("Pause", id=Ids.PAUSE, variant="default", size="xs"),
        ],
        id=Ids.FILTERS,
        className="lvd-filters",
        hidden=view.tab is not Tab.EVENTS,
    )


def _followed(view: ViewState) -> Iterable[Component]:
    for component, value, what in (
        (Ids.SUBJECT, view.chosen.subject, "Subject or device"),
        (Ids.RUN, view.chosen.run, "Run"),
    ):
        yield dmc.TextInput(
            id=component,
            value=value,
            placeholder=what,
            debounce=True,
            size="xs",
            className="lvd-followed",
            attributes={"input": {"maxLength": MAX_VALUE_CHARS}},
            **labelled(f"Follow one {what.lower()}; Enter follows"),
        )


def _grid() -> Component:
    return html.Div(
        dag.AgGrid(
            id=Ids.GRID,
            rowModelType="infinite",
            columnDefs=COLUMNS,
            defaultColDef=COLUMN_DEFAULTS,
            dashGridOptions=GRID_OPTIONS,
            style={"height": "100%", "width": "100%"},
            className="",
        ),
        className="lvd-grid",
        role="region",
        **labelled("Events. Enter opens the event of the focused row, f follows its subject."),
    )


def _empty() -> Component:
    return html.Div(
        [
            html.P(id=Ids.GRID_EMPTY_TEXT),
            dmc.Button("Show all events of all time", id=Ids.CLEAR_FILTERS, variant="default", size="xs"),
        ],
        id=Ids.GRID_EMPTY,
        className="lvd-grid-empty",
        hidden=True,
    )


def _new_rows() -> Component:
    return html.Button(id=Ids.NEW_ROWS, type="button", className="lvd-new-rows", hidden=True)


def _footer() -> Component:
    return html.Div(
        [
            html.Span("loading…", id=Ids.GRID_TOTAL, className="lvd-grid-total"),
            html.Span(id=Ids.GRID_NOTE, className="lvd-grid-note", role="status"),
            dmc.Group(
                [dmc.Button("Top", id=Ids.JUMP_TOP, variant="default", size="xs"), _jumps()],
                gap="xs",
                className="lvd-push",
            ),
        ],
        className="lvd-footer",
    )


def _jumps() -> Component:
    """Of views whose rows have numbers."""
    return html.Div(
        [
            dmc.NumberInput(
                id=Ids.JUMP_ROW,
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
            dmc.Button("End", id=Ids.JUMP_END, variant="default", size="xs"),
        ],
        id=Ids.JUMPS,
        className="lvd-jumps",
    )
