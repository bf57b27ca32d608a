"""What the page is about: the app, the time range, and the zone in which times are shown."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.ids import Ids
from dashboard.layout.attributes import PICKER_NAMES, labelled
from dashboard.layout.keys import keys_button
from dashboard.time_ranges import ALL, CUSTOM, KEYS
from dashboard.view_state import ViewState
from dashboard.visible_text import cell
from storage.readers import AppInfo

_SHORT = {ALL: "All", CUSTOM: "Custom"}


def controls(
    apps: Sequence[AppInfo], chosen: AppInfo, view: ViewState, zone: ZoneInfo, now: datetime
) -> Component:
    """The row at the top of the page."""
    return html.Div(
        [
            app_choice(Ids.APP_CHOICE, apps, chosen),
            dmc.SegmentedControl(
                id=Ids.RANGE_CHOICE,
                data=[{"value": key, "label": _SHORT.get(key, key)} for key in KEYS],
                value=view.range_key,
                **labelled("Time range"),
            ),
            _custom_range(view, zone),
            # Its text grows to the right: nothing moves.
            html.Span(id=Ids.LAG, className="lvd-lag"),
            html.Span(
                f"Times in {formats.zone_name(zone, now)}", id=Ids.TIME_ZONE, className="lvd-dimmed lvd-push"
            ),
            keys_button(),
        ],
        className="lvd-controls",
    )


def app_choice(component: Ids, apps: Sequence[AppInfo], chosen: AppInfo) -> Component:
    """Which app the page is about."""
    return dmc.Select(
        id=component,
        data=[{"value": str(app.app_id), "label": cell(app.name)} for app in apps],
        value=str(chosen.app_id),
        allowDeselect=False,
        searchable=len(apps) > 8,
        w=220,
        **labelled("App"),
    )


def _custom_range(view: ViewState, zone: ZoneInfo) -> Component:
    return html.Div(
        [
            moment_picker(Ids.RANGE_FROM, "From", view.custom.start, zone),
            moment_picker(Ids.RANGE_TO, "To", view.custom.end, zone),
        ],
        id=Ids.RANGE_CUSTOM,
        className="lvd-custom-range",
        hidden=view.range_key != CUSTOM,
    )


def moment_picker(picker: Ids, label: str, at: datetime | None, zone: ZoneInfo) -> Component:
    """A picker of a moment, to the minute; `at`: what it says first, None: nothing."""
    return dmc.DateTimePicker(
        id=picker,
        value=formats.to_the_minute(at, zone) + ":00" if at else None,
        placeholder=label,
        valueFormat="YYYY-MM-DD HH:mm",
        clearable=True,
        w=180,
        **PICKER_NAMES,
        **labelled(f"{label}, in your time zone"),
    )
