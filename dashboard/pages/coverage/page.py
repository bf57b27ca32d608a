"""The page Coverage: what of the plan came, and what came beside it."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard import links
from dashboard.api.routes import COVERAGE
from dashboard.layout.report import app_choice, range_choice, report_controls, report_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.frame import Wanted, page_of_one_app
from dashboard.pages.ticks import report_tick_ms
from dashboard.services import APP_COOKIE, Services, cookie
from dashboard.time_ranges import CUSTOM
from dashboard.view_state import ViewState, from_query
from dashboard.viewer import Viewer
from storage.readers import AppInfo

NAVIGATION = NavigationItem("Coverage", links.COVERAGE)
#: A day shows what an hour does not: what comes rarely.
_DEFAULT_RANGE = "24h"


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**query: Any) -> Component:
        view = from_query({"range": _DEFAULT_RANGE, **query})
        return page(services.viewer(request), view, cookie(request, APP_COOKIE), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="Coverage · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, view: ViewState, remembered: str, services: Services) -> Component:
    """The frame for a view."""
    range_key = _DEFAULT_RANGE if view.range_key == CUSTOM else view.range_key

    def show(apps: tuple[AppInfo, ...], chosen: AppInfo) -> Component:
        start = {
            "route": COVERAGE,
            "app_names": {str(app.app_id): app.name for app in apps},
            "view": {
                "app_id": chosen.app_id,
                "range_key": range_key,
                "event": next(iter(view.chosen.names), ""),
            },
        }
        controls = report_controls(
            app_choice(apps, chosen), range_choice(range_key), zone=viewer.zone, now=viewer.now
        )
        return report_page("Coverage", controls, start, report_tick_ms(services))

    return page_of_one_app(viewer, services, Wanted(view.app, remembered, links.coverage), show)
