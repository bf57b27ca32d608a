"""Every page, open while PostgreSQL itself stops and starts again: it says so, keeps its data and goes on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns

import grpc
import pytest

from dashboard.ids import Ids, tile_value
from livevalidation.v1 import ingest_pb2
from tests.e2e.conftest import Opens
from tests.faults.harness.own_postgres import OwnPostgres, own_postgres
from tests.support.ingest import ended, send
from tests.support.live_site import BAD, GOOD, Site, live_site
from tests.support.visits import Visit

#: By page: where it shows what came.
_SHOWN: Mapping[str, str] = {
    "/": Ids.OVERVIEW_BODY,
    "/live": tile_value("received"),
    "/explore": Ids.EXPLORE_TOTAL,
    "/issues": Ids.ISSUES_ROWS,
    "/coverage": Ids.REPORT_BODY,
    "/plan": Ids.PLAN_EVENTS,
    "/rejected": Ids.REJECTS_NOTE,
    "/system": Ids.REPORT_BODY,
}
_AGE = re.compile(r"\d+ (s|min)\s+ago")
_BANNER = f"#{Ids.BANNER}:visible"


@dataclass(frozen=True)
class Tab:
    """A page that stays open."""

    path: str
    visit: Visit

    def shows_data(self) -> bool:
        return any(map(str.isdigit, self.data()))

    def data(self) -> str:
        """Without ages: they go on by themselves."""
        shown = self.visit.page.locator(f"#{_SHOWN[self.path]}")
        return _AGE.sub("ago", shown.inner_text()) if shown.count() else ""

    def is_away(self) -> bool:
        """Whether it says that the database is away."""
        banners = self.visit.page.locator(_BANNER).all_inner_texts()
        return "Database not reachable since" in " ".join(banners)


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as made:
        yield made


@pytest.fixture
def site(postgres: OwnPostgres, tmp_path: Path) -> Iterator[Site]:
    with live_site(postgres.url, tmp_path, direct=True) as servers:
        made = servers.of_an_app("Shop")
        store(made)
        yield made


def store(site: Site) -> None:
    """Something new for each page."""
    site.send(GOOD, BAD)
    broken = ingest_pb2.Event(name="Order Completed", payload_json=b'{"total": %d,}' % monotonic_ns())
    send(site.ingest, site.tenant.key, [ingest_pb2.EventBatch(events=[broken])])


def open_tab(site: Site, visit: Opens, path: str) -> Tab:
    tab = Tab(path, visit(site.address))
    tab.visit.page.goto(f"{site.address}{path}" + ("" if path == "/" else "?app=Shop"))
    return tab


def test_every_page_says_so_keeps_its_data_and_goes_on(
    site: Site, postgres: OwnPostgres, visit: Opens
) -> None:
    explore = open_tab(site, visit, "/explore")
    explore.visit.until(explore.shows_data, "data on /explore")
    # It does not show this until it is reloaded.
    store(site)
    tabs = [explore, *(open_tab(site, visit, path) for path in _SHOWN if path != explore.path)]
    for tab in tabs:
        tab.visit.until(tab.shows_data, f"data on {tab.path}")
    live = next(tab for tab in tabs if tab.path == "/live")
    newest = max(live.visit.until(live.visit.seqs, "rows on /live"))
    postgres.stop()
    for tab in tabs:
        tab.visit.until(tab.is_away, f"that the database is away on {tab.path}")
        assert tab.shows_data()
    before = {tab.path: tab.data() for tab in tabs}
    reload_explore(explore)
    opened_meanwhile = open_tab(site, visit, "/issues")
    opened_meanwhile.visit.page.get_by_text("This page goes on by itself").wait_for()
    for tab in tabs:
        assert tab.data() == before[tab.path]
    postgres.start()
    opened_meanwhile.visit.until(lambda: is_taken(site), "that events are taken again")
    for tab in tabs:
        tab.visit.until(lambda tab=tab: not tab.is_away(), f"an answer again on {tab.path}")  # type: ignore[misc]
    for tab in (*tabs, opened_meanwhile):
        tab.visit.until(lambda tab=tab: tab.data() != before[tab.path], f"what came on {tab.path}")  # type: ignore[misc]
        tab.visit.assert_clean(["503 (SERVICE UNAVAILABLE)"])
    live.visit.until(lambda: max(live.visit.seqs(), default=0) > newest, "the new row in Live's grid")


def reload_explore(tab: Tab) -> None:
    """In vain; its rows stay until they can be asked for."""
    with tab.visit.page.expect_response("**/api/explore/rows"):
        tab.visit.page.click(f"#{Ids.EXPLORE_RELOAD}")
    assert tab.visit.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row [col-id=seq]").first.inner_text()


def is_taken(site: Site) -> bool:
    """Sends again what the server does not take yet, as producers do."""
    try:
        store(site)
    except grpc.RpcError as error:
        if ended(error).code is not grpc.StatusCode.UNAVAILABLE:
            raise
        return False
    return True
