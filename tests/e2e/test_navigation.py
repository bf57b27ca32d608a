"""From page to page by the header: each tab keeps its app, the open page its view, and each page comes."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page

from dashboard.api.routes import FEED
from dashboard.ids import Ids
from tests.e2e.conftest import Opens
from tests.support.live_site import BAD, GOOD, Site
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


def open_by_the_header(page: Visit, app: str) -> None:
    """By an address without a view."""
    page.page.goto(page.address)
    page.until(lambda: app in page.text(Ids.OVERVIEW_BODY), "the overview")
    entry(page.page, "Live").click()
    page.choose(Ids.APP_CHOICE, app)


def open_by_an_address(page: Visit, app: str) -> None:
    page.open(f"app={app}")


@pytest.mark.parametrize("by", [open_by_the_header, open_by_an_address])
def test_the_entry_of_the_open_page_keeps_its_view(
    site: Site, visit: Opens, by: Callable[[Visit, str], None]
) -> None:
    site.send(GOOD, BAD)
    page = visit(site.address)
    by(page, site.tenant.name)
    page.until(lambda: page.seqs() == [2, 1], "two rows")
    page.choose_status("invalid")
    page.until(lambda: page.seqs() == [2], "the invalid one")
    address, entries = page.page.evaluate("[location.href, history.length]")
    assert parse_qs(urlsplit(address).query)["status"] == ["invalid"]
    page.page.evaluate("scrollTo(0, document.body.scrollHeight)")

    with page.page.expect_request(f"**{FEED}"):
        entry(page.page, "Live").click()
    assert page.page.evaluate("[location.href, history.length, scrollY]") == [address, entries, 0]
    assert page.seqs() == [2]
    page.page.reload()
    page.until(lambda: page.seqs() == [2], "the same view by its address")
    page.choose_status("invalid")
    page.until(lambda: page.seqs() == [2, 1], "two rows, as the page goes on")
    page.assert_clean()


def test_the_entry_of_a_page_without_a_view_adds_nothing_to_the_history(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    page.page.goto(page.address)
    page.until(lambda: site.tenant.name in page.text(Ids.OVERVIEW_BODY), "the overview")
    entries = page.page.evaluate("history.length")
    entry(page.page, "Overview").click()
    assert page.page.evaluate("history.length") == entries
    page.assert_clean()


def test_the_entry_of_a_page_leads_away_from_an_app_that_is_not_there(site: Site, visit: Opens) -> None:
    site.send(GOOD)
    page = visit(site.address)
    page.open("app=Gone")
    page.page.get_by_role("heading", name="No app").wait_for()
    entry(page.page, "Live").click()
    page.page.locator(f"#{Ids.APP_CHOICE}").wait_for()
    page.assert_clean()


#: By which Dash asks for pages, and all that is asked.
ROUTER, EVERYTHING = "/_dash-update-component", "/"
NO_ANSWER = ["ERR_FAILED", "Callback failed"]


def at_the_foot(page: Visit) -> str:
    """What the banner says that nothing covers."""
    found = page.page.evaluate(
        "() => document.elementFromPoint(innerWidth / 2, innerHeight - 8).closest('.lvd-banner').textContent"
    )
    return str(found)


def away(page: Visit, what: str, go: Callable[[], object]) -> None:
    """Goes while these requests fail, as if the server were restarted, until a page was asked for in vain."""
    page.page.route(f"**{what}**", lambda route: route.abort())
    with page.page.expect_event("requestfailed", lambda failed: ROUTER in failed.url):
        go()


@pytest.mark.parametrize("what", [ROUTER, EVERYTHING], ids=["Dash's requests", "each"])
def test_a_page_that_was_asked_for_while_the_server_was_away_comes_by_itself(
    live: Visit, site: Site, what: str
) -> None:
    away(live, what, entry(live.page, "Issues").click)
    live.until(lambda: live.shows(Ids.UNOPENED), "that it is not there yet")
    assert live.text(Ids.UNOPENED).startswith("This page could not be opened yet.")
    if what == EVERYTHING:
        live.until(lambda: live.shows(Ids.BANNER), "that the page before has no news either")
    assert "could not be opened" in at_the_foot(live), "what matters more is above"
    assert live.page.locator(f"#{Ids.PAGE}").count(), "the page before"
    live.page.unroute(f"**{what}**")
    live.until(lambda: live.page.locator(f"#{Ids.ISSUES}").count(), "the page of the address")
    live.until(lambda: not live.shows(Ids.UNOPENED), "nothing more to be told")
    live.until(lambda: app_of(live.page), "its view")
    assert app_of(live.page) == [site.tenant.name]
    entry(live.page, "Live").click()
    live.until(lambda: live.seqs() == [2, 1], "two rows")
    live.assert_clean(NO_ANSWER)


def test_back_leads_to_its_page_also_while_the_server_is_away(live: Visit) -> None:
    entry(live.page, "Issues").click()
    live.until(lambda: app_of(live.page) and live.page.locator(f"#{Ids.ISSUES}").count(), "the issues")
    away(live, ROUTER, live.page.go_back)
    live.page.unroute(f"**{ROUTER}**")
    live.until(lambda: live.seqs() == [2, 1], "two rows")
    live.assert_clean(NO_ANSWER)


def test_a_page_that_is_slow_to_come_is_waited_for_and_asked_for_again_at_last(
    site: Site, visit: Opens
) -> None:
    site.send(GOOD, BAD)
    page = visit(site.address)
    page.page.clock.install()
    page.open(f"app={site.tenant.name}")
    page.until(lambda: page.seqs() == [2, 1], "two rows")
    held = page.hold(f"{ROUTER}*")
    entry(page.page, "Issues").click()
    page.until(lambda: len(held) == 1, "a question for the page")
    page.page.clock.run_for(5_000)
    assert not page.shows(Ids.UNOPENED)
    page.page.clock.run_for(6_000)
    page.until(lambda: page.shows(Ids.UNOPENED), "that it is not there yet")
    page.until(lambda: len(held) == 2, "another question")
    page.page.clock.run_for(11_000)
    assert len(held) == 2, "which may take longer"
    for route in held:
        route.continue_()
    page.until(lambda: page.page.locator(f"#{Ids.ISSUES}").count(), "the page of the address")
    page.until(lambda: not page.shows(Ids.UNOPENED), "nothing more to be told")
    page.assert_clean()
