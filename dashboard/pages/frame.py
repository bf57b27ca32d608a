"""What pages have in common: which app they show, and what they show while there is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dash.development.base_component import Component

from dashboard.layout.live import waiting_page
from dashboard.layout.states import no_apps, no_permission, unknown_app
from dashboard.services import Services
from dashboard.viewer import Viewer
from storage.errors import Unavailable
from storage.readers import AppInfo

#: The apps that may be seen to a page.
Show = Callable[[Sequence[AppInfo]], Component]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which app a page is to show: the one that its address names and no other, else the remembered one."""

    #: None or "": the address names none.
    named: str | None
    #: By the viewer's cookie.
    remembered: str
    #: The page's address for another app.
    link: Callable[[str], str]


def tick_ms(services: Services) -> int:
    """Milliseconds between two questions of a page that follows events."""
    return round(services.settings.tick_seconds * 1000)


def page_of_apps(viewer: Viewer, services: Services, show: Show) -> Component:
    """What `show` makes of the apps; a page that goes on by itself where there are none to be seen."""
    try:
        apps = viewer.apps()
        hidden = viewer.sees_nothing()
    except Unavailable:
        return waiting_page(tick_ms(services))
    if hidden:
        return no_permission()
    return show(apps) if apps else no_apps(tick_ms(services))


def page_of_app(
    viewer: Viewer,
    services: Services,
    wanted: Wanted,
    show: Callable[[Sequence[AppInfo], AppInfo], Component],
) -> Component:
    """What `show` makes of the apps and of the one among them that is wanted; else as page_of_apps."""

    def choose(apps: Sequence[AppInfo]) -> Component:
        if not wanted.named:
            return show(apps, viewer.app_by_name(wanted.remembered) or apps[0])
        chosen = viewer.app_made_lately(wanted.named)
        if chosen is None:
            return unknown_app(wanted.named, [(app.name, wanted.link(app.name)) for app in apps])
        return show(viewer.apps(), chosen)

    return page_of_apps(viewer, services, choose)
