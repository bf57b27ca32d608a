"""The verdict chart as plain dicts, which Plotly draws; pure."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.counting import SHOWN, Bars
from dashboard.palette import LOOKS
from tracking_plan.verdict import STORED, Verdict

Json = dict[str, Any]

_DAY_MS = 86_400_000
#: Times on an axis, worded as dashboard.formats words them; the second line stands where it changes.
_TIMES = [
    {"dtickrange": [None, _DAY_MS - 1], "value": "%H:%M\n%Y-%m-%d"},
    {"dtickrange": [_DAY_MS, None], "value": "%m-%d\n%Y"},
]


def verdict_chart(shown: Sequence[Verdict] = SHOWN) -> Json:
    """The chart without data: stacked bars over time, one trace per verdict.

    Text and grid lines take their colours from the style sheet, which follows the theme.
    """
    return {
        "data": [
            {
                "type": "bar",
                "name": LOOKS[verdict].word,
                "x": [],
                "y": [],
                "marker": {
                    "color": LOOKS[verdict].colour,
                    "line": {"width": 0},
                    "pattern": {
                        "shape": LOOKS[verdict].pattern,
                        "fillmode": "overlay",
                        "fgcolor": "#ffffff",
                        "fgopacity": 0.55,
                        "size": 5,
                        "solidity": 0.2,
                    },
                },
                # A bar covers what follows its start.
                "offset": 0,
                "hovertemplate": "%{y:,}",
            }
            for verdict in shown
        ],
        "layout": {
            "barmode": "stack",
            "bargap": 0.12,
            # Kept while data come in, so that a zoom or a hidden verdict stays.
            "uirevision": "verdicts",
            "margin": {"l": 8, "r": 4, "t": 26, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "inherit", "size": 12},
            "xaxis": {
                "type": "date",
                "visible": False,
                "automargin": True,
                "showgrid": False,
                "fixedrange": True,
                "nticks": 8,
                "tickformatstops": _TIMES,
                "hoverformat": "%Y-%m-%d %H:%M",
            },
            "yaxis": {
                "visible": False,
                "automargin": True,
                "rangemode": "tozero",
                "tickformat": ",",
                "fixedrange": True,
                "nticks": 5,
            },
            # On the line of the card's title.
            "legend": {
                "orientation": "h",
                "x": 1,
                "xanchor": "right",
                "y": 1.02,
                "yanchor": "bottom",
                "traceorder": "normal",
            },
            "hovermode": "x unified",
            "dragmode": False,
        },
    }


def histogram_chart() -> Json:
    """The chart of stored events: a range is drawn over its bars with the pointer."""
    chart = verdict_chart(STORED)
    chart["layout"]["dragmode"] = "zoom"
    chart["layout"]["xaxis"]["fixedrange"] = False
    return chart


def chart_data(bars: Bars, zone: ZoneInfo, shown: Sequence[Verdict] = SHOWN) -> Json:
    """What changes in the chart: bar starts in the viewer's local time, and a row of counts per verdict."""
    return {
        "x": [start.astimezone(zone).replace(tzinfo=None).isoformat(" ") for start in bars.starts],
        "y": [list(bars.by_verdict[verdict]) for verdict in shown],
        # In milliseconds, a gap between bars taken off.
        "width": bars.step.total_seconds() * 1000 * 0.88,
    }
