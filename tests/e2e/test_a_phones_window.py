"""Pages in a window as narrow as a phone's, or at a zoom of 300 %: nothing lies over anything."""

from collections.abc import Iterator

import pytest

from dashboard.ids import Ids
from livevalidation.v1 import ingest_pb2
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import BAD, Site, live_site
from tests.support.visits import Visit

WIDTH = 400
#: Texts and images in a row that lie over one another, or are broken into slivers.
_OVER = """(row) => {
    const range = document.createRange();
    const boxes = [...row.querySelectorAll('.lvd-issue-name, .lvd-issue-what, .lvd-issue-line, img, td')]
        .filter((part) => !part.querySelector('*') && part.textContent + (part.src || ''))
        .map((part) => { range.selectNode(part); return [part.textContent, part.getBoundingClientRect()]; });
    const isOver = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    return boxes.flatMap(([text, box], place) => boxes.slice(place + 1)
        .filter(([, other]) => isOver(box, other)).map(([other]) => [text, other]));
}"""
#: Controls that stick out of what they are in.
_OUT = """(box) => {
    const {left, right} = box.closest('section').getBoundingClientRect();
    return [...box.querySelectorAll('button, label, input')]
        .filter((part) => part.getClientRects().length && part.type !== 'checkbox' && part.type !== 'radio')
        .map((part) => [part.textContent || part.placeholder, part.getBoundingClientRect()])
        .filter(([, place]) => place.right > right || place.left < left)
        .map(([text]) => text);
}"""


@pytest.fixture(scope="module")
def shop(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With an app of which two events were invalid, one was unplanned, and one was rejected."""
    with live_site(module_database, tmp_path_factory.mktemp("cache")) as servers:
        made = servers.of_an_app("Shop")
        made.send(BAD, BAD)
        made.send({"n": 1}, name="order completed")
        broken = ingest_pb2.Event(name="Order Completed", payload_json=b'{"total": 12,}')
        send(made.ingest, made.tenant.key, [ingest_pb2.EventBatch(events=[broken])])
        yield made


def opened(shop: Site, visit: Opens, page: str, shown: str) -> Visit:
    viewed = visit(shop.address, width=WIDTH)
    viewed.page.goto(f"{shop.address}/{page}?app=Shop")
    viewed.until(lambda: viewed.page.locator(shown).count(), "the page's data")
    assert viewed.fits()
    return viewed


def test_what_an_issue_says_can_be_read(shop: Site, visit: Opens) -> None:
    viewed = opened(shop, visit, "issues", f"#{Ids.ISSUES_ROWS} tr")
    row = viewed.page.locator(f"#{Ids.ISSUES_ROWS} tr").first
    assert row.evaluate(_OVER) == []
    version = row.locator(".lvd-issue-line")
    assert version.inner_text() == "In 4.2.0 on ios"
    assert version.evaluate("line => line.getBoundingClientRect().height") < 30
    viewed.assert_clean()


def test_controls_of_the_list_stay_in_their_card(shop: Site, visit: Opens) -> None:
    viewed = opened(shop, visit, "live", "#event-grid .ag-row")
    assert viewed.page.locator(f"#{Ids.FILTERS}").evaluate(_OUT) == []
    viewed.assert_clean()


def test_a_reason_is_broken_between_words_alone(shop: Site, visit: Opens) -> None:
    viewed = opened(shop, visit, "rejected", "[data-lvd-reason]")
    reason = viewed.page.locator("[data-lvd-reason]")
    assert reason.inner_text() == "payload not JSON"
    assert reason.evaluate("button => button.getBoundingClientRect().height") < 50
    viewed.assert_clean()


def test_the_columns_of_an_open_event_have_room_for_their_names(shop: Site, visit: Opens) -> None:
    viewed = visit(shop.address, width=WIDTH)
    viewed.open("app=Shop&event=1")
    head = viewed.page.locator(f"#{Ids.DRAWER_BODY} thead th")
    viewed.until(head.count, "the event's fields")
    assert head.all_inner_texts() == ["Field", "Value", "Expected", "Received", "Status"]
    heights = head.evaluate_all("cells => cells.map((cell) => cell.getBoundingClientRect().height)")
    assert max(heights) < 40
    viewed.assert_clean()
