"""The page Rejected: what could not be stored as an event, why, and how to get it in after all."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard import links
from dashboard.layout.rejects import RejectsView, rejects_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.frame import Wanted, page_of_one_app
from dashboard.pages.ticks import report_tick_ms
from dashboard.query import Query, one, texts
from dashboard.services import APP_COOKIE, Services, cookie
from dashboard.view_models.rejected_groups import STEPS
from dashboard.viewer import Viewer
from storage.readers import AppInfo

NAVIGATION = NavigationItem("Rejected", links.REJECTED)
#: What is rejected is rare, and is looked for over days.
_DEFAULT_RANGE = "7d"


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**query: Any) -> Component:
        return page(services.viewer(request), query, cookie(request, APP_COOKIE), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="Rejected · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, query: Query, remembered: str, services: Services) -> Component:
    """The page for a view."""
    name, range_key = one(query, "app"), one(query, "range")

    def show(apps: tuple[AppInfo, ...], chosen: AppInfo) -> Component:
        return rejects_page(
            viewer,
            apps,
            chosen,
            RejectsView(range_key if range_key in STEPS else _DEFAULT_RANGE, texts(query, "reason")),
            report_tick_ms(services),
        )

    return page_of_one_app(viewer, services, Wanted(name, remembered, links.rejected), show)
