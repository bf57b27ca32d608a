"""The very first page that a viewer opens: its times are in their zone from the first answer on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Request

from dashboard.services import ZONE_COOKIE
from tests.e2e.conftest import Opens
from tests.support.live_site import BAD, GOOD, Site, live_site
from tests.support.visits import Visit

#: A page that asks again and again, one that is worded as a whole, and one that asks when it is opened.
_PATHS = ("/live", "/system", "/explore")
#: What answers in words: pages and their data.
_ANSWERS = ("/_dash-update-component", "/api/")


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with live_site(module_database, tmp_path_factory.mktemp("cache"), direct=True) as servers:
        made = servers.of_an_app("Shop")
        made.send(GOOD, BAD)
        yield made


def without_zone(visit: Visit) -> list[str]:
    """To it will be added what is asked by who does not say where they are."""
    found: list[str] = []

    def note(request: Request) -> None:
        asks = any(part in request.url for part in _ANSWERS)
        if asks and f"{ZONE_COOKIE}=Europe%2FBerlin" not in request.all_headers().get("cookie", ""):
            found.append(request.url)

    visit.page.on("requestfinished", note)
    return found


@pytest.mark.parametrize("path", _PATHS)
def test_nothing_is_asked_before_the_viewers_zone_is_known(site: Site, visit: Opens, path: str) -> None:
    opened = visit(site.address)
    asked = without_zone(opened)
    with opened.page.expect_response("**/api/**"):
        opened.page.goto(f"{site.address}{path}")
    opened.page.get_by_text("Times in Europe/Berlin").wait_for()
    assert asked == []
    opened.assert_clean()


def test_a_viewer_who_deletes_cookies_stays_in_their_zone(site: Site, visit: Opens) -> None:
    opened = visit(site.address)
    opened.page.goto(f"{site.address}/live")
    opened.page.get_by_text("Times in Europe/Berlin").wait_for()
    opened.page.context.clear_cookies()
    asked = without_zone(opened)
    for _ in range(2):
        with opened.page.expect_response("**/api/**"):
            pass
    assert asked == []
