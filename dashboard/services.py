"""What the running app is made of, built once by the factory and handed to routes and callbacks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Request

from dashboard.access import Access, NotAllowed
from dashboard.cached_reader import CachedReader
from dashboard.exports.book import ExportBook
from dashboard.health import Health
from dashboard.settings import DashboardSettings
from dashboard.viewer import Viewer
from storage.issues import IssueStore
from storage.plans import PlanStore

#: Set by the page's script: the viewer's time zone by its IANA name.
ZONE_COOKIE = "lvd_zone"
#: Set by the page's script: the app that was looked at last.
APP_COOKIE = "lvd_app"


@dataclass(frozen=True, slots=True)
class Services:
    """The seams of the dashboard."""

    reader: CachedReader
    issues: IssueStore
    plans: PlanStore
    access: Access
    health: Health
    settings: DashboardSettings
    now: Callable[[], datetime]
    exports: ExportBook

    def viewer(self, request: Request) -> Viewer:
        """What this request may read, in its viewer's time zone."""
        return Viewer(
            reader=self.reader,
            allowed=self.access.allowed_apps(request),
            zone=zone_of(cookie(request, ZONE_COOKIE)),
            now=self.now(),
        )

    def editor(self, request: Request, app_id: int, refusal: str) -> Viewer:
        """The viewer, if the app is one that it may see and change.

        Raises NotFound, and NotAllowed with the refusal, which says what may not be changed.
        """
        viewer = self.viewer(request)
        viewer.ledger(app_id)
        if not self.access.may_edit(request, app_id):
            raise NotAllowed(f"{refusal}: ask whoever runs this dashboard to let you")
        return viewer


def cookie(request: Request, name: str) -> str:
    """A cookie that the page's script set; "" without one."""
    return unquote(request.cookies.get(name, ""))


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name; UTC if there is none."""
    try:
        return ZoneInfo(name[:64])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
