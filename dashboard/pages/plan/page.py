"""The page Plan: what an app's events should be, since when, and how that is changed."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard import links
from dashboard.layout.plan import plan_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.frame import Wanted, page_of_one_app
from dashboard.pages.ticks import report_tick_ms
from dashboard.plan_view import PlanView, from_query
from dashboard.services import APP_COOKIE, Services, cookie
from dashboard.viewer import Viewer
from storage.readers import AppInfo

NAVIGATION = NavigationItem("Plan", links.PLAN)


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**query: Any) -> Component:
        return page(services.viewer(request), from_query(query), cookie(request, APP_COOKIE), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="Plan · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, view: PlanView, remembered: str, services: Services) -> Component:
    """The page for a view."""

    def show(apps: tuple[AppInfo, ...], chosen: AppInfo) -> Component:
        return plan_page(viewer, apps, chosen, view, report_tick_ms(services))

    return page_of_one_app(viewer, services, Wanted(view.app, remembered, links.plan), show)
