"""What can be done without a mouse, as a dialog that `?` opens."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.ids import Ids
from dashboard.layout.attributes import labelled

#: The keys that assets/42_keys.js hears.
KEYS = {
    "j": "the next row; in an open event, the next one of the list",
    "k": "the row before",
    "Enter": "open the row",
    "Esc": "close what is open",
    "f": "follow the subject of the row, or stop following",
    "p": "pause the list, or go on",
    "/": "to the filter of event names",
    "?": "this list",
}


def keys_button() -> Component:
    """Opens the list of keys."""
    return dmc.ActionIcon(
        "?", id=Ids.KEYS_OPEN, variant="default", size="sm", **labelled("Keys of this page")
    )


def keys_help() -> Component:
    """Closed."""
    rows = [part for key, does in KEYS.items() for part in (html.Dt(html.Kbd(key)), html.Dd(does))]
    return dmc.Modal(
        [
            html.Dl(rows, id=Ids.KEYS_LIST, className="lvd-facts"),
            html.P("None of them works while you type in a field.", className="lvd-dimmed"),
        ],
        id=Ids.KEYS,
        title="Keys of this page",
        opened=False,
        closeButtonProps={"aria-label": "Close"},
        transitionProps={"duration": 120},
    )
