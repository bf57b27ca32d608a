"""The browser of the end-to-end tests: the one that `dev.py test` finds, or finds anew without it."""

import sys
from pathlib import Path

import pytest

from tests.support.find_browser import NoBrowser, find_browser

#: No first-run pages, no calls home, and no sandbox, which a container's root cannot have.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def browser_path() -> Path:
    """The executable; fails the test, and never skips it, where there is none."""
    try:
        return find_browser(Path(sys.executable))
    except NoBrowser as missing:
        pytest.fail(str(missing), pytrace=False)
