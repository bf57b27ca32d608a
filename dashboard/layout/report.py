"""The frame of pages whose body the server words as a whole: controls, banner, and the body's place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled
from dashboard.layout.states import banner
from dashboard.time_ranges import ALL, RELATIVE
from dashboard.visible_text import cell
from storage.readers import AppInfo


def report_page(title: str, controls: Component, start: dict[str, Any], tick_ms: int) -> Component:
    """The frame; `start` tells the page's script which route to ask, and with which view."""
    return html.Div(
        [
            html.H1(title, className="lvd-hidden"),
            banner(),
            controls,
            html.Div(
                html.P("loading…", className="lvd-dimmed"),
                id=Ids.REPORT_BODY,
                className="lvd-report-body",
            ),
            dcc.Store(id=Ids.REPORT_START, data=start),
            dcc.Store(id=Ids.REPORT_VIEW),
            dcc.Store(id=Ids.REPORT_DATA),
            dcc.Interval(id=Ids.TICK, interval=tick_ms),
        ],
        id=Ids.REPORT,
        className="lvd-report",
    )


def report_controls(*controls: Component, zone: ZoneInfo, now: datetime) -> Component:
    """The row at the top of the page."""
    told = html.Span(f"Times in {formats.zone_name(zone, now)}", className="lvd-dimmed lvd-push")
    return html.Div([*controls, told], className="lvd-controls")


def app_choice(apps: Sequence[AppInfo], chosen: AppInfo) -> Component:
    """Which app the page is about."""
    return dmc.Select(
        id=Ids.REPORT_APP,
        data=[{"value": str(app.app_id), "label": cell(app.name)} for app in apps],
        value=str(chosen.app_id),
        allowDeselect=False,
        searchable=len(apps) > 8,
        w=220,
        **labelled("App"),
    )


def range_choice(range_key: str) -> Component:
    """Which time range the page is about."""
    return dmc.SegmentedControl(
        id=Ids.REPORT_RANGE,
        data=[{"value": key, "label": "All" if key == ALL else key} for key in (*RELATIVE, ALL)],
        value=range_key,
        **labelled("Time range"),
    )
