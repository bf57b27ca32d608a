"""The page Live with data flowing over gRPC."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from dashboard.api.routes import FEED
from dashboard.ids import Ids, tile_note
from livevalidation.v1 import ingest_pb2
from tests.e2e.conftest import Opens
from tests.support.ingest import send
from tests.support.live_site import BAD, GOOD, Site, number
from tests.support.visits import Visit

#: Test 23 of the reliability tests: nothing of it may run or be fetched.
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![](http://192.0.2.1/x.png)",
    "=cmd|' /C calc'!A0",
)


def open_row(visit: Visit, seq: int) -> None:
    """By a click."""
    visit.page.locator(f"#event-grid .ag-row:has([col-id=seq]:text-is('{seq:,}')) [col-id=name]").click()
    visit.until(lambda: "Facts" in visit.text(Ids.DRAWER_BODY), "the drawer's content")


def test_an_event_sent_over_grpc_is_on_the_page_judged_without_a_reload(live: Visit, site: Site) -> None:
    live.page.evaluate("window.notReloaded = true")
    for seq in range(3, 13):
        site.send(BAD if seq % 2 else GOOD)
        live.until(lambda seq=seq: live.seqs()[:1] == [seq], f"seq {seq} on top")  # type: ignore[misc]
        assert live.rows()[0]["status"] == ("invalid" if seq % 2 else "valid")
    assert live.rows()[1]["problem"] == '/total: expected number, received string "12"'
    assert live.page.evaluate("window.notReloaded")
    live.until(lambda: number(live, "received") == 12, "the tile of received events")
    assert (number(live, "invalid"), live.text(tile_note("valid"))) == (6, "6 valid")
    assert "Order Completed" in live.text(Ids.PROBLEMS)
    live.assert_clean()


def test_the_scale_of_a_few_events_has_no_half_ones(live: Visit) -> None:
    ticks = live.page.locator(f"#{Ids.CHART} .ytick text")
    live.until(ticks.count, "the scale")
    assert ticks.all_text_contents() == ["0", "1", "2"]


def test_what_is_broken_and_the_names_are_those_of_the_last_events_too(site: Site, visit: Opens) -> None:
    site.send(BAD)
    live = visit(site.address)
    # A range that ends now is another one with the next minute, and read anew.
    live.open(f"app={site.tenant.name}&range=all")
    live.until(lambda: "Order Completed" in live.text(Ids.PROBLEMS), "what is broken")
    site.send(GOOD, name="Cart Lost")
    live.until(lambda: live.seqs() == [2, 1], "the last event")
    live.until(lambda: "Cart Lost" in live.text(Ids.PROBLEMS), "the last event is broken, too")
    live.choose_name("Cart Lost")
    live.until(lambda: live.seqs() == [2], "the last event alone")
    live.assert_clean()


def test_a_narrow_grid_tells_what_is_wrong(site: Site, visit: Opens) -> None:
    site.send(BAD)
    live = visit(site.address, width=800)
    live.open(f"app={site.tenant.name}")
    live.until(lambda: live.rows().get(0, {}).get("problem"), "a violation")
    row = live.page.locator(f"#{Ids.GRID} .ag-row[row-index='0']")
    for column in ("name", "status", "problem"):
        cell = row.locator(f"[col-id={column}]")
        shown = "cell => cell.scrollWidth <= cell.clientWidth && cell.scrollHeight <= cell.clientHeight"
        assert cell.evaluate(shown), column
    # The time alone; with its day, if the viewer's midnight passed meanwhile.
    received = live.page.evaluate(
        "async () => (await dash_ag_grid.getApiAsync('event-grid')).getDisplayedRowAtIndex(0).data.received"
    )
    day, time = received.split(" ")
    is_today = day == live.page.evaluate("new Date().toLocaleDateString('sv')")
    told = time if is_today else f"{day[5:]} {time[:5]}"
    assert row.locator("[col-id=received-short]").inner_text() == told


def test_the_drawer_shows_every_field_with_expected_and_received(live: Visit) -> None:
    open_row(live, 2)
    cells = live.page.locator(f"#{Ids.DRAWER_BODY} table tbody tr").all_inner_texts()
    fields = [tuple(" ".join(part.split()) for part in row.split("\t")) for row in cells]
    assert fields == [
        ("/total", '"12"', "number", 'string "12"', "✕ invalid"),
        ("/coupon", "", "string", "missing", "· optional, not received"),
        ("/order_id", '"o-2"', "string", 'string "o-2"', "✓ valid"),
    ]
    body = live.text(Ids.DRAWER_BODY)
    assert '"total": "12"' in body
    for fact in ("user-7", "4.2.0", "ios", "test/1.0"):
        assert fact in body
    assert "event=2" in live.page.url
    live.page.keyboard.press("Escape")
    live.until(lambda: not live.shows(Ids.DRAWER_BODY), "a closed drawer")
    assert "event=" not in live.page.url
    live.assert_clean()


def test_the_pickers_of_a_range_fit_in_the_line_of_the_controls(site: Site, visit: Opens) -> None:
    opened = visit(site.address)
    opened.open(f"app={site.tenant.name}&range=custom&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")
    heights = [
        opened.page.locator(f"#{control}").evaluate("node => node.offsetHeight")
        for control in (Ids.APP_CHOICE, Ids.RANGE_FROM, Ids.RANGE_TO)
    ]
    assert len(set(heights)) == 1, heights


def test_an_address_of_an_event_opens_its_drawer(site: Site, visit: Opens) -> None:
    site.send(GOOD, BAD)
    opened = visit(site.address)
    opened.open(f"app={site.tenant.name}&event=2")
    opened.until(lambda: "/total: expected number" in opened.text(Ids.DRAWER_BODY), "the drawer's content")
    opened.assert_clean()


def test_a_range_that_ends_before_it_begins_is_told_and_nothing_is_called_good(
    site: Site, visit: Opens
) -> None:
    site.send(BAD)
    page = visit(site.address)
    page.open(
        f"app={site.tenant.name}&range=custom&from=2026-02-01T00:00Z&to=2026-01-01T00:00Z&status=invalid"
    )
    page.until(lambda: page.shows(Ids.REFUSED), "what is wrong")
    assert "The range must end after it begins: choose a later end or an earlier start." in page.text(
        Ids.REFUSED
    )
    assert not any(page.shows(part) for part in (Ids.BANNER, Ids.TILES, Ids.UPPER, Ids.LISTS))
    page.page.get_by_role("button", name="Clear the filters").click()
    page.until(lambda: "status=" not in page.page.url, "no filter")
    page.page.get_by_role("button", name="Show the last hour").click()
    page.until(lambda: page.seqs() == [1] and not page.shows(Ids.REFUSED), "the page goes on")
    assert "range=1h" in page.page.url
    assert "/total: wrong type" in page.text(Ids.PROBLEMS)
    page.assert_clean(["400 (BAD REQUEST)"])


def test_a_range_of_ones_own_begins_with_the_one_in_sight(live: Visit) -> None:
    live.page.locator(f"#{Ids.RANGE_CHOICE} label").filter(has_text="Custom").click()
    live.until(lambda: "range=custom" in live.page.url, "a range of one's own")
    start, end = (datetime.fromisoformat(live.text(picker)) for picker in (Ids.RANGE_FROM, Ids.RANGE_TO))
    assert end - start == timedelta(hours=1)
    live.until(lambda: live.seqs() == [2, 1], "the same events")
    live.assert_clean()


@pytest.mark.parametrize("path", ["live", "explore"])
def test_an_address_of_the_hour_that_clocks_show_twice_keeps_its_range(
    site: Site, visit: Opens, path: str
) -> None:
    site.send(GOOD)
    opened = visit(site.address)
    # In Berlin both begin at 02:00, by summer time and by winter time.
    for start, end in (("00:00", "01:00"), ("01:00", "01:30")):
        opened.page.goto(
            f"{site.address}/{path}?app={site.tenant.name}&range=custom"
            f"&from=2026-10-25T{start}:00Z&to=2026-10-25T{end}:00Z"
        )
        opened.until(lambda: ".000Z" in opened.page.url.replace("%3A", ":"), "the page's own address")
        query = parse_qs(urlsplit(opened.page.url).query)
        assert query["from"] == [f"2026-10-25T{start}:00.000Z"]
        assert query["to"] == [f"2026-10-25T{end}:00.000Z"]
    opened.assert_clean()


def test_back_undoes_changes_of_the_view_and_ticks_make_none(live: Visit, site: Site) -> None:
    live.choose_status("Invalid")
    live.until(lambda: live.seqs() == [2], "the invalid one")
    live.page.fill(f"#{Ids.SUBJECT}", "nobody")
    live.page.press(f"#{Ids.SUBJECT}", "Enter")
    live.until(lambda: live.total() == 0, "nobody's events")
    live.page.go_back()
    live.until(lambda: live.seqs() == [2], "the invalid one again")
    assert live.page.input_value(f"#{Ids.SUBJECT}") == ""
    site.send(BAD)
    live.until(lambda: live.seqs() == [3, 2], "a tick brought another one")
    live.page.go_back()
    live.until(lambda: live.seqs() == [3, 2, 1], "the status is off, too")
    live.page.go_forward()
    live.until(lambda: live.seqs() == [3, 2], "it holds again")
    live.assert_clean()


def test_a_page_that_is_left_while_it_scrolls_complains_of_nothing(live: Visit) -> None:
    """The grid tells of what happened a moment later, when it may be gone."""
    live.page.evaluate("""async () => {
        const api = await dash_ag_grid.getApiAsync('event-grid');
        api.dispatchEvent({type: 'bodyScrollEnd'});
        api.destroy();
    }""")
    live.page.wait_for_timeout(200)
    live.assert_clean()


def test_back_opens_the_event_of_the_app_that_it_leads_to(servers: Site, visit: Opens) -> None:
    other = servers.of_an_app("empty").tenant.name
    site = servers.of_an_app("full")
    site.send(GOOD, BAD)
    live = visit(site.address)
    live.open(f"app={site.tenant.name}")
    live.until(lambda: live.seqs() == [2, 1], "two rows")
    open_row(live, 2)
    live.page.keyboard.press("Escape")
    live.until(lambda: "event=" not in live.page.url, "a closed drawer")
    live.page.click(f"#{Ids.APP_CHOICE}")
    live.page.get_by_role("option", name=other, exact=True).click()
    live.until(lambda: f"app={other}" in live.page.url, "the other app")
    live.page.evaluate("history.go(-2)")
    live.until(lambda: "Facts" in live.text(Ids.DRAWER_BODY), "the event of the first app")
    assert f"app={site.tenant.name}" in live.page.url
    live.assert_clean()


def test_what_an_address_says_wrongly_is_told(live: Visit, site: Site) -> None:
    live.open(f"app={site.tenant.name}&range=1y&status=broken")
    live.until(lambda: live.shows(Ids.NOTICE), "what is wrong")
    told = live.text(Ids.NOTICE)
    assert 'There is no range "1y": 1h is shown.' in told
    assert 'There is no status "broken"' in told
    box = live.page.locator(f"#{Ids.NOTICE}").bounding_box()
    assert box is not None
    assert box["y"] > 600, "at the window's foot, where it covers no way to another page"
    live.until(lambda: live.seqs() == [2, 1], "the default")
    live.assert_clean()


def test_the_keyboard_opens_and_closes_a_row(live: Visit) -> None:
    live.page.locator("#event-grid .ag-row[row-index='0'] [col-id=name]").focus()
    live.page.evaluate("async () => (await dash_ag_grid.getApiAsync('event-grid')).setFocusedCell(0, 'name')")
    live.page.keyboard.press("ArrowDown")
    live.page.keyboard.press("Enter")
    live.until(lambda: "Facts" in live.text(Ids.DRAWER_BODY), "the drawer's content")
    assert "event=1" in live.page.url
    live.page.keyboard.press("Escape")
    live.until(lambda: not live.shows(Ids.DRAWER_BODY), "a closed drawer")
    live.assert_clean()


def test_an_empty_app_shows_how_to_begin_and_then_its_first_event(site: Site, visit: Opens) -> None:
    other = site.of_an_app("Another empty one")
    opened = visit(site.address)
    opened.open(f"app={other.tenant.name}")
    opened.until(lambda: opened.shows(Ids.EMPTY_APP), "how to begin")
    assert "key create --app 'Another empty one'" in opened.text(Ids.EMPTY_APP)
    assert "lvd send" in opened.text(Ids.EMPTY_APP)
    opened.choose(Ids.APP_CHOICE, site.tenant.name)
    opened.until(lambda: f"key create --app {site.tenant.name}" in opened.text(Ids.EMPTY_APP), "the app's")
    site.send(GOOD)
    opened.until(lambda: opened.seqs() == [1], "the first event")
    opened.until(lambda: not opened.shows(Ids.EMPTY_APP), "no word of an empty app")
    opened.assert_clean()


def test_rejected_events_are_listed_and_show_their_bytes(live: Visit, site: Site) -> None:
    broken = ingest_pb2.Event(name="Order Completed", payload_json=b'{"total": 12,}')
    send(site.ingest, site.tenant.key, [ingest_pb2.EventBatch(events=[broken])])
    live.until(lambda: number(live, "rejected") == 1, "the tile of rejected events")
    live.page.locator("[data-lvd-tab=rejected]").click()
    live.until(lambda: "payload_not_json" in live.text(Ids.REJECTED_PANEL), "the rejected event")
    assert live.text(Ids.REJECTED_NOTE) == "1 kind of bytes, last seen first"
    live.page.locator("#rejected-grid .ag-row").first.click()
    live.until(lambda: "hexadecimal" in live.text(Ids.DRAWER_BODY), "the drawer's content")
    assert '{"total": 12,}' in live.text(Ids.DRAWER_BODY)
    assert "7b 22 74 6f 74 61 6c" in live.text(Ids.DRAWER_BODY)
    assert "tab=rejected" in live.page.url
    assert "open=" in live.page.url
    live.page.go_back()
    live.until(lambda: not live.shows(Ids.DRAWER_BODY), "a closed drawer")
    assert "open=" not in live.page.url
    live.assert_clean()


def test_rejected_events_behind_more_new_ones_than_a_page_has_can_be_loaded(live: Visit, site: Site) -> None:
    def reject(*numbers: int) -> None:
        payloads = [b'{"n": %d,}' % number for number in numbers]
        events = [ingest_pb2.Event(name="Order Completed", payload_json=payload) for payload in payloads]
        send(site.ingest, site.tenant.key, [ingest_pb2.EventBatch(events=events)])

    reject(*range(60))
    live.open(f"app={site.tenant.name}&tab=rejected&range=24h")
    live.until(lambda: live.text(Ids.REJECTED_NOTE).startswith("50 kinds"), "the newest")
    live.page.click(f"#{Ids.REJECTED_MORE}")
    live.until(lambda: live.text(Ids.REJECTED_NOTE).startswith("60 kinds"), "all")
    assert not live.shows(Ids.REJECTED_MORE)
    held = live.hold(FEED)
    live.until(lambda: held, "a question to the feed")
    # One that is listed is seen again: among the newest it tells nothing of what is behind them.
    for numbers in (range(1000, 1200), [0]):
        reject(*numbers)
    held.pop().continue_()
    live.page.unroute(f"**{FEED}")
    # What was loaded stays to be read, whatever comes.
    live.until(lambda: live.shows(Ids.REJECTED_TOP), "a way to the newest")
    assert live.text(Ids.REJECTED_NOTE).startswith("60 kinds")
    live.page.click(f"#{Ids.REJECTED_TOP}")
    live.until(lambda: live.text(Ids.REJECTED_NOTE).startswith("50 kinds"), "the newest alone")
    assert not live.shows(Ids.REJECTED_TOP)
    while not (told := live.text(Ids.REJECTED_NOTE)).startswith("260 kinds"):
        live.page.click(f"#{Ids.REJECTED_MORE}")
        live.until(lambda told=told: live.text(Ids.REJECTED_NOTE) != told, "more of them")  # type: ignore[misc]
    assert not live.shows(Ids.REJECTED_MORE)
    live.assert_clean()


def test_a_database_that_goes_away_and_returns_leaves_a_living_page(live: Visit, site: Site) -> None:
    before = live.seqs()
    # What the badge says in the first moment that the banner is in sight.
    live.page.evaluate(
        """() => new MutationObserver((_, observer) => {
            if (!document.getElementById("banner").checkVisibility()) return;
            window.firstBadge = document.getElementById("lag").textContent;
            observer.disconnect();
        }).observe(document.body, {subtree: true, childList: true, attributes: true})"""
    )
    site.relay.cut()
    try:
        live.until(lambda: live.shows(Ids.BANNER), "the banner")
        live.until(lambda: live.page.evaluate("window.firstBadge ?? null") is not None, "what the badge says")
        assert live.page.evaluate("window.firstBadge").startswith("Behind: no news for")
        assert "Database not reachable since" in live.text(Ids.BANNER)
        assert (live.seqs(), number(live, "received")) == (before, 2)
        site.send(BAD)
    finally:
        site.relay.restore()
    live.until(lambda: not live.shows(Ids.BANNER), "no banner any more")
    live.until(lambda: live.seqs() == [3, 2, 1], "what came meanwhile")
    live.assert_clean(["503 (SERVICE UNAVAILABLE)"])


def test_an_app_that_was_made_anew_is_told_and_shown(live: Visit, site: Site) -> None:
    with site.engine.begin() as conn:
        statement = text(
            "UPDATE app_ledger SET epoch = epoch + 1, version = version + 1 WHERE app_id = :app_id"
        )
        conn.execute(statement, {"app_id": site.tenant.app_id})
    live.until(lambda: live.shows(Ids.NOTICE), "a notice")
    assert "replaced" in live.text(Ids.NOTICE)
    site.send(GOOD)
    live.until(lambda: live.seqs() == [3, 2, 1], "rows of the new epoch")
    live.page.click(f"#{Ids.NOTICE_CLOSE}")
    live.until(lambda: not live.shows(Ids.NOTICE), "a closed notice")
    live.assert_clean()


def test_hostile_names_and_values_are_text(live: Visit, site: Site) -> None:
    for hostile in HOSTILE:
        site.send({"order_id": hostile, hostile: hostile}, name=hostile)
    live.until(lambda: live.seqs()[:1] == [6], "the hostile events")
    assert {cells["name"] for cells in live.rows().values()} >= set(HOSTILE)
    for seq in (3, 4, 5, 6):
        open_row(live, seq)
        assert HOSTILE[seq - 3] in live.text(Ids.DRAWER_BODY)
        live.page.keyboard.press("Escape")
        live.until(lambda: not live.shows(Ids.DRAWER_BODY), "a closed drawer")
    live.assert_clean()


def test_another_app_is_remembered_and_in_the_address(site: Site, visit: Opens) -> None:
    site.send(GOOD)
    opened = visit(site.address)
    opened.open(f"app={site.tenant.name}&range=24h")
    opened.until(lambda: opened.seqs() == [1], "the event")
    opened.page.goto(f"{site.address}/live")
    opened.until(lambda: f"app={site.tenant.name}" in opened.page.url, "the remembered app in the address")
    opened.assert_clean()
