"""What surrounds every page: theme, header with navigation, and the place where pages appear."""

from collections.abc import Sequence
from dataclasses import dataclass

import dash
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.ids import Ids
from dashboard.layout.attributes import DECORATIVE, labelled

PRODUCT = "Live Validation"

_THEME = {
    "primaryColor": "indigo",
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "fontFamilyMonospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    "defaultRadius": "sm",
    "cursorType": "pointer",
    # The theme's own, 6, leaves the words of filled buttons less than 4.5:1 in the light.
    "primaryShade": {"light": 7, "dark": 8},
    "autoContrast": True,
}


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A page in the header."""

    label: str
    path: str


def shell(navigation: Sequence[NavigationItem]) -> Component:
    """The frame of the app; pages replace each other inside it."""
    return dmc.MantineProvider(
        theme=_THEME,
        defaultColorScheme="auto",
        children=[
            html.A("Skip to content", href="#content", className="lvd-skip"),
            html.Header(_header(navigation), className="lvd-header"),
            _unopened(),
            html.Main(dash.page_container, id="content", className="lvd-main", tabIndex=-1),
        ],
    )


def _unopened() -> Component:
    """Says that what is shown is not yet the page of the address; the rest is in assets/09_arrival.js."""
    return html.Div(
        [
            html.B("This page could not be opened yet."),
            html.Span("The server did not send it. Trying again by itself."),
        ],
        id=Ids.UNOPENED,
        className="lvd-banner",
        role="alert",
        hidden=True,
    )


def _active(item: NavigationItem) -> str:
    """When it is marked as the page that is open: every path begins with that of the first page."""
    return "exact" if item.path == "/" else "partial"


def _header(navigation: Sequence[NavigationItem]) -> list[Component]:
    return [
        html.Div(
            [
                html.Span("✓", className="lvd-logo", **DECORATIVE),
                html.Span(PRODUCT, className="lvd-brand-name"),
            ],
            className="lvd-brand",
        ),
        html.Nav(
            [
                dmc.NavLink(label=item.label, href=item.path, active=_active(item), w="auto")
                for item in navigation
            ],
            className="lvd-nav",
            **labelled("Pages"),
        ),
        dmc.ColorSchemeToggle(
            lightIcon=html.Span("☾", **DECORATIVE),
            darkIcon=html.Span("☀", **DECORATIVE),
            id=Ids.THEME_TOGGLE,
            variant="default",
            size="lg",
            **labelled("Switch between light and dark"),
        ),
    ]
