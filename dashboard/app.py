"""The app factory: builds the dashboard over a reader."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dash import Dash
from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard import hosts, links
from dashboard.access import Access, EveryApp
from dashboard.api import exports, routes
from dashboard.cache import Cache
from dashboard.cached_reader import CachedReader
from dashboard.callbacks import drawer, explore_scripts, page_scripts, plan_scripts, scripts
from dashboard.compression import compress_answers
from dashboard.exports.book import ExportBook
from dashboard.health import Health
from dashboard.layout.index import INDEX
from dashboard.layout.shell import PRODUCT, shell
from dashboard.refusals import refuse
from dashboard.security import protect
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from dashboard.static_files import compress_static
from storage.issues import IssueStore
from storage.plans import PlanStore
from storage.readers import Reader

from .pages.coverage import page as coverage
from .pages.explore import page as explore
from .pages.issues import page as issues_page
from .pages.live import page as live
from .pages.not_found import page as not_found
from .pages.overview import page as overview
from .pages.plan import page as plan_page
from .pages.rejected import page as rejected_page
from .pages.system import page as system

#: In the order of the navigation.
_PAGES = (overview, live, explore, issues_page, coverage, plan_page, rejected_page, system)

#: Largest request body, in bytes: views and callback states are far smaller.
_MAX_REQUEST_BYTES = 1_000_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(  # noqa: PLR0913 - each a seam of its own
    reader: Reader,
    settings: DashboardSettings,
    *,
    issues: IssueStore,
    plans: PlanStore,
    access: Access | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> Dash:
    """A dashboard that reads by `reader`; its WSGI application is `.server`.

    `issues` and `plans` keep what viewers say of issues and save as plans; they must be of the primary where
    the reader is of a replica.
    `access` decides which apps a request may see (default: every one).
    """
    health = Health(now)
    folder = Path(settings.cache_dir or tempfile.mkdtemp(prefix="lvd-dashboard-"))
    cached = _cached(reader, settings, health, folder)
    exports_book = ExportBook(folder / "exports")
    access = access or EveryApp(settings.user_header or "")
    services = Services(cached, issues, plans, access, health, settings, now, exports_book)
    server = Flask("dashboard")
    server.config["MAX_CONTENT_LENGTH"] = _MAX_REQUEST_BYTES
    hosts.only_known(server, settings.known_hosts)
    compress_static(server)
    compress_answers(server)
    _keep_old_addresses(server)
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
    navigation = [page.NAVIGATION for page in _PAGES]
    not_found.register(navigation)
    app.layout = shell(navigation)
    routes.register(server, services)
    exports.register(server, services)
    scripts.register(app)
    page_scripts.register(app)
    explore_scripts.register(app)
    plan_scripts.register(app)
    drawer.register(app, services)
    refuse(app)
    protect(app)
    _set_up(server)
    return app


def _cached(reader: Reader, settings: DashboardSettings, health: Health, folder: Path) -> CachedReader:
    cache = Cache(folder, megabytes=settings.cache_megabytes)
    return CachedReader(reader, cache, health, settings.coalesce_seconds)


def _set_up(server: Flask) -> None:
    """Before anybody asks. Dash itself registers pages and callbacks during its first request, and answers
    others meanwhile; but a dashboard that was restarted is asked by all open pages at once.
    """
    with server.test_request_context(links.OVERVIEW):
        server.preprocess_request()


def _keep_old_addresses(server: Flask) -> None:
    """The first address was Live's and had its views; that page has none of its own."""

    @server.before_request
    def to_live() -> Response | None:
        if request.path != links.OVERVIEW or not request.args:
            return None
        return redirect(f"{links.LIVE}?{request.query_string.decode('ascii', 'ignore')}")
