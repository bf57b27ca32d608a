"""The page Issues: in which ways events break the plan, since when, and what was said of it."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard import links
from dashboard.issues_view import IssuesView, from_query
from dashboard.layout.issues import issues_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.frame import Wanted, page_of_one_app, tick_ms
from dashboard.services import APP_COOKIE, Services, cookie
from dashboard.viewer import Viewer
from storage.readers import AppInfo

NAVIGATION = NavigationItem("Issues", links.ISSUES)


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**query: Any) -> Component:
        return page(services.viewer(request), from_query(query), cookie(request, APP_COOKIE), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="Issues · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, view: IssuesView, remembered: str, services: Services) -> Component:
    """The page for a view."""

    def show(apps: tuple[AppInfo, ...], chosen: AppInfo) -> Component:
        return issues_page(viewer, apps, chosen, view, tick_ms(services))

    return page_of_one_app(viewer, services, Wanted(view.app, remembered, links.issues), show)
