"""What pages have in common: what they show while there is no app to show."""

from collections.abc import Callable

from dash.development.base_component import Component

from dashboard.layout.live import waiting_page
from dashboard.layout.states import no_apps, no_permission
from dashboard.services import Services
from dashboard.viewer import Viewer
from storage.errors import Unavailable
from storage.readers import AppInfo


def tick_ms(services: Services) -> int:
    """Milliseconds between two questions of a page that follows events."""
    return round(services.settings.tick_seconds * 1000)


def page_of_apps(
    viewer: Viewer,
    services: Services,
    show: Callable[[tuple[AppInfo, ...]], Component],
    named: str | None = None,
) -> Component:
    """What `show` makes of the apps; a page that goes on by itself where there are none to be seen.

    `named`: the app that the address asks for.
    """
    try:
        apps = viewer.apps_with(named)
        hidden = viewer.sees_nothing()
    except Unavailable:
        return waiting_page(tick_ms(services))
    if hidden:
        return no_permission()
    return show(apps) if apps else no_apps(tick_ms(services))
