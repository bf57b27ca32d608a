"""Which browser the end-to-end tests get, with programs that only say what they are."""

from pathlib import Path

import pytest

from tests.support import find_browser as module
from tests.support.find_browser import NoBrowser, find_browser


def make_program(folder: Path, name: str, says: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search path with nothing but what the test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LVD_CHROMIUM", raising=False)
    monkeypatch.setattr(module, "_MAC_APPLICATIONS", ())
    return tmp_path


@pytest.fixture
def python(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python whose Playwright says where its download is; that is not there yet."""
    folder = tmp_path_factory.mktemp("playwright")
    return make_program(folder, "python", str(folder / "chrome"))


def test_the_variable_goes_first(programs: Path, python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_program(programs, "chromium", "Chromium 1")
    chosen = make_program(programs, "mine", "Google Chrome 2")
    monkeypatch.setenv("LVD_CHROMIUM", str(chosen))
    assert find_browser(python) == chosen


def test_a_variable_that_names_no_browser_is_refused(
    programs: Path, python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(programs, "chromium", "Chromium 1")
    monkeypatch.setenv("LVD_CHROMIUM", str(make_program(programs, "mine", "Firefox 3")))
    with pytest.raises(NoBrowser, match=r"LVD_CHROMIUM.*unset LVD_CHROMIUM"):
        find_browser(python)


def test_the_systems_goes_before_playwrights_but_a_snap_does_not_count(programs: Path, python: Path) -> None:
    downloaded = make_program(python.parent, "chrome", "Chromium 4")
    snap = make_program(programs, "chromium-browser", "Chromium 5")
    snap.write_text(snap.read_text() + "exec /snap/bin/chromium\n")
    assert find_browser(python) == downloaded
    installed = make_program(programs, "chromium", "Chromium 6")
    assert find_browser(python) == installed


def test_one_without_windows_goes_first(programs: Path, python: Path) -> None:
    make_program(programs, "google-chrome", "Google Chrome 7")
    shell = make_program(programs, "chromium-headless-shell", "Chromium 8")
    assert find_browser(python) == shell


def test_without_any_the_command_is_told(programs: Path, python: Path) -> None:
    with pytest.raises(NoBrowser, match=r"Run: .* -m playwright install"):
        find_browser(python)
