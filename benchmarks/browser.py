"""A real browser for figures that only one can give."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.errors import BenchFailed

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

_NAMES = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "chromium-headless-shell")
#: No first-run pages, no calls home, and no sandbox, which a container's root cannot have.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TIMEOUT_MS = 60_000.0
_WIDTH, _HEIGHT = 1400, 900


class Browser:
    """One tab."""

    def __init__(self, page: "Page", devtools: "CDPSession") -> None:
        self.page = page
        self._devtools = devtools

    def go(self, url: str) -> None:
        """Opens an address."""
        self.page.goto(url)

    def run(self, script: str, argument: Any = None) -> Any:
        """Runs a function in the page, and gives what it, or its promise, returns."""
        return self.page.evaluate(script, argument)

    def heap_bytes(self) -> int:
        """Memory of the page's script objects, after their garbage was collected."""
        self._devtools.send("HeapProfiler.collectGarbage")
        return int(self._devtools.send("Runtime.getHeapUsage")["usedSize"])

    def main_thread_seconds(self) -> float:
        """Time of all tasks of the page's main thread so far."""
        self._devtools.send("Performance.enable")
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


@contextmanager
def open_browser(script: str = "") -> Iterator[Browser]:
    """A tab of a browser without a window; `script` runs in each page before its own."""
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - not a part of what users install
    except ImportError:
        raise BenchFailed(
            "Browser figures need Playwright: install the project with its extra `dev`, or give --no-browser"
        ) from None
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_executable(), args=list(_FLAGS))
        except Error as error:
            raise BenchFailed(
                f"No browser starts ({error.message.splitlines()[0]}): "
                "name one by LVD_CHROMIUM, or give --no-browser"
            ) from None
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.set_default_timeout(_TIMEOUT_MS)
        if script:
            page.add_init_script(script)
        yield Browser(page, page.context.new_cdp_session(page))
        browser.close()


def _executable() -> str | None:
    """LVD_CHROMIUM, else the system's; None: Playwright's own."""
    return os.environ.get("LVD_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
