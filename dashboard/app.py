"""The app factory: builds the dashboard over a reader."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dash import Dash
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard.access import Access, EveryApp
from dashboard.api import routes
from dashboard.cache import Cache
from dashboard.cached_reader import CachedReader
from dashboard.callbacks import drawer, scripts
from dashboard.health import Health
from dashboard.layout.index import INDEX
from dashboard.layout.shell import PRODUCT, shell
from dashboard.security import protect
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from dashboard.static_files import compress_static
from storage.readers import Reader

from .pages.coverage import page as coverage
from .pages.live import page as live
from .pages.system import page as system

#: In the order of the navigation; the first address leads to the first one.
_PAGES = (live, coverage, system)

#: Largest request body, in bytes: views and callback states are far smaller.
_MAX_REQUEST_BYTES = 1_000_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    reader: Reader,
    settings: DashboardSettings,
    *,
    access: Access | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> Dash:
    """A dashboard that reads by `reader`; its WSGI application is `.server`.

    `access` decides which apps a request may see (default: every one).
    """
    services = _services(reader, settings, access or EveryApp(), now)
    server = Flask("dashboard")
    server.config["MAX_CONTENT_LENGTH"] = _MAX_REQUEST_BYTES
    compress_static(server)
    _start_at(server, _PAGES[0].NAVIGATION.path)
    app = Dash(
        "dashboard",
        server=server,  # type: ignore[arg-type]  # Dash's annotation forgets the servers it takes
        title=PRODUCT,
        update_title="",
        index_string=INDEX,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        use_async=False,
        compress=False,
        serve_locally=True,
    )
    for page in _PAGES:
        page.register(services)
    app.layout = shell([page.NAVIGATION for page in _PAGES])
    routes.register(server, services)
    scripts.register(app)
    drawer.register(app, services)
    protect(app)
    return app


def _services(
    reader: Reader, settings: DashboardSettings, access: Access, now: Callable[[], datetime]
) -> Services:
    health = Health(now)
    folder = settings.cache_dir or Path(tempfile.mkdtemp(prefix="lvd-dashboard-"))
    cached = CachedReader(
        reader, Cache(folder, megabytes=settings.cache_megabytes), health, settings.coalesce_seconds
    )
    return Services(cached, access, health, settings, now)


def _start_at(server: Flask, path: str) -> None:
    """The first page is at a path of its own; its query comes along."""

    @server.before_request
    def to_first_page() -> Response | None:
        if request.path != "/":
            return None
        query = request.query_string.decode("ascii", "ignore")
        return redirect(f"{path}?{query}" if query else path)
