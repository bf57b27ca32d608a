"""The page Explore over an app whose past is known: 6,000 events of two days."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Download
from sqlalchemy import text

from dashboard.ids import Ids
from storage.readers import Reader
from tests.support.dashboards import dashboard_on
from tests.support.seeding import recent_days, seed
from tests.support.served import ServedApp, served
from tests.support.visits import Visit
from tests.support.writing import engine_of

SEED = recent_days(days=2, rows_per_day=3_000)

_SCROLL_TO_END = """async (id) => {
    const api = await dash_ag_grid.getApiAsync(id);
    api.ensureIndexVisible(Math.max(api.getDisplayedRowCount() - 1, 0), "bottom");
}"""


@dataclass(frozen=True)
class Site(ServedApp):
    """A dashboard over an app of which no event arrives any more."""

    def seqs(self, where: str) -> list[int]:
        """The seqs of these, by SQL."""
        statement = text(f"SELECT seq FROM event WHERE app_id = :app_id AND {where} ORDER BY seq")
        with self.engine.connect() as conn:
            return list(conn.execute(statement, {"app_id": self.app_id}).scalars())


@contextmanager
def explore_site(database: str, cache_dir: Path) -> Iterator[Site]:
    """Seeded and served; the app is called Shop."""
    with engine_of(database, pool_size=8) as engine:
        app_id = seed(engine, "Shop", SEED)
        # How long a search takes is the scheduler's affair, on a machine with other tests beside.
        patient = Reader(engine, scan_seconds=8)
        dashboard = dashboard_on(engine, cache_dir, coalesce_seconds=0.2, reader=patient)
        with served(dashboard) as (address, faults):
            yield Site(address, faults, engine, app_id)


def explore(
    site: Site, visit: Callable[..., Visit], look: tuple[str, int] = ("light", 1400), **query: str | list[str]
) -> Visit:
    """The page over all of the app's past, unless the query says otherwise."""
    scheme, width = look
    page = visit(site.address, width=width, scheme=scheme)
    asked = {"app": "Shop", "range": "all", **query}
    page.page.goto(f"{site.address}/explore?{urlencode(asked, doseq=True)}")
    return page


def explored(visit: Callable[..., Visit], site: Site) -> Visit:
    """The page with its first rows."""
    page = explore(site, visit)
    page.until(lambda: total(page) == "6,000", "all events")
    return page


def total(page: Visit) -> str:
    """What the page says of the number of rows."""
    return page.text(Ids.EXPLORE_TOTAL).rpartition(" of ")[2]


def filters(page: Visit) -> list[str]:
    """The filters that hold, as the page words them."""
    return page.page.locator(f"#{Ids.EXPLORE_FILTERS} span").all_inner_texts()


def scroll_to_end(page: Visit) -> None:
    """To the last row that the grid knows of."""
    page.page.evaluate(_SCROLL_TO_END, Ids.EXPLORE_GRID)


def order_export(page: Visit, item: str) -> None:
    """By the menu."""
    page.page.get_by_role("button", name="Export all that matches").click()
    page.page.get_by_role("menuitem", name=item).click()


def export(page: Visit, item: str) -> Download:
    """The file that an item of the menu gives."""
    with page.page.expect_download() as download:
        order_export(page, item)
    assert download.value.suggested_filename.startswith("Shop-")
    return download.value
