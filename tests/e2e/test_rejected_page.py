"""The page Rejected in a browser: find out why, read the bytes, take them along, send them again."""

from pathlib import Path

import pytest

from dashboard.api.routes import REJECTS
from dashboard.ids import Ids
from livevalidation.v1 import ingest_pb2
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import GOOD, Site
from tests.support.visits import Visit

LOOKS = [("light", 1400), ("dark", 800)]
HOSTILE = "<img src=http://e.test/x.png onerror=alert(1)>\u202e"


@pytest.fixture
def site(servers: Site, request: pytest.FixtureRequest) -> Site:
    """With an app of the test's own, of which 70 events were rejected for two reasons."""
    made = servers.of_an_app(request.node.name)
    made.send(GOOD)
    reject(
        made, *[b'{"n": %d,}' % number for number in range(60)], *[b"[%d]" % number for number in range(10)]
    )
    return made


def reject(site: Site, *payloads: bytes) -> None:
    events = [ingest_pb2.Event(name=HOSTILE, payload_json=payload) for payload in payloads]
    send(site.ingest, site.tenant.key, [ingest_pb2.EventBatch(events=events)])


def opened(site: Site, visit: Opens, look: tuple[str, int] = LOOKS[0], query: str = "") -> Visit:
    scheme, width = look
    page = visit(site.address, width=width, scheme=scheme)
    page.page.goto(f"{site.address}/rejected?app={site.tenant.name}{query}")
    page.until(lambda: listed(page), "the list")
    return page


def listed(page: Visit) -> int:
    return page.page.locator(f"#{Ids.REJECTS_LIST} tr").count()


@pytest.mark.parametrize("look", LOOKS)
def test_reasons_lead_to_their_events_and_those_to_their_bytes(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = opened(site, visit, look)
    assert listed(page) == 50
    page.page.get_by_role("button", name="Load older").click()
    page.until(lambda: listed(page) == 70, "older ones")
    page.page.get_by_role("button", name="payload not object").click()
    page.until(lambda: listed(page) == 10, "those of the reason")
    assert "reason=payload_not_object" in page.page.url
    page.page.locator(f"#{Ids.REJECTS_LIST} tr").first.click()
    page.until(lambda: "hexadecimal" in page.text(Ids.DRAWER_BODY), "the raw bytes")
    assert HOSTILE.replace("\u202e", "\\u202e") in page.text(Ids.DRAWER_BODY)
    assert "open=" in page.page.url
    page.page.reload()
    page.until(lambda: "hexadecimal" in page.text(Ids.DRAWER_BODY), "the same bytes by the address")
    page.page.keyboard.press("Escape")
    page.until(lambda: "open=" not in page.page.url, "a closed drawer")
    assert page.fits()
    page.assert_clean()


def test_older_ones_that_come_late_are_not_added_to_the_newest(site: Site, visit: Opens) -> None:
    reject(site, *[b"{%d" % number for number in range(60)])
    page = opened(site, visit)
    older = page.page.get_by_role("button", name="Load older")
    older.click()
    page.until(lambda: listed(page) == 100, "older ones")
    held = page.hold(REJECTS, when=lambda body: '"after":' in body)
    older.click()
    page.until(lambda: held, "a question for more")
    page.page.click(f"#{Ids.REJECTS_TOP}")
    page.until(lambda: listed(page) == 50, "the newest alone")
    page.let_go(held[0])
    assert listed(page) == 50
    page.assert_clean()


def test_back_and_forward_walk_the_views(site: Site, visit: Opens) -> None:
    page = opened(site, visit)
    page.page.locator(f"#{Ids.REJECTS_RANGE} label").filter(has_text="24h").click()
    page.until(lambda: "range=24h" in page.page.url, "another range")
    page.page.get_by_role("button", name="payload not object").click()
    page.until(lambda: listed(page) == 10, "those of the reason")
    page.page.locator(f"#{Ids.REJECTS_LIST} tr").first.click()
    page.until(lambda: "open=" in page.page.url, "an open one")
    bytes_of_one = page.page.url

    page.page.go_back()
    page.until(lambda: not page.shows(Ids.DRAWER_BODY), "it is closed")
    assert listed(page) == 10
    page.page.go_back()
    page.until(lambda: listed(page) == 50, "those of every reason")
    page.page.go_back()
    range_ = page.page.locator(f"#{Ids.REJECTS_RANGE} input:checked")
    page.until(lambda: range_.input_value() == "7d" and "range=7d" in page.page.url, "the range before")
    page.page.evaluate("history.go(3)")
    page.until(lambda: "hexadecimal" in page.text(Ids.DRAWER_BODY), "the open one again")
    page.until(lambda: listed(page) == 10, "among those of its reason")
    assert (page.page.url, range_.input_value()) == (bytes_of_one, "24h")
    page.page.evaluate("history.go(-4)")
    page.until(lambda: page.page.url == "about:blank", "no further entries")
    page.assert_clean()


def test_new_ones_appear_and_an_export_has_what_is_listed(site: Site, visit: Opens, tmp_path: Path) -> None:
    page = opened(site, visit, query="&reason=payload_not_object")
    page.until(lambda: listed(page) == 10, "those of the reason")
    reject(site, b"null")
    page.until(lambda: listed(page) == 11, "the new one")
    with page.page.expect_download() as downloading:
        page.page.get_by_role("link", name="Export JSON lines").click()
    downloading.value.save_as(tmp_path / "rejected.jsonl")
    lines = (tmp_path / "rejected.jsonl").read_text().splitlines()
    assert len(lines) == 11
    assert all('"payload_not_object"' in line for line in lines)
    assert "lvd replay --app" in page.text(Ids.REJECTS_REPLAY)
    assert "--reason payload_not_object" in page.text(Ids.REJECTS_REPLAY)
    page.assert_clean()


def test_an_app_without_rejected_events_says_so(servers: Site, visit: Opens) -> None:
    fresh = servers.of_an_app("nothing rejected")
    page = visit(fresh.address)
    page.page.goto(f"{fresh.address}/rejected?app=nothing+rejected")
    page.until(lambda: "Nothing was rejected" in page.text(Ids.REJECTS_GROUPS), "that there is nothing")
    page.assert_clean()
