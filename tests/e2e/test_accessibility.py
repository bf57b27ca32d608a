"""Every page of the navigation by axe-core, in both themes: nothing serious or critical."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from dashboard.ids import Ids
from livevalidation.v1 import ingest_pb2
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import BAD, GOOD, Site, live_site
from tests.support.visits import Visit

#: WCAG 2.x, levels A and AA.
_ASKED = """async () => {
    const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const {violations} = await axe.run(document, {runOnly: levels});
    const bad = violations.filter(({impact}) => impact === 'serious' || impact === 'critical');
    const told = ({html, any}) => `${html.slice(0, 160)} ${(any[0] || {}).message || ''}`;
    return bad.map(({id, nodes}) => [id, ...nodes.map(told)]);
}"""
_AXE = (files("axe_playwright_python") / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With an app that has events of every verdict."""
    with live_site(module_database, tmp_path_factory.mktemp("cache")) as servers:
        made = servers.of_an_app("Shop")
        made.send(GOOD, BAD, BAD, run="ci-1")
        made.send({"n": 1}, name="order completed")
        broken = ingest_pb2.Event(name="Order Completed", payload_json=b'{"total": 12,}')
        send(made.ingest, made.tenant.key, [ingest_pb2.EventBatch(events=[broken])])
        yield made


def problems(visit: Visit) -> list[Any]:
    """What axe finds serious or critical on the page as it is now."""
    found: list[Any] = visit.page.evaluate(_ASKED)
    return found


def settled(visit: Visit) -> None:
    """Waits until the page shows data, and nothing loads or moves any more."""
    visit.until(
        lambda: visit.page.locator("main h1").count() and "loading…" not in visit.page.inner_text("main"),
        "data",
    )
    visit.page.wait_for_timeout(400)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_navigation_can_be_used_by_everybody(site: Site, visit: Opens, scheme: str) -> None:
    opened = visit(site.address, scheme=scheme)
    opened.page.goto(site.address)
    opened.page.wait_for_selector("nav a")
    pages = opened.page.locator("nav[aria-label=Pages] a").evaluate_all(
        "links => links.map((link) => link.pathname)"
    )
    assert {"/", "/live", "/rejected"} <= set(pages)
    found = {}
    for path in pages:
        opened.page.goto(f"{site.address}{path}")
        settled(opened)
        opened.page.evaluate(_AXE)
        found[path] = problems(opened)
    assert {path: told for path, told in found.items() if told} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_over_live_can_be_used_by_everybody(site: Site, visit: Opens, scheme: str) -> None:
    opened = visit(site.address, scheme=scheme)
    opened.open(f"app={site.tenant.name}&subject=user-7&run=ci-1&name=Order+Completed&event=2")
    opened.until(lambda: "Facts" in opened.text(Ids.DRAWER_BODY), "the drawer's content")
    settled(opened)
    opened.page.evaluate(_AXE)
    assert problems(opened) == []
    opened.page.keyboard.press("Escape")
    opened.until(lambda: not opened.shows(Ids.DRAWER_BODY), "a closed drawer")
    assert problems(opened) == []
    opened.page.keyboard.press("?")
    opened.until(lambda: opened.shows(Ids.KEYS_LIST), "the list of keys")
    opened.page.wait_for_timeout(300)
    assert problems(opened) == []
    opened.page.evaluate("() => document.querySelector('#keys-list').after(document.createElement('input'))")
    assert [told[0] for told in problems(opened)] == ["label"], "axe does not see what is wrong"
