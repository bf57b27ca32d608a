"""The page System: whether ingest runs, how fast, and what it stores."""

from typing import Any

import dash
from dash.development.base_component import Component
from flask import request

from dashboard.api.routes import SYSTEM
from dashboard.layout.report import report_controls, report_page
from dashboard.layout.shell import NavigationItem
from dashboard.pages.ticks import report_tick_ms
from dashboard.services import Services
from dashboard.viewer import Viewer

NAVIGATION = NavigationItem("System", "/system")


def register(services: Services) -> None:
    """Registers the page; needs the app to exist."""

    def layout(**_query: Any) -> Component:
        return page(services.viewer(request), services)

    dash.register_page(
        __name__,
        path=NAVIGATION.path,
        name=NAVIGATION.label,
        title="System · Live Validation",
        layout=layout,
    )


def page(viewer: Viewer, services: Services) -> Component:
    """The frame; it needs nothing of the database, so it opens also while that is away."""
    controls = report_controls(zone=viewer.zone, now=viewer.now)
    return report_page("System", controls, {"route": SYSTEM, "view": {}}, report_tick_ms(services))
