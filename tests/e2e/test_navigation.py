"""From page to page by the header: each tab keeps its app."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page

from dashboard.ids import Ids
from tests.e2e.conftest import Opens
from tests.support.live_site import GOOD, Site
from tests.support.visits import Visit


def entry(page: Page, name: str) -> Locator:
    """Of the navigation."""
    return page.get_by_role("navigation", name="Pages").get_by_role("link", name=name)


def app_of(page: Page) -> list[str]:
    """The app that the address names, once the page has written its view there."""
    return parse_qs(urlsplit(page.url).query).get("app", [])


def go_on(page: Page) -> Page:
    entry(page, "Issues").click()
    return page


def go_on_in_a_new_tab(page: Page) -> Page:
    with page.context.expect_page() as opened:
        entry(page, "Issues").click(button="middle")
    return opened.value


def opened_live(servers: Site, visit: Opens, app: str) -> Visit:
    """Of a new app of that name, with one event."""
    servers.of_an_app(app).send(GOOD)
    page = visit(servers.address)
    page.open(f"app={app}")
    page.until(page.seqs, "its event")
    return page


@pytest.mark.parametrize("way", [go_on, go_on_in_a_new_tab])
@pytest.mark.parametrize("waits_on", ["Live", "Overview"])
def test_each_of_two_tabs_keeps_its_app(
    servers: Site, visit: Opens, waits_on: str, way: Callable[[Page], Page]
) -> None:
    mine, other = (f"{way.__name__} from {waits_on} {tab}" for tab in ("mine", "other"))
    tab = opened_live(servers, visit, mine)
    if waits_on == "Overview":
        entry(tab.page, "Overview").click()
        tab.page.locator(f"#{Ids.OVERVIEW}").wait_for()
    opened_live(servers, visit, other)
    reached = way(tab.page)
    reached.locator(f"#{Ids.ISSUES}").wait_for()
    tab.until(lambda: app_of(reached), "an app in the address")
    assert app_of(reached) == [mine]
    if reached != tab.page:
        reached.close()
    tab.assert_clean()
