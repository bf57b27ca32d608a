"""Another app is chosen while nothing answers: no page shows the one's figures under the other's name."""

from collections.abc import Sequence

import pytest

from dashboard.ids import Ids, tile_value
from livevalidation.v1 import ingest_pb2
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import BAD, GOOD, Site
from tests.support.visits import Visit

_API = "**/api/**"
_AWAY = {"error": "database_unavailable", "message": "Database not reachable since 12:00:00"}
#: By page: where the app is chosen, and what is of it alone.
PAGES = {
    "live": (Ids.APP_CHOICE, (tile_value("received"), Ids.PROBLEMS, Ids.LAG)),
    "live?tab=rejected": (Ids.APP_CHOICE, (Ids.REJECTED_NOTE,)),
    "explore": (Ids.EXPLORE_APP, (Ids.EXPLORE_SPAN,)),
    "issues": (Ids.ISSUES_APP, (Ids.ISSUES_ROWS,)),
    "rejected": (Ids.REJECTS_APP, (Ids.REJECTS_GROUPS, Ids.REJECTS_LIST, Ids.REJECTS_NOTE)),
    "plan": (Ids.PLAN_APP, (Ids.PLAN_EVENTS,)),
    "coverage": (Ids.REPORT_APP, (Ids.REPORT_BODY,)),
}


@pytest.fixture(scope="module")
def apps(servers: Site) -> Site:
    """Two apps, each with something for each page."""
    for name in ("Bakery", "Library"):
        site = servers.of_an_app(name)
        site.send(GOOD, BAD)
        broken = ingest_pb2.Event(name="Order Completed", payload_json=b"{")
        send(site.ingest, site.tenant.key, [ingest_pb2.EventBatch(events=[broken])])
    return servers


@pytest.mark.parametrize("path", PAGES)
def test_it_is_not_in_sight_while_the_other_one_is_waited_for(apps: Site, visit: Opens, path: str) -> None:
    choice, shown = PAGES[path]
    page = visit(apps.address)
    page.page.goto(f"{apps.address}/{path}{'&' if '?' in path else '?'}app=Bakery")
    page.until(lambda: tells_all(page, shown), "its data")
    held = page.hold("/api/**")
    page.choose(choice, "Library")
    page.until(lambda: tells_nothing(page, shown), "nothing of the first one")
    assert not page.shows(Ids.BANNER)
    while held:
        held.pop(0).continue_()
        page.page.wait_for_timeout(50)
    page.page.unroute(_API)
    page.until(lambda: tells_all(page, shown), "the other one's data")
    page.page.route(_API, lambda route: route.fulfill(status=503, json=_AWAY))
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    assert page.text(Ids.BANNER).startswith("Showing the last data.")
    assert tells_all(page, shown)
    page.choose(choice, "Bakery")
    page.until(lambda: page.text(Ids.BANNER).startswith("Nothing could be loaded yet."), "that there is none")
    page.until(lambda: tells_nothing(page, shown), "nothing of the other one")
    page.page.unroute(_API)
    page.until(lambda: tells_all(page, shown) and not page.shows(Ids.BANNER), "the first one's data")
    page.assert_clean(["503 (Service Unavailable)"])


def tells_all(page: Visit, shown: Sequence[str]) -> bool:
    return all(text not in ("", "…") and "loading" not in text for text in map(page.text, shown))


def tells_nothing(page: Visit, shown: Sequence[str]) -> bool:
    return not any(map(page.text, shown))
