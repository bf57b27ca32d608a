"""Another app is chosen while nothing answers: no page shows the one's figures under the other's name."""

import re
from collections.abc import Mapping, Sequence

import pytest
from playwright.sync_api import Route

from dashboard.ids import Ids, tile_value
from livevalidation.v1 import ingest_pb2
from storage.plans import PlanStore
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import BAD, GOOD, PLAN, Site
from tests.support.visits import Visit

Apps = Mapping[str, Site]

_API = re.compile("/api/")
_AWAY = {"error": "database_unavailable", "message": "Database not reachable since 12:00:00"}
_NOTHING = ("", "loading\u2026", "\u2014")
#: By page: where the app is chosen, what tells of that app alone, and what reads the same for the other one.
PAGES = {
    "live": (Ids.APP_CHOICE, (tile_value("received"), Ids.PROBLEMS), ()),
    "live?tab=rejected": (Ids.APP_CHOICE, (Ids.REJECTED_NOTE,), ()),
    "explore": (Ids.EXPLORE_APP, (Ids.EXPLORE_TOTAL,), (Ids.EXPLORE_SPAN,)),
    "issues": (Ids.ISSUES_APP, (Ids.ISSUES_ROWS, Ids.ISSUES_HEAT), ()),
    "rejected": (Ids.REJECTS_APP, (Ids.REJECTS_GROUPS, Ids.REJECTS_LIST, Ids.REJECTS_NOTE), ()),
    "plan": (Ids.PLAN_APP, (Ids.PLAN_EVENTS,), ()),
    "plan?tab=edit": (Ids.PLAN_APP, (Ids.PLAN_DRAFT_EVENTS,), (Ids.PLAN_CHANGES,)),
    "plan?tab=versions": (Ids.PLAN_APP, (Ids.PLAN_VERSION_LIST,), ()),
    "coverage": (Ids.REPORT_APP, (Ids.REPORT_BODY,), ()),
}


@pytest.fixture(scope="module")
def apps(servers: Site) -> Apps:
    """Two apps by name, each with something of its own for each page."""
    made = {}
    for name, times in (("Bakery", 1), ("Library", 2)):
        site = made[name] = servers.of_an_app(name)
        for number in range(times):
            events = {**PLAN["events"], f"{name} opened {number}": {"schema": {"type": "object"}}}
            PlanStore(site.engine).push(site.tenant.app_id, {**PLAN, "events": events})
        site.send(GOOD, *[BAD] * times)
        broken = [
            ingest_pb2.Event(name=f"{name} opened", payload_json=b"{" * number)
            for number in range(1, times + 1)
        ]
        send(site.ingest, site.tenant.key, [ingest_pb2.EventBatch(events=broken)])
    return made


def opened(visit: Opens, apps: Apps, path: str) -> Visit:
    """The page of the first app."""
    address = apps["Bakery"].address
    page = visit(address)
    page.page.goto(f"{address}/{path}{'&' if '?' in path else '?'}app=Bakery")
    return page


def told(page: Visit, shown: Sequence[str]) -> list[str]:
    """The texts, once all of them tell something."""
    texts = [page.text(each) for each in shown]
    return [] if any(text in _NOTHING for text in texts) else texts


def tells_nothing(page: Visit, shown: Sequence[str]) -> bool:
    return all(page.text(each) in _NOTHING for each in shown)


def cut_off(page: Visit) -> None:
    """From now on no question is answered, until its route is taken away."""
    page.page.route(_API, lambda route: route.fulfill(status=503, json=_AWAY))


@pytest.mark.parametrize("path", PAGES)
def test_it_is_not_in_sight_while_the_other_ones_is_waited_for(apps: Apps, visit: Opens, path: str) -> None:
    choice, own, alike = PAGES[path]
    shown = (*own, *alike)
    page = opened(visit, apps, path)
    first = page.until(lambda: told(page, shown), "its data")[: len(own)]
    held = page.hold("/api/**")
    page.choose(choice, "Library")
    page.until(lambda: tells_nothing(page, shown), "nothing of the first one")
    assert not page.shows(Ids.BANNER)
    let_go(page, held)
    # What comes first is the other one's already.
    second = page.until(lambda: told(page, shown), "the other one's data")
    assert not set(first) & set(second[: len(own)])
    cut_off(page)
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    assert page.text(Ids.BANNER).startswith("Showing the last data.")
    assert told(page, shown) == second
    held = page.hold("/api/**")
    page.page.unroute(_API)
    page.choose(choice, "Bakery")
    page.until(lambda: tells_nothing(page, shown), "nothing of the other one")
    page.until(lambda: page.text(Ids.BANNER).startswith("Nothing could be loaded yet."), "that there is none")
    let_go(page, held)
    page.until(lambda: told(page, shown) and not page.shows(Ids.BANNER), "the first one's data")
    page.assert_clean(["503 (Service Unavailable)"])


def let_go(page: Visit, held: list[Route]) -> None:
    """These are answered, and all to come."""
    while held:
        held.pop(0).continue_()
        page.page.wait_for_timeout(50)
    page.page.unroute("**/api/**")


def test_a_plan_that_was_read_before_another_apps_was_edited(apps: Apps, visit: Opens) -> None:
    page = opened(visit, apps, "plan")
    page.until(lambda: "Bakery opened" in page.text(Ids.PLAN_EVENTS), "the first one's")
    tab(page, Ids.PLAN_TAB, "Edit")
    page.choose(Ids.PLAN_APP, "Library")
    page.until(lambda: "Library opened" in page.text(Ids.PLAN_DRAFT_EVENTS), "the other one's")
    # Which version is in force is asked for apart from the draft, and may come behind it.
    with page.page.expect_response("**/api/plan"):
        pass
    cut_off(page)
    tab(page, Ids.PLAN_TAB, "Read")
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    page.until(lambda: tells_nothing(page, (Ids.PLAN_EVENTS,)), "nothing of the first one")
    tab(page, Ids.PLAN_TAB, "Edit")
    page.until(
        lambda: page.text(Ids.BANNER).startswith("Showing the last data."), "that the draft is the last"
    )
    assert "Library opened" in page.text(Ids.PLAN_DRAFT_EVENTS)


def test_rejected_ones_that_were_listed_before_another_app_was_chosen(apps: Apps, visit: Opens) -> None:
    page = opened(visit, apps, "live?tab=rejected")
    page.until(lambda: told(page, (Ids.REJECTED_NOTE,)), "the first one's")
    tab(page, Ids.TAB, "Events")
    page.choose(Ids.APP_CHOICE, "Library")
    page.until(lambda: page.text(tile_value("received")) == "5", "the other one's")
    cut_off(page)
    tab(page, Ids.TAB, "Rejected")
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    assert tells_nothing(page, (Ids.REJECTED_NOTE,))
    assert not page.page.locator(f"#{Ids.REJECTED_GRID} .ag-row").count()


def test_what_holds_for_another_filter_does_not_for_another_app(apps: Apps, visit: Opens) -> None:
    page = opened(visit, apps, "issues")
    page.until(lambda: told(page, (Ids.ISSUES_HEAT,)), "the first one's")
    cut_off(page)
    tab(page, Ids.ISSUES_STANDING, "Muted")
    page.until(lambda: page.text(Ids.BANNER).startswith("Nothing could be loaded yet."), "that there is none")
    assert told(page, (Ids.ISSUES_HEAT,))
    assert "Open 1" in page.text(Ids.ISSUES_STANDING)
    page.choose(Ids.ISSUES_APP, "Library")
    page.until(lambda: tells_nothing(page, (Ids.ISSUES_HEAT,)), "nothing of the first one")
    assert "Open \u2026" in page.text(Ids.ISSUES_STANDING)


def test_a_pause_does_not_tell_what_another_app_received(apps: Apps, visit: Opens) -> None:
    page = opened(visit, apps, "live")
    page.until(page.seqs, "the first one's rows")
    page.page.click(f"#{Ids.PAUSE}")
    apps["Bakery"].send(GOOD)
    page.until(lambda: page.text(Ids.PAUSE) == "Resume (1 new)", "what came meanwhile")
    cut_off(page)
    page.choose(Ids.APP_CHOICE, "Library")
    page.until(lambda: page.text(Ids.PAUSE) == "Resume", "nothing of the first one")


def tab(page: Visit, control: Ids, label: str) -> None:
    page.page.locator(f"#{control} label").filter(has_text=label).click()
