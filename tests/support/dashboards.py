"""A dashboard on a test's database, asked as its page's scripts ask."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash import Dash
from flask import Request
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

import dashboard
from dashboard import cached_coverage, cached_reader
from dashboard.access import Access, EveryApp
from dashboard.app import create_app
from dashboard.cache import Cache
from dashboard.cached_reader import CachedReader
from dashboard.exports.book import ExportBook
from dashboard.health import Health
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from dashboard.viewer import Viewer
from storage.issues import IssueStore
from storage.plans import PlanStore
from storage.readers import Reader

#: The page's scripts and style sheets.
ASSETS = Path(dashboard.__file__).parent / "assets"
#: The whole of an app's past, newest first.
ALL_TIME: Mapping[str, Any] = {"range_key": "all", "order": "newest"}


def dashboard_on(
    engine: Engine,
    cache_dir: Path,
    *,
    access: Access | None = None,
    coalesce_seconds: float = 0,
    reader: Reader | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Dash:
    """A dashboard that, unless told otherwise, reads the ledger at every question."""
    settings = DashboardSettings(cache_dir=cache_dir, coalesce_seconds=coalesce_seconds)
    return create_app(
        reader or Reader(engine),
        settings,
        issues=IssueStore(engine),
        plans=PlanStore(engine),
        access=access,
        now=now,
    )


def keep_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """None grows old within the test: all that is asked is asked in one tick, however long that takes."""
    monkeypatch.setattr(cached_reader, "_APPS_MAX_AGE", 60.0)
    for module in (cached_reader, cached_coverage):
        monkeypatch.setattr(module, "LISTS_MAX_AGE", 60.0)


class Only(EveryApp):
    """Lets everybody see some apps, and change those."""

    def __init__(self, *app_ids: int) -> None:
        super().__init__()
        self._app_ids = frozenset(app_ids)

    def allowed_apps(self, request: Request) -> frozenset[int]:  # noqa: ARG002  the seam's signature
        """Those."""
        return self._app_ids


class OnlyAda(Only):
    """Lets one person see some apps, and change them if so told."""

    def __init__(self, *app_ids: int, edits: bool = True) -> None:
        super().__init__(*app_ids)
        self._edits = edits

    def may_edit(self, _request: Request, _app_id: int, /) -> bool:
        """As told."""
        return self._edits

    def who(self, request: Request) -> str:  # noqa: ARG002  the seam's signature
        """Ada."""
        return "Ada"


class Nothing(Only):
    """Lets nobody see anything."""


class Page:
    """The scripts of one open page, without a browser."""

    def __init__(self, app: Dash, app_id: int, **view: Any) -> None:
        self.app = app
        self.client: FlaskClient = app.server.test_client()
        self.view = {"app_id": app_id, **ALL_TIME, **view}

    def ask(self, route: str, **body: Any) -> TestResponse:
        """The answer of a data route."""
        return self.client.post(f"/api/{route}", json={"view": self.view, **body})

    def rows(self, offset: int = 0, limit: int = 100, token: Any = None) -> dict[str, Any]:
        """A block of the grid."""
        return self._answer("rows", offset=offset, limit=limit, token=token)

    def feed(self, **held: Any) -> dict[str, Any]:
        """What changed since what is held."""
        return self._answer("feed", **held)

    def rejected(self, after: Any = None) -> dict[str, Any]:
        """A page of rejected events."""
        return self._answer("rejected", after=after)

    def _answer(self, route: str, **body: Any) -> dict[str, Any]:
        answer = self.ask(route, **body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found


def services_on(
    engine: Engine, folder: Path, now: datetime, allowed: frozenset[int] | None = None
) -> tuple[Services, Viewer]:
    """What pages are built of at `now`, without a dashboard around them; its viewer's zone is UTC."""
    health = Health(lambda: now)
    reader = CachedReader(Reader(engine), Cache(folder), health, 0)
    exports = ExportBook(folder / "exports")
    services = Services(
        reader,
        IssueStore(engine),
        PlanStore(engine),
        EveryApp(),
        health,
        DashboardSettings(),
        lambda: now,
        exports,
    )
    return services, Viewer(reader, allowed, ZoneInfo("UTC"), now)
