"""Every page's main task in every look, while events flow in over gRPC whose texts are hostile (test 23)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic_ns

import orjson
import pytest

from dashboard.api.routes import EXPLORE_ROWS
from dashboard.ids import Ids
from livevalidation.v1 import ingest_pb2
from storage.plans import PlanStore
from tests.e2e.conftest import Opens, Scheme
from tests.support.ingest import new_tenant, send
from tests.support.live_site import Site, live_site
from tests.support.visits import Visit

LOOKS = [("light", 1400), ("dark", 1400), ("light", 800), ("dark", 800)]
IMAGE = "<img src=http://192.0.2.1/a.png onerror=alert(1)>"
LINK = "[x](javascript:alert(1))"
PICTURE = "![](http://192.0.2.1/b.png)"
FORMULA = "=cmd|' /C calc'!A0"
HOSTILE = f"{IMAGE}{LINK}{PICTURE}{FORMULA}"
_PLAN = {
    "version": 1,
    "name": HOSTILE,
    "events": {
        IMAGE: {
            "description": HOSTILE,
            "schema": {
                "type": "object",
                "description": HOSTILE,
                "required": ["total"],
                "properties": {
                    "total": {"type": "number", "description": PICTURE},
                    LINK: {"enum": [IMAGE, LINK], "pattern": IMAGE, "title": HOSTILE},
                },
            },
        },
        FORMULA: {"schema": {"type": "object"}},
    },
}
_SOURCE = ingest_pb2.Source(sdk=IMAGE, app_version=FORMULA, platform=LINK, environment=PICTURE)
#: Elements that would fetch from elsewhere, or run what an attribute holds.
_ALIVE = """() => [...document.querySelectorAll('*')].filter((element) => {
    const address = element.getAttribute('src') || element.getAttribute('href') || '';
    const {protocol, origin} = new URL(address, location.href);
    const isOwn = origin === location.origin || protocol === 'data:' || protocol === 'blob:';
    return !isOwn || element.getAttributeNames().some((name) => name.startsWith('on'));
}).map((element) => element.outerHTML.slice(0, 200))"""

Task = Callable[[Visit, Site], None]


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With one app, to which events come as long as it stands."""
    with live_site(module_database, tmp_path_factory.mktemp("cache"), direct=True) as servers:
        tenant = new_tenant(servers.engine, HOSTILE)
        made = Site(servers.address, servers.ingest, servers.engine, servers.relay, tenant)
        PlanStore(made.engine).push(tenant.app_id, _PLAN, note=HOSTILE, author=IMAGE)
        with flowing(made):
            yield made


@contextmanager
def flowing(site: Site) -> Iterator[None]:
    """Three batches a second."""
    over = Event()

    def run() -> None:
        while not over.wait(0.3):
            send(site.ingest, site.tenant.key, [batch()])

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def batch() -> ingest_pb2.EventBatch:
    """A valid, an invalid and an unplanned event, a duplicate, and one that is no JSON."""
    payloads = (
        (FORMULA, {"total": 1, HOSTILE: HOSTILE}),
        (IMAGE, {"total": IMAGE, LINK: HOSTILE, PICTURE: [HOSTILE]}),
        (LINK, {IMAGE: {HOSTILE: 1}}),
    )
    events = [
        ingest_pb2.Event(
            name=name,
            subject=IMAGE,
            event_id=f"{IMAGE}{monotonic_ns()}",
            payload_json=orjson.dumps(payload),
        )
        for name, payload in payloads
    ]
    broken = ingest_pb2.Event(name=IMAGE, payload_json=f'{{"{HOSTILE}": {monotonic_ns()},}}'.encode())
    return ingest_pb2.EventBatch(events=[*events, events[0], broken], source=_SOURCE, run_id=LINK)


def overview(page: Visit, _: Site) -> None:
    row = page.page.locator(f"#{Ids.OVERVIEW_BODY} tbody tr").first
    page.until(lambda: HOSTILE in row.inner_text(), "the app")
    before = row.inner_text()
    page.until(lambda: row.inner_text() != before, "new events in its row")


def live(page: Visit, _: Site) -> None:
    newest = page.until(page.seqs, "rows")[0]
    page.until(lambda: page.seqs()[:1] > [newest], "new events on top")
    page.page.click(f"#{Ids.PAUSE}")
    page.until(lambda: page.text(Ids.PAUSE).startswith("Resume"), "a list that stands still")
    page.page.locator("#event-grid .ag-row", has_text="invalid").first.locator("[col-id=name]").click()
    page.until(lambda: HOSTILE in page.text(Ids.DRAWER_BODY), "an invalid event in the drawer")
    assert "/total: expected number" in page.text(Ids.DRAWER_BODY)
    check(page)
    close_drawer(page)


def explore(page: Visit, _: Site) -> None:
    page.until(lambda: " of " in page.text(Ids.EXPLORE_TOTAL), "rows")
    page.choose(Ids.EXPLORE_FIELD, "Subject")
    page.page.fill(f"#{Ids.EXPLORE_TYPED}", IMAGE)
    page.page.keyboard.press("Enter")
    with page.page.expect_response(f"**{EXPLORE_ROWS}"):
        page.page.click(f"#{Ids.EXPLORE_ADD}")
    page.until(lambda: " of " in page.text(Ids.EXPLORE_TOTAL), "rows of the filter")
    filters = page.page.locator(f"#{Ids.EXPLORE_FILTERS} span")
    page.until(lambda: filters.all_inner_texts() == [f"Subject is {IMAGE}"], "the filter")
    rows = page.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row [col-id=name]", has_text="img")
    page.until(rows.count, "its events")
    rows.first.click()
    page.until(lambda: "Facts" in page.text(Ids.DRAWER_BODY), "an event in the drawer")
    close_drawer(page)


def issues(page: Visit, _: Site) -> None:
    rows = page.page.locator(f"#{Ids.ISSUES_ROWS} tr")
    page.until(rows.count, "issues")
    rows.filter(has_text="/total: wrong type").get_by_role("button", name="Resolve").click()
    page.until(lambda: page.text(Ids.ISSUES_DONE).startswith("Resolved."), "it is resolved")
    page.until(lambda: "Came back: it was resolved" in page.text(Ids.ISSUES_ROWS), "it comes back")


def coverage(page: Visit, _: Site) -> None:
    page.page.get_by_role("button", name=f"Fields of {IMAGE}").click()
    fields = page.page.get_by_role("region", name=f"Fields of {IMAGE}")
    page.until(fields.count, "the fields")
    assert f'"{LINK}"' in fields.inner_text()
    check(page)
    page.page.get_by_role("button", name=f"Add to plan: {LINK}").click()
    draft = page.page.locator("#plan-draft")
    page.until(draft.count, "the draft")
    assert IMAGE in draft.inner_text()


def plan(page: Visit, _: Site) -> None:
    page.until(lambda: LINK in page.text(Ids.PLAN_EVENT), "the first event's properties")
    assert HOSTILE in page.text(Ids.PLAN_EVENT)
    page.page.locator(f"#{Ids.PLAN_TAB} label").filter(has_text="Edit").click()
    page.until(lambda: "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    check(page)
    page.page.locator(f"#{Ids.PLAN_TAB} label").filter(has_text="Versions").click()
    page.until(lambda: HOSTILE in page.text(Ids.PLAN_VERSION_LIST), "the versions with their notes")


def rejected(page: Visit, _: Site) -> None:
    page.page.get_by_role("button", name="payload not json").click()
    page.until(lambda: "reason=payload_not_json" in page.page.url, "the reason in the address")
    page.page.locator(f"#{Ids.REJECTS_LIST} tr").first.click()
    page.until(lambda: "hexadecimal" in page.text(Ids.DRAWER_BODY), "the raw bytes")
    assert HOSTILE in page.text(Ids.DRAWER_BODY)
    check(page)
    close_drawer(page)


def system(page: Visit, site: Site) -> None:
    page.until(lambda: site.ingest in page.text(Ids.REPORT_BODY), "the server's address")
    page.until(lambda: FORMULA in page.text(Ids.REPORT_BODY), "the producers by their source")


#: In the order of the navigation.
TASKS: dict[str, Task] = {
    "Overview": overview,
    "Live": live,
    "Explore": explore,
    "Issues": issues,
    "Coverage": coverage,
    "Plan": plan,
    "Rejected": rejected,
    "System": system,
}


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_does_its_task_and_takes_hostile_texts_for_texts(
    site: Site, visit: Opens, scheme: Scheme, width: int
) -> None:
    page = visit(site.address, width=width, scheme=scheme)
    page.page.goto(site.address)
    pages = page.page.get_by_role("navigation", name="Pages").get_by_role("link")
    pages.first.wait_for()
    assert pages.all_inner_texts() == list(TASKS)
    for name, task in TASKS.items():
        pages.filter(has_text=name).click()
        page.page.locator("main h1", has_text=name).wait_for()
        task(page, site)
        check(page)
    assert page.page.evaluate("document.documentElement.dataset.mantineColorScheme") == scheme
    page.assert_clean()


def check(page: Visit) -> None:
    """Nothing of the page is made of what events say, and all of it is in the window."""
    assert page.page.evaluate(_ALIVE) == []
    assert page.fits()


def close_drawer(page: Visit) -> None:
    page.page.keyboard.press("Escape")
    page.until(lambda: not page.shows(Ids.DRAWER_BODY), "a closed drawer")


def test_what_the_walk_must_not_see_would_be_seen(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    page.page.goto(f"{site.address}/system")
    page.page.locator("main h1").wait_for()
    page.page.evaluate("(html) => { document.querySelector('main').innerHTML += html; }", IMAGE)
    assert len(page.page.evaluate(_ALIVE)) == 1
    page.until(lambda: any("Content Security Policy" in said for said in page.complaints), "the violation")
    page.page.evaluate("alert(1)")
    assert "dialog: 1" in page.complaints
