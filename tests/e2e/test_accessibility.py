"""Every page and what opens on it by axe-core, in both themes: nothing serious or critical."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

import pytest

from dashboard.ids import Ids
from livevalidation.v1 import ingest_pb2
from storage.reasons import Reason
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import BAD, GOOD, Site, live_site
from tests.support.visits import Visit

#: WCAG 2.x, levels A and AA.
_ASKED = """async (within) => {
    const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const parts = [...document.querySelectorAll(within)].filter((part) => part.getClientRects().length);
    const {violations} = await axe.run(parts, {runOnly: levels});
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


def problems(visit: Visit, within: str = "html") -> list[Any]:
    """What axe finds serious or critical as it is now, in all that is seen of this."""
    found: list[Any] = visit.page.evaluate(_ASKED, within)
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


_DIALOG, _LIST, _MENU = "[role=dialog]", "[role=listbox]", "[role=menu]"
_OVERLAYS = f"{_DIALOG}, {_LIST}, {_MENU}"
_NAMED = "name=Order+Completed"
_CUSTOM = "range=custom&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
#: By address: what opens there at a click (None: by the address alone), one after the other.
STATES: dict[str, tuple[tuple[str | None, str], ...]] = {
    f"live?{_CUSTOM}&event=2&subject=user-7&run=ci-1": (
        (None, f"#{Ids.DRAWER_BODY} dl"),
        (f"#{Ids.KEYS_OPEN}", _DIALOG),
        (f"#{Ids.NAMES}", _LIST),
        (f"#{Ids.RANGE_FROM}", _DIALOG),
    ),
    "live?tab=rejected": ((f"#{Ids.REJECTED_GRID} .ag-row", f"#{Ids.DRAWER_BODY} dl"),),
    f"explore?{_CUSTOM}&{_NAMED}&status_not=valid&where=/total+>+1": (
        (None, f"#{Ids.EXPLORE}"),
        (f"#{Ids.EXPLORE_FIELD}", _LIST),
        (".lvd-small-button", _MENU),
        (f"#{Ids.EXPLORE_FROM}", _DIALOG),
    ),
    "issues": (("[data-lvd-action=mute]", _DIALOG), (f"#{Ids.ISSUES_SORT}", _LIST)),
    f"coverage?{_NAMED}": ((None, "[data-lvd-opened]"),),
    "plan?tab=edit&event=Order+Completed": (
        (None, f"#{Ids.PLAN_DRAFT_EVENT} table"),
        ("[data-lvd-step=add-property]", _DIALOG),
        (f"#{Ids.PLAN_ADD_EVENT}", _DIALOG),
        (f"#{Ids.PLAN_SETTINGS}", _DIALOG),
    ),
    "plan?tab=edit&as=text": ((None, f"#{Ids.PLAN_CHANGES} *"),),
    "plan?tab=versions": ((None, f"#{Ids.PLAN_DIFF} *"),),
    f"rejected?reason={Reason.PAYLOAD_NOT_JSON}": (
        (None, f"#{Ids.REJECTS_LIST} tr"),
        ("[data-lvd-rejected]", f"#{Ids.DRAWER_BODY} dl"),
    ),
    "issues?app=Gone": ((None, "main a"),),
    "nowhere": ((None, "main a"),),
}


def broken(opened: Visit, click: str | None, seen: str, widths: Sequence[int]) -> list[Any]:
    """What is wrong with it at these widths; closes what the click opened."""
    if click is not None:
        opened.page.locator(click).first.click()
    opened.page.locator(f"{seen} >> visible=true").first.wait_for()
    # What opens fades in.
    opened.page.wait_for_timeout(250)
    found = []
    for width in widths:
        opened.page.set_viewport_size({"width": width, "height": 900})
        found += problems(opened, "html" if click is None else _OVERLAYS)
    opened.page.set_viewport_size({"width": 1400, "height": 900})
    opened.page.keyboard.press("Escape")
    opened.until(lambda: not opened.page.locator(_OVERLAYS).locator("visible=true").count(), "it is closed")
    return found


@pytest.mark.parametrize(("scheme", "widths"), [("light", (1400, 800)), ("dark", (1400,))])
def test_what_opens_on_the_pages_can_be_used_by_everybody(
    site: Site, visit: Opens, scheme: str, widths: tuple[int, ...]
) -> None:
    opened = visit(site.address, scheme=scheme)
    found: dict[tuple[str | None, ...], list[Any]] = {}
    for address, states in STATES.items():
        app = "" if "app=" in address else f"{'&' if '?' in address else '?'}app={site.tenant.name}"
        opened.page.goto(f"{site.address}/{address}{app}")
        settled(opened)
        opened.page.evaluate(_AXE)
        found |= {(address, *state): broken(opened, *state, widths) for state in states}
    assert {state: told for state, told in found.items() if told} == {}
    opened.page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    assert [told[0] for told in problems(opened)] == ["label"], "axe does not see what is wrong"
