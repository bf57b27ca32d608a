"""The grid over 1,200,000 stored rows: what it shows is what SQL says, whatever fails in between."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from playwright.sync_api import Route
from sqlalchemy import text

from dashboard.api.routes import FEED, ROWS
from dashboard.ids import Ids
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.seeding import BROKEN_NAME, RARE_NAME, recent_days, seed
from tests.support.served import ServedApp, served
from tests.support.visits import Visit
from tests.support.writing import engine_of

SEED = recent_days(days=12, rows_per_day=100_000)
#: Beyond what a browser scrolls in one piece at 32 px a row.
assert SEED.rows >= 1_000_000

_SERVER_ERROR = "500 (INTERNAL SERVER ERROR)"
_CUT = "net::ERR_"


@dataclass(frozen=True)
class Site(ServedApp):
    """A dashboard on the seeded rows."""

    def rows(
        self, first: int, last: int, where: str = "true", order: str = "DESC"
    ) -> list[tuple[int, str, str]]:
        """seq, name and status of rows by their number (from 1), by SQL."""
        statement = text(
            "SELECT seq, name, (ARRAY['valid', 'invalid', 'unplanned'])[status + 1] AS word FROM event"
            f" WHERE app_id = :app_id AND {where} ORDER BY seq {order} LIMIT :rows OFFSET :before"
        )
        parameters = {"app_id": self.app_id, "rows": last - first + 1, "before": first - 1}
        with self.engine.connect() as conn:
            return [(row.seq, row.name, row.word) for row in conn.execute(statement, parameters)]


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Seeded and served once."""
    with engine_of(module_database, pool_size=8) as engine:
        app_id = seed(engine, "Million", SEED)
        app = dashboard_on(engine, tmp_path_factory.mktemp("cache"), coalesce_seconds=1.0)
        with served(app) as (address, faults):
            yield Site(address, faults, engine, app_id)


@pytest.fixture
def grid(site: Site, visit: Opens) -> Visit:
    """The page over all time, loaded."""
    opened = visit(site.address)
    opened.open("app=Million&range=all")
    opened.settle()
    return opened


def check(grid: Visit, site: Site, where: str = "true", order: str = "DESC") -> None:
    """The rows in sight and around it are those of SQL at their numbers, in order."""

    def all_read() -> list[tuple[int, dict[str, str]]]:
        rows = sorted(grid.rows().items())
        return rows if all(cells.get("seq") for _, cells in rows) else []

    shown = grid.until(all_read, "every row that is drawn")
    assert len(shown) >= 10
    number = grid.first_row()
    # Row indexes count from the window's first row; the page tells the number of the first row in sight.
    top_seq = next(iter(site.rows(number, number, where, order)))[0]
    by_seq = {int(cells["seq"].replace(",", "")): index for index, cells in shown}
    assert top_seq in by_seq, f"row {number} is seq {top_seq}, not among {sorted(by_seq)}"
    offset = number - by_seq[top_seq]
    first, last = shown[0][0] + offset, shown[-1][0] + offset
    expected = site.rows(first, last, where, order)
    found = [(int(cells["seq"].replace(",", "")), cells["name"], cells["status"]) for _, cells in shown]
    assert found == expected


def test_the_newest_rows_come_first_and_the_total_is_told(grid: Visit, site: Site) -> None:
    assert (grid.first_row(), grid.total()) == (1, SEED.rows)
    check(grid, site)
    grid.assert_clean()


def test_scrolling_shows_every_row_at_its_place(grid: Visit, site: Site) -> None:
    grid.page.mouse.move(600, 700)
    for distance in (300, 3_000, 30_000, -9_000):
        for _ in range(5):
            grid.page.mouse.wheel(0, distance)
            grid.page.wait_for_timeout(30)
        grid.settle()
        check(grid, site)
    assert grid.first_row() > 100
    grid.assert_clean()


def test_jumps_reach_the_middle_the_end_and_every_number(grid: Visit, site: Site) -> None:
    for number in (SEED.rows // 2, 1_000_000, 123_457, SEED.rows - 5_000, 2):
        grid.go_to_row(number)
        grid.until(lambda number=number: grid.first_row() == number, f"row {number}")  # type: ignore[misc]
        grid.settle()
        check(grid, site)
    grid.page.click(f"#{Ids.JUMP_END}")
    grid.until(lambda: 1 in grid.seqs(), "the last row")
    grid.settle()
    check(grid, site)
    grid.page.click(f"#{Ids.JUMP_TOP}")
    grid.until(lambda: grid.first_row() == 1, "the first row")
    grid.settle()
    check(grid, site)
    grid.assert_clean()


def test_scrolling_passes_the_edge_of_what_a_browser_can_scroll(grid: Visit, site: Site) -> None:
    height = grid.page.evaluate(
        "async () => (await dash_ag_grid.getApiAsync('event-grid')).getDisplayedRowCount() * 32"
    )
    assert height < 32_000_000 < SEED.rows * 32
    edge = height // 32
    grid.page.evaluate(
        f"async () => (await dash_ag_grid.getApiAsync('event-grid')).ensureIndexVisible({edge - 1}, 'bottom')"
    )
    grid.until(lambda: grid.page.evaluate("lvd.grid.held().token !== null"), "a view")
    grid.settle()
    before = grid.first_row()
    assert before > edge - 100
    grid.page.mouse.move(600, 700)
    for _ in range(10):
        grid.page.mouse.wheel(0, 2_000)
        grid.page.wait_for_timeout(60)
    grid.settle()
    assert grid.first_row() > max(before, edge)
    check(grid, site)
    grid.assert_clean()


@pytest.mark.parametrize("name", [BROKEN_NAME, RARE_NAME])
def test_a_filter_by_name_shows_that_events_rows(grid: Visit, site: Site, name: str) -> None:
    where = f"name = '{name}'"
    grid.choose_name(name)
    grid.until(lambda: grid.total() == site.count(where), f"the total of {name}")
    grid.settle()
    check(grid, site, where)
    grid.page.click(f"#{Ids.JUMP_END}")
    grid.settle()
    check(grid, site, where)
    grid.assert_clean()


def test_filters_by_status_and_name_meet(grid: Visit, site: Site) -> None:
    grid.choose_status("invalid")
    grid.until(lambda: grid.total() == site.count("status = 1"), "the total of invalid rows")
    grid.settle()
    check(grid, site, "status = 1")
    grid.go_to_row(site.count("status = 1") // 2)
    grid.settle()
    check(grid, site, "status = 1")
    grid.choose_name(BROKEN_NAME)
    both = f"status = 1 AND name = '{BROKEN_NAME}'"
    grid.until(lambda: grid.total() == site.count(both), "the total of both filters")
    grid.settle()
    check(grid, site, both)
    assert "status=invalid" in grid.page.url
    grid.assert_clean()


def test_the_oldest_rows_come_first_when_asked(grid: Visit, site: Site) -> None:
    grid.page.get_by_text("Oldest first").click()
    grid.until(lambda: 1 in grid.seqs(), "the oldest row")
    grid.settle()
    check(grid, site, order="ASC")
    grid.go_to_row(700_001)
    grid.until(lambda: grid.first_row() == 700_001, "row 700,001")
    grid.settle()
    check(grid, site, order="ASC")
    grid.assert_clean()


def test_a_shared_address_opens_the_same_view(site: Site, visit: Opens) -> None:
    opened = visit(site.address)
    start, end = SEED.first_day.isoformat()[:19], SEED.end.isoformat()[:10]
    opened.open(
        f"app=Million&range=custom&from={start}Z&to={end}T00:00Z&name={BROKEN_NAME}&status=valid&order=oldest"
    )
    where = f"name = '{BROKEN_NAME}' AND status = 0"
    opened.until(lambda: opened.total() == site.count(where), "the total of the shared view")
    opened.settle()
    check(opened, site, where, order="ASC")
    opened.assert_clean()


def test_http_500_does_not_kill_the_grid(grid: Visit, site: Site) -> None:
    numbers = count()
    site.faults.breaks = lambda path: path == ROWS and next(numbers) < 5
    broken = site.faults.broken
    grid.go_to_row(600_000)
    grid.until(lambda: "Retrying" in grid.text(Ids.GRID_NOTE), "a note that rows are tried again")
    grid.until(lambda: site.faults.broken == broken + 5, "five broken requests")
    grid.settle()
    check(grid, site)
    assert grid.text(Ids.GRID_NOTE) == ""
    grid.go_to_row(300_000)
    grid.settle()
    check(grid, site)
    grid.assert_clean([_SERVER_ERROR])


def test_rows_that_were_given_up_come_when_they_are_seen_again(grid: Visit, site: Site) -> None:
    site.faults.breaks = lambda path: path == ROWS
    try:
        grid.go_to_row(400_000)
        grid.until(lambda: "Retrying" in grid.text(Ids.GRID_NOTE), "a note that rows are tried again")
    finally:
        grid.scroll_to(0)
        grid.page.wait_for_timeout(6_000)
        site.faults.breaks = lambda _path: False
    grid.settle()
    check(grid, site)
    grid.scroll_to(399_999)
    grid.settle()
    check(grid, site)
    grid.assert_clean([_SERVER_ERROR])


def test_a_cut_connection_does_not_kill_the_grid(grid: Visit, site: Site) -> None:
    def cut(route: Route) -> None:
        route.abort("connectionreset")

    grid.page.route("**/api/**", cut)
    grid.go_to_row(500_000)
    grid.until(lambda: "Retrying" in grid.text(Ids.GRID_NOTE), "a note that rows are tried again")
    grid.until(lambda: grid.shows(Ids.BANNER), "a banner that data are old")
    assert "did not answer" in grid.text(Ids.BANNER)
    grid.page.unroute("**/api/**", cut)
    grid.settle()
    check(grid, site)
    grid.until(lambda: not grid.shows(Ids.BANNER), "no banner any more")
    grid.assert_clean([_CUT])


def test_news_that_cross_a_jump_are_told_again(grid: Visit, site: Site) -> None:
    held = grid.hold(FEED)
    grid.until(lambda: held, "a question to the feed")
    grid.go_to_row(1_100_000)
    grid.until(lambda: grid.first_row() == 1_100_000, "the row")
    with site.engine.begin() as conn:
        statement = text("UPDATE app_ledger SET version = version + 1 WHERE app_id = :app_id")
        conn.execute(statement, {"app_id": site.app_id})
    # The dashboard knows of it within a second.
    grid.page.wait_for_timeout(1_200)
    held.pop().continue_()
    grid.until(lambda: held, "the next question")
    assert '"tag":""' in (held[-1].request.post_data or "")
    held.pop().continue_()
    grid.page.unroute(f"**{FEED}")
    grid.assert_clean()


def test_a_page_that_is_left_and_opened_again_has_a_living_grid(grid: Visit, site: Site) -> None:
    grid.go_to_row(800_000)
    grid.settle()
    navigation = grid.page.get_by_role("navigation", name="Pages")
    navigation.get_by_role("link", name="Overview").click()
    grid.until(lambda: "Million" in grid.text(Ids.OVERVIEW_BODY), "the page in between")
    navigation.get_by_role("link", name="Live").click()
    # Told by the new page; the old one stays in sight until then.
    grid.until(lambda: "range=1h" in grid.page.url, "the page's own address")
    grid.page.get_by_text("All", exact=True).click()
    grid.until(lambda: SEED.rows in grid.seqs(), "the newest row")
    grid.go_to_row(900_000)
    grid.settle()
    check(grid, site)
    grid.assert_clean()
