"""What stands where data would: no apps, an app without events, and the notes of a page in trouble."""

import shlex
from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.ids import Ids
from dashboard.layout.attributes import told_to_scripts
from dashboard.time_ranges import DEFAULT
from dashboard.visible_text import cell

#: What a copied command needs beside what it says. The dashboard does not know how others reach what it
#: reads, and an address with a password must not be shown.
SAME_STORE = "Run it where the server's data are found: with the same --data-dir or LVD_DATABASE_URL."
SAME_SERVER = "Where the ingest server does not listen at 127.0.0.1:50051, name it by --target HOST:PORT."

_HOW_TO_START = """lvd app create Shop
lvd plan push --app Shop plan.yaml
lvd key create --app Shop"""

_HOW_TO_SEND = """export LVD_KEY="$(lvd key create --app {app})"
echo '{{"name": "Hello", "payload": {{"n": 1}}}}' | lvd send -"""


def no_apps(wait_ms: int) -> Component:
    """The page before any app exists: how to make one; it goes on by itself."""
    return html.Section(
        [
            html.H1("No apps yet", className="lvd-state-title"),
            html.P("An app is one product whose events are checked. Make the first one:"),
            html.Pre(_HOW_TO_START, className="lvd-code"),
            html.P(SAME_STORE, className="lvd-dimmed"),
            html.P("Or watch synthetic shop traffic first:"),
            html.Pre("lvd demo", className="lvd-code"),
            html.P("This page goes on by itself as soon as there is an app.", className="lvd-dimmed"),
            dcc.Interval(id=Ids.WAIT_FOR_APPS, interval=wait_ms),
        ],
        className="lvd-state",
    )


def no_permission() -> Component:
    """The page of somebody who may see none of the apps."""
    return html.Section(
        [
            html.H1("No app is open to you", className="lvd-state-title"),
            html.P("There are apps here, but you may see none of them."),
            html.P("Ask whoever runs this dashboard to let you see the app that you work on."),
        ],
        className="lvd-state",
    )


def no_such_page(pages: Sequence[tuple[str, str]]) -> Component:
    """The page at an address that there is not; `pages`: (name, address) of those that there are."""
    return html.Section(
        [
            html.H1("There is no such page", className="lvd-state-title"),
            html.P("The address may be cut off or misspelled. These are the pages:"),
            _links(pages),
        ],
        className="lvd-state",
    )


def unknown_app(name: str, others: Sequence[tuple[str, str]]) -> Component:
    """The page of an app that is not there for this viewer; `others`: (name, address) of those that are."""
    return html.Section(
        [
            html.H1(["No app ", html.Q(cell(name))], className="lvd-state-title"),
            html.P("It was deleted or renamed, never made, or is not open to you. These are:"),
            _links(others),
        ],
        className="lvd-state",
    )


def empty_app(app: str, *, is_empty: bool) -> Component:
    """An app without events: how to send the first one."""
    return html.Section(
        [
            html.H2("No events yet", className="lvd-state-title"),
            html.P("Make a key and send the first one; it appears here within two seconds:"),
            html.Pre(how_to_send(app), id=Ids.EMPTY_APP_COMMAND, className="lvd-code"),
            html.P(f"{SAME_STORE} {SAME_SERVER}", className="lvd-dimmed"),
        ],
        id=Ids.EMPTY_APP,
        className="lvd-state",
        hidden=not is_empty,
    )


def how_to_send(app: str) -> str:
    """The commands that send an app's first event."""
    return _HOW_TO_SEND.format(app=shlex.quote(app))


def refused_view() -> Component:
    """A view that the server refused, such as a range that ends before it begins: why, and how to go on."""
    return html.Section(
        [
            html.H2("Nothing to show for this view", className="lvd-state-title"),
            html.P(id=Ids.REFUSED_WHY),
            html.Div(
                [
                    _way_out("Show the last hour", range=DEFAULT),
                    _way_out("Clear the filters", unfiltered="yes"),
                ],
                className="lvd-state-ways",
            ),
        ],
        id=Ids.REFUSED,
        className="lvd-state",
        role="alert",
        hidden=True,
    )


def _way_out(text: str, **told: str) -> Component:
    return html.Button(text, type="button", className="lvd-small-button", **told_to_scripts(**told))


def banner() -> Component:
    """Says that data are old or not there, since when, and that the page goes on by itself."""
    return html.Div(
        [html.B(id=Ids.BANNER_HEAD), html.Span(id=Ids.BANNER_TEXT)],
        id=Ids.BANNER,
        className="lvd-banner",
        role="alert",
        hidden=True,
    )


def notices(done: Ids | None = None) -> Component:
    """What assets/07_notices.js tells, in sight wherever the page is scrolled.

    `done`: of a page on which something can be done, where that is told; the focus goes on from here.
    """
    told = [] if done is None else [_notice(done, role="status", tabIndex=-1)]
    return html.Div([_notice(Ids.NOTICE, role="alert"), *told], className="lvd-toasts")


def _notice(component: Ids, **attributes: Any) -> Component:
    return html.Div(
        [
            html.Span(className="lvd-toast-text"),
            html.Button(
                "Close", id=f"{component}-close", type="button", className="lvd-link lvd-toast-close"
            ),
        ],
        id=component,
        className="lvd-toast",
        hidden=True,
        **attributes,
    )


def _links(targets: Sequence[tuple[str, str]]) -> Component:
    items = [html.Li(dcc.Link(cell(name), href=address)) for name, address in targets]
    return html.Ul(items, className="lvd-state-list")


def push_command(app: str) -> Component:
    """How to push a plan from a file."""
    return html.Div(
        [
            html.Pre(f"lvd plan push --app {shlex.quote(app)} plan.yaml", className="lvd-code"),
            html.P(SAME_STORE, className="lvd-dimmed"),
        ]
    )
