"""The time range of the page Explore: presets, a length of time up to now, or from one minute to another."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.explore_view import ExploreView
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled
from dashboard.layout.controls import moment_picker
from dashboard.time_ranges import ALL, CALENDAR, CUSTOM, RELATIVE, UNITS, length_of

#: Of the list of ranges: a length of time of the viewer's own.
LAST = "last"

_PRESETS = {
    "15m": "Last 15 minutes",
    "1h": "Last hour",
    "6h": "Last 6 hours",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "today": "Today",
    "yesterday": "Yesterday",
    "week": "This week",
    ALL: "All of time",
    LAST: "Last …",
    CUSTOM: "From … to …",
}
_UNIT_WORDS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def range_controls(view: ExploreView, zone: ZoneInfo, now: datetime) -> list[Component]:
    """The list of ranges, what its last two choices ask further, and the ways from one range to the next."""
    chosen = view.range_key if view.range_key in (*RELATIVE, *CALENDAR, ALL, CUSTOM) else LAST
    return [
        dmc.Select(
            id=Ids.EXPLORE_RANGE,
            data=[{"value": key, "label": label} for key, label in _PRESETS.items()],
            value=chosen,
            allowDeselect=False,
            w=170,
            maxDropdownHeight=480,
            **labelled("Time range"),
        ),
        _last(view.range_key if chosen == LAST else "1h", is_shown=chosen == LAST),
        html.Div(
            [
                moment_picker(Ids.EXPLORE_FROM, "From", view.custom.start, zone),
                moment_picker(Ids.EXPLORE_TO, "To", view.custom.end, zone),
            ],
            id=Ids.EXPLORE_CUSTOM,
            className="lvd-custom-range",
            hidden=chosen != CUSTOM,
        ),
        dmc.Group(
            [
                _button(Ids.EXPLORE_EARLIER, "←", "Earlier: the range before this one"),
                _button(Ids.EXPLORE_LATER, "→", "Later: the range after this one"),
                dmc.Button("Zoom out", id=Ids.EXPLORE_WIDER, variant="default"),
                dmc.Button("Refresh", id=Ids.EXPLORE_RELOAD, variant="default"),
            ],
            gap=6,
        ),
        html.Span(
            f"Times in {formats.zone_name(zone, now)}",
            id=Ids.EXPLORE_ZONE,
            className="lvd-dimmed lvd-push",
        ),
    ]


def _last(key: str, *, is_shown: bool) -> Component:
    length = length_of(key) or timedelta(hours=1)
    unit = key[-1]
    return html.Div(
        [
            dmc.NumberInput(
                id=Ids.EXPLORE_LAST_NUMBER,
                value=length // UNITS[unit],
                min=1,
                max=9_999,
                allowDecimal=False,
                allowNegative=False,
                # What a range cannot be is not taken while it is typed.
                clampBehavior="strict",
                debounce=400,
                w=90,
                **labelled("Last so many"),
            ),
            dmc.Select(
                id=Ids.EXPLORE_LAST_UNIT,
                data=[{"value": key, "label": word} for key, word in _UNIT_WORDS.items()],
                value=unit,
                allowDeselect=False,
                w=110,
                **labelled("Unit of time"),
            ),
        ],
        id=Ids.EXPLORE_LAST,
        className="lvd-custom-range",
        hidden=not is_shown,
    )


def _button(component: Ids, sign: str, says: str) -> Component:
    return dmc.Button(sign, id=component, variant="default", px=10, **labelled(says))
