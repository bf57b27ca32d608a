"""A browser on the pages Overview and Issues: each one's main task, in both themes, wide and narrow."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import FloatRect

from dashboard.api.routes import ISSUES
from dashboard.ids import Ids
from dashboard.issues_view import Sort
from storage.model import Source
from storage.plans import PlanStore
from storage.readers import Reader
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.events import WRONG_TOTAL, new_event, submission
from tests.support.served import ServedApp, served
from tests.support.visits import Visit
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

NAME = "Order Completed"
OLD, NEW = Source("kt/1", "4.1.9", "android", "prod"), Source("kt/1", "4.2.0", "android", "prod")
MISSING = Violation("/order_id", Kind.MISSING_REQUIRED, "string", "missing", "")
LOOKS = [("light", 1400), ("dark", 800)]
HOSTILE = "<img src=http://e.test/x.png onerror=alert(1)>\u202e"


@dataclass(frozen=True)
class Site(ServedApp):
    """A dashboard with two apps, one of which has issues."""

    app: str
    quiet: str

    def send(
        self, count: int, source: Source, *broken: Violation, name: str = NAME, prefix: str = "e"
    ) -> None:
        verdict = Verdict.INVALID if broken else Verdict.VALID
        events = [
            new_event(f"{prefix}-{source.app_version}-{number}", None, name=name, verdict=verdict)._replace(
                violations=broken
            )
            for number in range(count)
        ]
        with writer_on(self.engine) as writer:
            writer.write([submission(self.app_id, events, plan_version=1, source=source)])


@pytest.fixture
def site(database: str, tmp_path: Path) -> Iterator[Site]:
    with engine_of(database, pool_size=8) as engine:
        first, second = new_app(engine), new_app(engine)
        PlanStore(engine).push(first, {"version": 1, "name": "Shop", "events": {}})
        names = {app.app_id: app.name for app in Reader(engine).apps()}
        app = dashboard_on(engine, tmp_path, coalesce_seconds=0.2)
        with served(app) as (address, faults):
            made = Site(address, faults, engine, first, names[first], names[second])
            made.send(200, OLD)
            made.send(60, NEW, WRONG_TOTAL)
            made.send(20, NEW, MISSING, prefix="missing")
            yield made


def go(visit: Opens, address: str, look: tuple[str, int] = LOOKS[0]) -> Visit:
    """A viewer of this look, at an address of the site."""
    scheme, width = look
    parts = urlsplit(address)
    opened = visit(f"{parts.scheme}://{parts.netloc}", width=width, scheme=scheme)
    opened.page.goto(address)
    return opened


def rows(page: Visit) -> list[str]:
    """What the listed issues read."""
    return page.page.locator(f"#{Ids.ISSUES_ROWS} tr").all_inner_texts()


def tabs(page: Visit) -> str:
    return page.text(Ids.ISSUES_STANDING).replace("\n", " ")


def query(page: Visit) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.page.url).query)


_COVERS_FOCUS = """() => {
    const {top, bottom, left, right} = document.activeElement.getBoundingClientRect();
    return Boolean(document.elementFromPoint((left + right) / 2, (top + bottom) / 2).closest('.lvd-toasts'));
}"""
#: From the page's head, wherever it is scrolled.
_PLACE = "node => node.getBoundingClientRect().y + scrollY"


def box(page: Visit, component: Ids) -> FloatRect:
    found = page.page.locator(f"#{component}").bounding_box()
    assert found is not None
    return found


def in_sight(page: Visit, component: Ids) -> bool:
    """Whether it is shown, all of it within the window."""
    if not page.shows(component):
        return False
    found, window = box(page, component), page.page.viewport_size
    assert window is not None
    return found["y"] >= 0 and found["y"] + found["height"] <= window["height"]


def overlap(page: Visit, one: Ids, other: Ids) -> bool:
    """Whether one is above a part of the other."""
    upper, lower = sorted((box(page, one), box(page, other)), key=lambda each: each["y"])
    return upper["y"] + upper["height"] > lower["y"]


@pytest.mark.parametrize("look", LOOKS)
def test_an_issue_is_found_looked_at_resolved_and_comes_back(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}", look)
    page.until(lambda: len(rows(page)) == 2, "two issues")
    assert "Broken since 4.2.0 on android" in rows(page)[0]
    assert "/total: wrong type" in rows(page)[0]
    assert page.fits()
    page.until(lambda: "Open 2" in tabs(page), "tabs with counts")

    page.page.get_by_role("button", name="Resolve: Order Completed /total: wrong type").click()
    page.until(lambda: len(rows(page)) == 1, "the issue goes")
    assert page.text(Ids.ISSUES_DONE).startswith("Resolved.")
    assert page.page.evaluate("document.activeElement.id") == Ids.ISSUES_DONE
    page.until(lambda: "Resolved 1" in tabs(page), "it is counted")

    site.send(3, NEW, WRONG_TOTAL, prefix="back")
    page.until(lambda: any("Came back: it was resolved" in row for row in rows(page)), "it opens by itself")
    page.assert_clean()


@pytest.mark.parametrize("look", LOOKS)
def test_an_issue_is_muted_with_a_reason_and_opened_again(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}", look)
    page.until(lambda: len(rows(page)) == 2, "two issues")
    page.page.get_by_role("button", name="Mute: Order Completed /order_id: missing").click()
    dialog = page.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Mute", exact=True).click()
    page.until(lambda: "Say why" in dialog.inner_text(), "a reason is asked for")
    assert len(rows(page)) == 2
    page.page.fill(f"#{Ids.MUTE_REASON}", "mended in 4.3")
    page.page.keyboard.press("Enter")
    page.until(lambda: len(rows(page)) == 1, "the issue goes")

    page.page.locator(f"#{Ids.ISSUES_STANDING} label").filter(has_text="Muted").click()
    page.until(lambda: any("mended in 4.3" in row for row in rows(page)), "it is among the muted")
    assert query(page)["state"] == ["muted"]
    page.page.reload()
    page.until(lambda: any("mended in 4.3" in row for row in rows(page)), "the address keeps the view")
    page.page.get_by_role("button", name="Open again").click()
    page.until(lambda: "No issue is muted" in page.text(Ids.ISSUES_EMPTY), "it is open again")
    page.assert_clean()


def test_filters_and_order_are_in_the_address(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}&kind=missing_required&sort=last&range=7d")
    page.until(lambda: len(rows(page)) == 1, "the one of that kind")
    assert "/order_id" in rows(page)[0]
    page.page.locator(f"#{Ids.ISSUES_RANGE} label").filter(has_text="30d").click()
    page.until(lambda: query(page).get("range") == ["30d"], "the range is in the address")
    assert query(page)["kind"] == ["missing_required"]
    assert query(page)["sort"] == ["last"]
    page.assert_clean()


def test_back_and_forward_walk_the_views_of_the_issues(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}&kind=missing_required")
    page.until(lambda: len(rows(page)) == 1, "the one of that kind")
    page.page.locator(f"#{Ids.ISSUES_RANGE} label").filter(has_text="30d").click()
    page.until(lambda: query(page).get("range") == ["30d"], "the range is in the address")
    page.page.locator(f"#{Ids.ISSUES_STANDING} label").filter(has_text="Muted").click()
    page.until(lambda: page.shows(Ids.ISSUES_EMPTY), "none is muted")
    page.page.locator(f"#{Ids.ISSUES_STANDING} label").filter(has_text="Open").click()
    page.until(lambda: len(rows(page)) == 1, "the open one")
    page.page.press(f"#{Ids.ISSUES_KINDS}", "Backspace")
    page.until(lambda: len(rows(page)) == 2 and "kind" not in query(page), "those of each kind")

    page.page.go_back()
    page.until(lambda: len(rows(page)) == 1, "that kind again")
    assert "/order_id" in rows(page)[0]
    page.page.go_back()
    page.until(lambda: page.shows(Ids.ISSUES_EMPTY), "none is muted")
    assert chosen(page, Ids.ISSUES_STANDING) == "muted"
    page.page.evaluate("history.go(-2)")
    page.until(lambda: chosen(page, Ids.ISSUES_RANGE) == "24h" and len(rows(page)) == 1, "as it was opened")
    assert chosen(page, Ids.ISSUES_STANDING) == "open"
    page.page.evaluate("history.go(4)")
    page.until(lambda: len(rows(page)) == 2, "those of each kind")
    assert (chosen(page, Ids.ISSUES_RANGE), query(page)["range"]) == ("30d", ["30d"])
    page.page.evaluate("history.go(-5)")
    page.until(lambda: page.page.url == "about:blank", "no further entries")
    page.assert_clean()


def chosen(page: Visit, control: Ids) -> str:
    """What a segmented control says."""
    return page.page.locator(f"#{control} input:checked").input_value()


def test_the_example_opens_in_the_drawer_and_back_leads_to_the_issues(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}")
    page.until(lambda: len(rows(page)) == 2, "two issues")
    page.page.locator(f"#{Ids.ISSUES_ROWS} tr").first.get_by_role("link", name="Example").click()
    page.until(lambda: "/total: expected number" in page.text(Ids.DRAWER_BODY), "the event, opened")
    assert query(page)["event"] == ["260"]
    page.page.go_back()
    page.until(lambda: len(rows(page)) == 2, "the issues again")
    page.assert_clean()


def test_the_name_of_an_issue_leads_to_exactly_its_events(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}&kind=missing_required")
    page.until(lambda: len(rows(page)) == 1, "the one of that kind")
    page.page.locator(f"#{Ids.ISSUES_ROWS} tr").first.get_by_role("link", name=NAME, exact=True).click()
    page.until(lambda: page.text(Ids.EXPLORE_TOTAL).endswith("of 20"), "the 20 of 80 invalid events")
    assert query(page)["path"] == ["/order_id"]
    page.assert_clean()


@pytest.mark.parametrize("look", LOOKS)
def test_the_map_tells_the_share_as_text_and_leads_to_the_events(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}", look)
    cell = page.page.locator(f"#{Ids.ISSUES_HEAT} a").last
    page.until(lambda: cell.count() == 1, "a cell with invalid events")
    assert cell.inner_text() == "29"
    assert "80 of 280 invalid (28.6 %)" in str(cell.get_attribute("title"))
    cell.focus()
    page.page.keyboard.press("Enter")
    page.until(lambda: page.total() == 80, "the invalid events of that hour")
    assert query(page)["name"] == [NAME]
    assert query(page)["status"] == ["invalid"]
    page.assert_clean()


def test_rows_under_the_pointer_keep_their_places(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}")
    page.until(lambda: len(rows(page)) == 2, "two issues")
    page.page.locator(f"#{Ids.ISSUES_ROWS} tr").first.hover()
    site.send(500, NEW, MISSING, prefix="more")
    page.until(lambda: any("520" in row for row in rows(page)), "the new count")
    assert "/total" in rows(page)[0]
    page.page.mouse.move(1, 1)
    site.send(1, NEW, MISSING, prefix="last")
    page.until(lambda: "/order_id" in rows(page)[0], "the order, once the pointer is gone")
    page.assert_clean()


def test_rows_that_kept_their_places_are_in_order_once_they_are_left(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}")
    page.until(lambda: len(rows(page)) == 2, "two issues")
    page.page.locator(f"#{Ids.ISSUES_ROWS} tr").first.hover()
    site.send(500, NEW, MISSING, prefix="more")
    page.until(lambda: any("520" in row for row in rows(page)), "the new count")
    resolve = page.page.get_by_role("button", name="Resolve: Order Completed /total")
    resolve.focus()
    page.page.mouse.move(1, 1)
    for _ in range(2):
        with page.page.expect_response(f"**{ISSUES}"):
            pass
    assert "/total" in rows(page)[0], "it has the focus"
    resolve.blur()
    page.until(lambda: "/order_id" in rows(page)[0], "the order, though nothing came any more")
    page.assert_clean()


def test_a_chosen_order_holds_though_the_pointer_is_above_the_rows(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}")
    page.until(lambda: "/total" in "".join(rows(page)[:1]), "the most frequent first")
    held = page.hold(ISSUES, when=lambda body: f'"sort":"{Sort.FIRST_SEEN}"' in body)
    page.choose(Ids.ISSUES_SORT, "Newest")
    page.page.locator(f"#{Ids.ISSUES_ROWS} tr").first.hover()
    page.until(lambda: held, "a question for the order")
    page.let_go(held[0])
    page.until(lambda: "/order_id" in rows(page)[0], "the newest first")
    assert page.page.locator(f"#{Ids.ISSUES_ROWS}:hover").count(), "the pointer is there"
    page.assert_clean()


def test_a_hostile_name_is_text(site: Site, visit: Opens) -> None:
    site.send(5, NEW, WRONG_TOTAL, name=HOSTILE, prefix="hostile")
    page = go(visit, f"{site.address}/issues?app={site.app}")
    page.until(lambda: len(rows(page)) == 3, "three issues")
    assert any("<img src=http://e.test/x.png onerror=alert(1)>\\u202e" in row for row in rows(page))
    page.page.get_by_role("button", name="Resolve: <img").click()
    page.until(lambda: len(rows(page)) == 2, "it goes, whatever its name")
    page.assert_clean()


def test_a_failing_server_is_told_of_and_the_page_goes_on(site: Site, visit: Opens) -> None:
    site.faults.breaks = lambda path: path.startswith(ISSUES)
    page = go(visit, f"{site.address}/issues?app={site.app}")
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    assert page.text(Ids.BANNER).startswith("Nothing could be loaded yet.")
    assert "Open" in page.text(Ids.ISSUES_STANDING)
    site.faults.breaks = lambda _path: False
    page.until(lambda: len(rows(page)) == 2, "two issues")
    site.faults.breaks = lambda path: path.startswith(ISSUES)
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    assert page.text(Ids.BANNER).startswith("Showing the last data.")
    assert len(rows(page)) == 2
    page.page.get_by_role("button", name="Resolve: Order Completed /total").click()
    page.until(lambda: "Nothing was changed" in page.text(Ids.NOTICE), "the failed change")
    site.faults.breaks = lambda _path: False
    page.until(lambda: not page.shows(Ids.BANNER), "the page goes on")
    assert len(rows(page)) == 2
    page.assert_clean(["500 (INTERNAL SERVER ERROR)"])


@pytest.mark.parametrize("look", LOOKS)
def test_notices_and_the_banner_are_in_sight_of_a_scrolled_page(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = go(visit, f"{site.address}/issues?app={site.app}", look)
    page.page.set_viewport_size({"width": look[1], "height": 340})
    page.until(lambda: len(rows(page)) == 2, "two issues")
    page.page.get_by_role("button", name="Resolve: Order Completed /order_id").click()
    page.until(lambda: in_sight(page, Ids.ISSUES_DONE), "what was done, in sight")
    page.until(lambda: len(rows(page)) == 1, "the other issue")

    last = page.page.get_by_role("button", name="Resolve: Order Completed /total")
    last.scroll_into_view_if_needed()
    page.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.page.evaluate("scrollY") > 100, "the page is scrolled"
    place = last.evaluate(_PLACE)
    site.faults.breaks = lambda path: path.startswith(ISSUES)
    page.until(lambda: in_sight(page, Ids.BANNER), "the banner, in sight")
    last.click()
    page.until(lambda: in_sight(page, Ids.NOTICE), "the failure, in sight")
    assert "Nothing was changed" in page.text(Ids.NOTICE)
    assert not overlap(page, Ids.NOTICE, Ids.BANNER)
    assert page.page.evaluate(_COVERS_FOCUS) is False
    assert last.evaluate(_PLACE) == place, "nothing moves"
    page.until(lambda: not page.shows(Ids.ISSUES_DONE), "what was done goes by itself")
    assert page.shows(Ids.NOTICE), "a failure stays"
    page.page.keyboard.press("Escape")
    page.until(lambda: not page.shows(Ids.NOTICE), "it is closed")
    page.assert_clean(["500 (INTERNAL SERVER ERROR)"])


@pytest.mark.parametrize("look", LOOKS)
def test_the_overview_leads_from_the_app_that_needs_somebody_to_its_issues(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = go(visit, f"{site.address}/", look)
    apps = page.page.locator(f"#{Ids.OVERVIEW_BODY} tbody tr")
    page.until(lambda: apps.count() == 2, "two apps")
    first, second = apps.all_inner_texts()
    assert site.app in first
    assert "28.6 % not valid" in first
    assert f"{NAME} /total: wrong type" in first, "what breaks most"
    assert "with 4.2.0 on android" in first
    assert site.quiet in second
    assert "no events yet" in second
    assert "Apps that need attention come first" in page.text(Ids.OVERVIEW_BODY)
    assert page.fits()
    site.send(20, OLD, prefix="more")
    page.until(lambda: "300" in apps.first.inner_text(), "new events are counted")
    apps.first.locator("td a").click()
    page.until(lambda: len(rows(page)) == 2, "its issues")
    page.assert_clean()


def test_pages_follow_each_other_without_a_trace(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/")
    navigation = page.page.get_by_role("navigation", name="Pages")
    for _ in range(2):
        page.until(lambda: site.app in page.text(Ids.OVERVIEW_BODY), "the overview")
        navigation.get_by_role("link", name="Issues").click()
        page.until(lambda: len(rows(page)) == 2, "the issues")
        navigation.get_by_role("link", name="Live").click()
        page.until(lambda: page.total() == 280, "the events")
        navigation.get_by_role("link", name="Overview").click()
    page.assert_clean()


def test_an_app_that_is_not_there_is_named_with_those_that_are(site: Site, visit: Opens) -> None:
    page = go(visit, f"{site.address}/nowhere")
    page.page.get_by_role("heading", name="no such page").wait_for()
    for path in ("live", "explore", "coverage", "plan", "rejected", "issues"):
        page.page.goto(f"{site.address}/{path}?app=Gone")
        page.page.get_by_role("heading", name="No app").wait_for()
    page.page.get_by_role("link", name=site.app).click()
    page.until(lambda: len(rows(page)) == 2, "the app that was chosen")
    page.assert_clean()
