"""The page Overview: how every app fares, those first that need somebody."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard import links
from dashboard.layout.overview import overview_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.frame import page_of_apps, tick_ms
from dashboard.services import Services
from dashboard.viewer import Viewer

NAVIGATION = NavigationItem("Overview", links.OVERVIEW)


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**_query: Any) -> Component:
        return page(services.viewer(request), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="Overview · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, services: Services) -> Component:
    """The page for a viewer; a word of what to do where there is nothing to show."""
    return page_of_apps(viewer, services, lambda _apps: overview_page(viewer, tick_ms(services)))
