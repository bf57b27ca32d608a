"""The page Explore: what arrived in any range of time, filtered, counted, and taken away as a file."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard import links
from dashboard.explore_view import ExploreView, from_query
from dashboard.layout.explore import explore_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.frame import Wanted, page_of_one_app
from dashboard.services import APP_COOKIE, Services, cookie
from dashboard.viewer import Viewer
from storage.readers import AppInfo

NAVIGATION = NavigationItem("Explore", links.EXPLORE)


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**query: Any) -> Component:
        return page(services.viewer(request), from_query(query), cookie(request, APP_COOKIE), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="Explore · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, view: ExploreView, remembered: str, services: Services) -> Component:
    """The page for a view."""

    def show(apps: tuple[AppInfo, ...], chosen: AppInfo) -> Component:
        return explore_page(viewer, apps, chosen, view)

    return page_of_one_app(viewer, services, Wanted(view.app, remembered, links.explore), show)
