"""What pages have in common: what they show while there is no app to show."""

from collections.abc import Callable
from dataclasses import dataclass

from dash.development.base_component import Component

from dashboard.layout.live import waiting_page
from dashboard.layout.states import no_apps, no_permission, unknown_app
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """The app that a page is opened for."""

    #: By the address; None or "": by none.
    named: str | None
    #: What was open last; "": nothing.
    remembered: str
    #: Where the page opens an app of this name.
    address: Callable[[str], str]


def page_of_one_app(
    viewer: Viewer,
    services: Services,
    wanted: Wanted,
    show: Callable[[tuple[AppInfo, ...], AppInfo], Component],
) -> Component:
    """What `show` makes of all apps and the wanted one.

    An address that names an app opens that one and no other: a link that was passed on must not show another
    app's figures.
    """

    def chosen(apps: tuple[AppInfo, ...]) -> Component:
        if not wanted.named:
            return show(apps, viewer.app_by_name(wanted.remembered) or apps[0])
        app = viewer.app_by_name(wanted.named)
        if app is None:
            return unknown_app(wanted.named, [(other.name, wanted.address(other.name)) for other in apps])
        return show(apps, app)

    return page_of_apps(viewer, services, chosen, wanted.named)
