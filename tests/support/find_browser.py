"""Finds the browser of the end-to-end tests. On the standard library alone: `dev.py` uses it too."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

#: Those that have no windows first: the same engine at two thirds of the time of the processor.
_NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "chrome",
)
_MAC_APPLICATIONS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
_ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class NoBrowser(Exception):
    """No browser to test with; the message ends with the command that mends it."""


def find_browser(python: Path) -> Path:
    """LVD_CHROMIUM, else the system's Chrome or Chromium, else that of the Playwright which `python` has."""
    chosen = os.environ.get("LVD_CHROMIUM")
    if chosen:
        if not _works(Path(chosen)):
            raise NoBrowser(
                f"LVD_CHROMIUM names no Chrome or Chromium that runs: {chosen}. Run: unset LVD_CHROMIUM"
            )
        return Path(chosen)
    for candidate in itertools.chain(_system_browsers(), _playwrights_browser(python)):
        if _works(candidate):
            return candidate
    raise NoBrowser(
        "The browser tests need Chrome or Chromium, and there is none. "
        f"Run: {python} -m playwright install --with-deps chromium"
    )


def _system_browsers() -> Iterator[Path]:
    """Installed browsers, but not a snap: it sees neither hidden nor temporary folders."""
    for found in map(shutil.which, _NAMES):
        if found and not _is_snap(Path(found)):
            yield Path(found)
    for name in _MAC_APPLICATIONS:
        yield Path("/Applications") / name


def _is_snap(path: Path) -> bool:
    """A link into snap, or the script that stands in for one."""
    if "snap" in path.resolve().parts:
        return True
    with path.open("rb") as file:
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/" in head


def _playwrights_browser(python: Path) -> Iterator[Path]:
    """Where Playwright keeps its download, if it is installed."""
    told = subprocess.run(
        [python, "-c", _ASK_PLAYWRIGHT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    if told.returncode == 0:
        yield Path(told.stdout.decode().strip())


def _works(path: Path) -> bool:
    """Whether it starts and says what it is."""
    if not path.is_file() or not os.access(path, os.X_OK):
        return False
    told = subprocess.run(
        [path, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False
    )
    return told.returncode == 0 and b"Chrom" in told.stdout
