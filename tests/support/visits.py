"""A visit to the dashboard with a real browser, which notes whatever a page should not do."""

import re
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, Request, Route

from dashboard.ids import Ids

T = TypeVar("T")

#: In seconds: far more than any answer takes, also on a machine that is busy with other tests.
PATIENCE = 30.0

_ROWS = """() => Object.fromEntries([...document.querySelectorAll('#event-grid .ag-row')].map((row) => [
    row.getAttribute('row-index'),
    Object.fromEntries([...row.querySelectorAll('.ag-cell')].map((cell) => [
        cell.getAttribute('col-id'), cell.textContent])),
]))"""

#: As assets/31_grid.js words it: a range of rows and their total, or only that.
_TOLD = re.compile(r"(?:Rows (?P<first>\d+)\u2013\d+ of )?(?P<total>\d+)(?: rows)?")

#: Rows of which a part can be seen and that show nothing; -1: there is no row at all.
_BLANK_ROWS = """() => {
    const port = document.querySelector('#event-grid .ag-grid-viewport, #event-grid .ag-body-viewport');
    if (!port) return -1;
    const {top, bottom} = port.getBoundingClientRect();
    const rows = [...port.querySelectorAll('.ag-row')].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
    });
    if (!rows.length) return -1;
    return rows.filter((row) => !row.querySelector('[col-id=seq]')?.textContent).length;
}"""

_SCROLL = "async (row) => (await dash_ag_grid.getApiAsync('event-grid')).ensureIndexVisible(row, 'top')"

#: What the grid holds of its rows' blocks, and which of its height is seen; nothing where there is no grid.
_GRID = """() => {
    const id = ['event-grid', 'explore-grid'].find((id) => document.getElementById(id));
    try {
        const api = id && dash_ag_grid.getApi(id);
        return api && JSON.stringify([
            api.getDisplayedRowCount(), api.getVerticalPixelRange(), api.getCacheBlockState(),
            document.getElementById('notice')?.textContent,
        ]);
    } catch (error) {
        return String(error);
    }
}"""


class Visit:
    """One page, open at the dashboard."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        #: Console errors (violations of the content security policy among them), uncaught errors, dialogs,
        #: requests elsewhere.
        self.complaints: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", self._note_request)
        page.on("dialog", self._note_dialog)

    def open(self, query: str) -> None:
        """Opens the first page with this query."""
        self.page.goto(f"{self.address}/live?{query}")

    def until(self, holds: Callable[[], T], what: str) -> T:
        """Waits for it; answers with what held, as a second look may see less: a list that loads anew.

        (Playwright's own wait_for_function evaluates text, which the page forbids.)
        """
        ends_at = time.monotonic() + PATIENCE
        while not (held := holds()):
            assert time.monotonic() < ends_at, f"{what}: not within {PATIENCE} s; {self.state()}"
            self.page.wait_for_timeout(20)
        return held

    def hold(self, path: str, *, when: Callable[[str], bool] = lambda _body: True) -> list[Route]:
        """Questions at this path from now on of which the body is so: each waits until it is let go."""
        held: list[Route] = []

        def take(route: Route) -> None:
            if when(route.request.post_data or ""):
                held.append(route)
            else:
                route.continue_()

        self.page.route(f"**{path}", take)
        return held

    def let_go(self, route: Route) -> None:
        """The question is answered, and the page had time to do something about it."""
        with self.page.expect_response(route.request.url):
            route.continue_()
        self.page.wait_for_timeout(300)

    def text(self, component: str) -> str:
        """What a component shows."""
        return self.page.locator(f"#{component}").inner_text()

    def shows(self, component: str) -> bool:
        """Whether it can be seen."""
        return self.page.locator(f"#{component}").is_visible()

    def rows(self) -> dict[int, dict[str, str]]:
        """The grid's rendered rows by their index: texts by column."""
        found: dict[str, dict[str, str]] = self.page.evaluate(_ROWS)
        return {int(index): cells for index, cells in found.items()}

    def seqs(self) -> list[int]:
        """seqs of the rendered rows, from the top."""
        return [
            int(cells["seq"].replace(",", "")) for _, cells in sorted(self.rows().items()) if cells.get("seq")
        ]

    def settle(self) -> None:
        """Waits until no blank row is in sight, also a little later."""
        for _ in range(2):
            self.until(lambda: self.page.evaluate(_BLANK_ROWS) == 0, "rows in sight")
            self.page.wait_for_timeout(150)

    def first_row(self) -> int:
        """Number of the first row in sight as the page tells it, from 1; 0: it tells none."""
        return self._told()[0]

    def total(self) -> int:
        """Rows of the view as the page tells it; -1: it tells none."""
        return self._told()[1]

    def scroll_to(self, index: int) -> None:
        """The grid's row of this index, from 0 where its window begins, becomes the first in sight."""
        self.page.evaluate(_SCROLL, index)

    def go_to_row(self, number: int) -> None:
        """By the field for it."""
        self.page.fill(f"#{Ids.JUMP_ROW}", str(number))
        self.page.press(f"#{Ids.JUMP_ROW}", "Enter")

    def choose(self, select: Ids, label: str) -> None:
        """An option of a list, as a person does."""
        self.page.click(f"#{select}")
        self.page.get_by_role("option", name=label, exact=True).click()

    def choose_name(self, name: str) -> None:
        """Filters by an event's name as a person does."""
        self.page.fill(f"#{Ids.NAMES}", name)
        self.page.get_by_role("option", name=name, exact=True).click()
        self.page.keyboard.press("Escape")

    def choose_status(self, word: str) -> None:
        """Turns a status's chip on or off."""
        self.page.locator(f"#{Ids.FILTERS} label").filter(has_text=word).first.click()

    def fits(self) -> bool:
        """Whether nothing of the page lies beyond the window's side."""
        found: bool = self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        return found

    def state(self) -> str:
        """For the message of a failed wait: what the page tells, and how far its grid's blocks have come."""
        totals = self.page.locator(f"#{Ids.GRID_TOTAL}, #{Ids.EXPLORE_TOTAL}").all_inner_texts()
        notes = self.page.locator(f"#{Ids.GRID_NOTE}, #{Ids.EXPLORE_NOTE}, #{Ids.BANNER}").all_inner_texts()
        return f"{self.page.url} {totals} {notes} {self.complaints} {self.page.evaluate(_GRID)}"

    def assert_clean(self, expected: Sequence[str] = ()) -> None:
        """Nothing was noted but what says one of these."""
        found = [said for said in self.complaints if not any(part in said for part in expected)]
        assert not found, found

    def _told(self) -> tuple[int, int]:
        told = _TOLD.fullmatch(self.text(Ids.GRID_TOTAL).replace(",", ""))
        return (int(told["first"] or 0), int(told["total"])) if told else (0, -1)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _note_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"request elsewhere: {request.url}")
