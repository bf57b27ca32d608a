"""Serves the dashboard with gunicorn: threads in one or more processes."""

import logging
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from dashboard.app import create_app
from dashboard.settings import DashboardSettings
from storage.database import create_engine
from storage.issues import IssueStore
from storage.niceness import backends_stand_back, stand_back
from storage.plans import PlanStore
from storage.readers import Reader

#: In seconds: how long requests may still run after SIGTERM.
_GRACE = 10
#: In seconds: a worker whose heart stands still this long is replaced.
_WORKER_TIMEOUT = 60
#: Connections that write: people resolve an issue or save a plan now and then.
_WRITERS = 1
#: Until the kernel lets one more session stand back, in seconds, and how often it is asked.
_NICE_PAUSE, _NICE_TRIES = 0.1, 20

_log = logging.getLogger(__name__)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, options: dict[str, Any], build: Callable[[], Any]) -> None:
        self._options = options
        self._build = build
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Called in each worker after the fork: no connection is shared between processes."""
        return self._build()


def run(settings: DashboardSettings, read_url: str, write_url: str) -> None:
    """Serves until SIGTERM or SIGINT, then lets running requests end; never returns.

    `read_url` may be of a replica of the database at `write_url`.
    """
    if settings.nice:
        _stand_back(settings.nice)
    with tempfile.TemporaryDirectory(prefix="lvd-dashboard-", ignore_cleanup_errors=True) as folder:
        shared = settings if settings.cache_dir else settings.model_copy(update={"cache_dir": folder})
        _Server(options(settings), lambda: build(shared, read_url, write_url)).run()


def _stand_back(nice: int) -> None:
    """Before there are threads and workers, which inherit it."""
    for _ in range(_NICE_TRIES):
        if stand_back(os.getpid(), nice):
            return
        time.sleep(_NICE_PAUSE)
    _log.warning("the dashboard keeps its priority: the kernel changes too many sessions now")


def build(settings: DashboardSettings, read_url: str, write_url: str) -> Any:
    """The WSGI application with engines of its own: one connection per thread, and few that write."""
    reading, writing = (
        create_engine(
            url,
            pool_size=pool_size,
            application_name="lvd-dashboard",
            statement_timeout_ms=settings.statement_timeout_ms,
        )
        for url, pool_size in ((read_url, settings.threads), (write_url, _WRITERS))
    )
    if settings.nice:
        backends_stand_back(reading, settings.nice)
    return create_app(Reader(reading), settings, issues=IssueStore(writing), plans=PlanStore(writing)).server


def options(settings: DashboardSettings) -> dict[str, Any]:
    """gunicorn's settings."""
    return {
        "bind": settings.address,
        "worker_class": "gthread",
        "workers": settings.workers,
        "threads": settings.threads,
        "timeout": _WORKER_TIMEOUT,
        "graceful_timeout": _GRACE,
        "keepalive": 75,
        "accesslog": None,
        "loglevel": "warning",
        "proc_name": "lvd-dashboard",
    }
