"""Live for a tester with a phone, and for who watches: follow, pause, keys, neighbours, copies."""

import pytest

from dashboard.ids import Ids, tile_value
from storage.readers import Reader
from tests.e2e.conftest import Opens
from tests.support.live_site import BAD, GOOD, Site
from tests.support.visits import PATIENCE, Visit

LOOKS = [("light", 1400), ("dark", 800)]


@pytest.fixture
def site(servers: Site, request: pytest.FixtureRequest) -> Site:
    """With an app of the test's own: events 1, 3, 5 of user-7 (5 is invalid), 2 and 4 of user-8."""
    made = servers.of_an_app(request.node.name)
    for subject, payload in (("7", GOOD), ("8", GOOD), ("7", GOOD), ("8", GOOD), ("7", BAD)):
        made.send(payload, subject=f"user-{subject}", run="ci-1" if subject == "8" else "")
    return made


def live(site: Site, visit: Opens, query: str = "", look: tuple[str, int] = LOOKS[0]) -> Visit:
    scheme, width = look
    opened = visit(site.address, width=width, scheme=scheme)
    opened.open(f"app={site.tenant.name}{query}")
    opened.until(opened.seqs, "rows")
    return opened


def click_cell(visit: Visit, seq: int, column: str) -> None:
    row = visit.page.locator(f"#event-grid .ag-row:has([col-id=seq]:text-is('{seq}'))")
    row.locator(f"[col-id={column}]").click()


def open_event(visit: Visit, seq: int) -> None:
    click_cell(visit, seq, "name")
    until_open(visit, seq)


def until_open(visit: Visit, seq: int) -> None:
    visit.until(lambda: f"event={seq}" in visit.page.url, f"event {seq} in the address")
    visit.until(lambda: f"Seq\n{seq}\n" in visit.text(Ids.DRAWER_BODY), f"event {seq} in the drawer")


@pytest.mark.parametrize("look", LOOKS)
def test_a_tester_follows_a_device_by_one_click_and_sees_whether_it_passes(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = live(site, visit, look=look)
    click_cell(page, 3, "subject")
    page.until(lambda: page.seqs() == [5, 3, 1], "the device's events alone")
    page.until(lambda: "1 of the newest 3 events fails" in page.text(Ids.FOLLOW), "that one fails")
    assert "subject=user-7" in page.page.url
    site.send(GOOD, subject="user-8")
    site.send(GOOD, subject="user-7")
    page.until(lambda: page.seqs() == [7, 5, 3, 1], "the device's next event")
    page.until(lambda: "1 of the newest 4 events fails" in page.text(Ids.FOLLOW), "the strip's next event")
    page.page.locator("#follow .lvd-follow-event").last.click()
    until_open(page, 7)
    page.page.keyboard.press("Escape")
    page.until(lambda: "event=" not in page.page.url, "a closed drawer")
    page.page.reload()
    page.until(lambda: page.seqs() == [7, 5, 3, 1], "the same view by its address")
    page.page.get_by_role("button", name="Stop following").click()
    page.until(lambda: page.seqs() == [7, 6, 5, 4, 3, 2, 1], "every event again")
    page.until(lambda: page.text(Ids.FOLLOW) == "", "nothing followed")
    assert page.fits()
    page.assert_clean()


def test_a_run_is_followed_by_its_field_and_one_that_sent_nothing_waits(site: Site, visit: Opens) -> None:
    page = live(site, visit)
    page.page.fill(f"#{Ids.RUN}", "ci-1")
    page.page.press(f"#{Ids.RUN}", "Enter")
    page.until(lambda: page.seqs() == [4, 2], "the run's events")
    page.until(lambda: "The newest 2 events pass" in page.text(Ids.FOLLOW), "that they pass")
    page.page.fill(f"#{Ids.RUN}", "ci-2")
    page.page.press(f"#{Ids.RUN}", "Enter")
    page.until(lambda: "Nothing came yet" in page.text(Ids.FOLLOW), "that nothing came")
    page.until(lambda: page.shows(Ids.GRID_EMPTY), "an empty list")
    site.send(BAD, run="ci-2")
    page.until(lambda: page.seqs() == [6], "the run's first event")
    page.until(lambda: "The only event fails" in page.text(Ids.FOLLOW), "that it fails")
    page.assert_clean()


def test_a_long_followed_list_is_whole_and_goes_on_while_it_is_scrolled(site: Site, visit: Opens) -> None:
    for _ in range(6):
        site.send(*[GOOD] * 60, subject="phone")
        site.send(*[GOOD] * 20, subject="other")
    expected = [row for batch in range(6) for row in range(6 + 80 * batch, 66 + 80 * batch)][::-1]
    page = live(site, visit, "&subject=phone")
    found: list[int] = []
    for index in range(0, 360, 8):
        page.scroll_to(index)
        page.until(lambda index=index: index in page.rows() and page.rows()[index].get("seq"), "the row")  # type: ignore[misc]
        found += [seq for seq in page.seqs() if seq not in found]
    page.settle()
    assert sorted(found, reverse=True) == expected
    page.until(lambda: page.total() == 360, "their number, once the end was seen")
    site.send(GOOD, GOOD, subject="phone")
    page.until(lambda: page.text(Ids.NEW_ROWS) == "↑ 2 new", "the pill")
    page.page.click(f"#{Ids.NEW_ROWS}")
    page.until(lambda: page.seqs()[:2] == [487, 486], "what came")
    site.send(GOOD, subject="phone")
    page.until(lambda: page.seqs()[:3] == [488, 487, 486], "what came to a list that follows")
    page.scroll_to(101)
    page.settle()
    assert page.rows()[101]["seq"] == str(expected[98])
    page.assert_clean()


def test_a_paused_page_counts_on_and_misses_nothing(site: Site, visit: Opens) -> None:
    page = live(site, visit)
    page.page.click(f"#{Ids.PAUSE}")
    page.until(lambda: page.text(Ids.LAG) == "Paused", "the badge")
    standing = page.page.locator(f"#{Ids.GRID}").bounding_box()
    for _ in range(4):
        site.send(*[GOOD] * 40, BAD)
    page.until(lambda: page.text(Ids.PAUSE) == "Resume (164 new)", "the number of new ones")
    assert page.page.locator(f"#{Ids.GRID}").bounding_box() == standing, "nothing moves"
    assert page.seqs() == [5, 4, 3, 2, 1]
    page.until(lambda: page.text(tile_value("received")) == "169", "counters that go on")
    page.page.click(f"#{Ids.PAUSE}")
    page.until(lambda: page.total() == Reader(site.engine).ledger(site.tenant.app_id).last_seq, "every row")
    page.until(lambda: page.seqs()[:3] == [169, 168, 167], "the newest rows")
    assert page.text(Ids.PAUSE) == "Pause"
    site.send(GOOD)
    page.until(lambda: page.seqs()[:1] == [170], "a page that follows again")
    page.assert_clean()


def test_the_counters_are_one_sum_and_the_badge_tells_the_lag(site: Site, visit: Opens) -> None:
    page = live(site, visit)
    page.until(lambda: "✓ as counted on arrival" in page.text(Ids.RECONCILED), "the check")
    assert page.text(Ids.RECONCILED).startswith("5 received = 4 valid + 1 invalid + 0 unplanned")
    site.send(GOOD)
    page.until(lambda: "s after it was stored" in page.text(Ids.LAG), "the lag")
    _, _, lag = page.text(Ids.LAG).partition(": shown ")
    assert 0 <= float(lag.split()[0]) < PATIENCE
    site.relay.cut()
    try:
        page.until(lambda: page.text(Ids.LAG).startswith("Behind: no news for"), "that the page is behind")
    finally:
        site.relay.restore()
    page.until(lambda: "no news" not in page.text(Ids.LAG), "a page that is back")
    page.assert_clean(["503 (SERVICE UNAVAILABLE)"])


def test_the_keyboard_walks_opens_follows_and_never_while_typing(site: Site, visit: Opens) -> None:
    page = live(site, visit)
    press = page.page.keyboard.press
    press("j")
    press("j")
    press("k")
    press("j")
    press("Enter")
    until_open(page, 4)
    press("j")
    until_open(page, 3)
    press("k")
    until_open(page, 4)
    press("Escape")
    page.until(lambda: not page.shows(Ids.DRAWER_BODY), "a closed drawer")
    press("f")
    page.until(lambda: page.seqs() == [4, 2], "the subject of the row")
    press("f")
    page.until(lambda: page.seqs() == [5, 4, 3, 2, 1], "every event again")
    press("?")
    page.until(lambda: "follow the subject" in page.text(Ids.KEYS_LIST), "the list of keys")
    press("Escape")
    page.until(lambda: not page.shows(Ids.KEYS_LIST), "no list of keys")
    press("/")
    page.page.keyboard.type("jkp?f")
    assert page.page.locator(f"#{Ids.NAMES}").input_value() == "jkp?f"
    assert page.text(Ids.PAUSE) == "Pause"
    assert "subject=" not in page.page.url
    page.assert_clean()


def test_an_open_event_leads_to_its_neighbours_and_its_likes(site: Site, visit: Opens) -> None:
    page = live(site, visit, "&range=all&event=3")
    until_open(page, 3)
    button = page.page.get_by_role("button", name="Older event of this subject")
    button.click()
    until_open(page, 1)
    assert page.page.get_by_role("group", name="Same subject").get_by_text("← Older").is_disabled()
    page.page.get_by_role("button", name="Newer event", exact=True).click()
    until_open(page, 2)
    page.page.keyboard.press("Escape")
    page.until(lambda: not page.shows(Ids.DRAWER_BODY), "a closed drawer")
    open_event(page, 5)
    told = page.text(Ids.DRAWER_BODY)
    assert told.index("“total” came as text where the plan wants number: send 12") < told.index("Fields")
    page.page.get_by_role("button", name="Find events like this").click()
    page.until(lambda: page.seqs() == [5], "events of its name and status")
    assert "status=invalid" in page.page.url
    page.assert_clean()


def test_an_event_is_copied_as_json_and_as_a_link_that_opens_it(site: Site, visit: Opens) -> None:
    page = live(site, visit)
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    open_event(page, 5)

    def copied(button: str) -> str:
        page.page.get_by_role("button", name=button).click()
        page.until(lambda: "Copied" in page.text(Ids.DRAWER_BODY), "that it is copied")
        text: str = page.page.evaluate("navigator.clipboard.readText()")
        page.until(lambda: "Copied" not in page.text(Ids.DRAWER_BODY), "the button's own words again")
        return text

    document = copied("Copy as JSON")
    assert '"status": "invalid"' in document
    assert '"total": "12"' in document
    link = copied("Copy link")
    other = visit(site.address)
    other.page.goto(link)
    until_open(other, 5)
    page.page.context.clear_permissions()
    open_anew = page.page.get_by_role("button", name="Copy link")
    page.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
    )
    open_anew.click()
    field = page.page.locator(".lvd-copy-field")
    page.until(lambda: field.count() and field.input_value() == link, "the text to copy by hand")
    page.assert_clean()


#: Notes for how long the page did nothing else, in milliseconds.
_NOTE_PAUSES = """() => {
    window.longest = 0;
    let last = performance.now();
    setInterval(() => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
    }, 50);
}"""


def test_an_event_of_hundreds_of_fields_does_not_hold_the_page(site: Site, visit: Opens) -> None:
    site.send({**GOOD, "items": list(range(600))})
    page = visit(site.address)
    page.open(f"app={site.tenant.name}")
    page.until(page.seqs, "the event")
    page.page.evaluate(_NOTE_PAUSES)
    page.page.locator("#event-grid .ag-row [col-id=name]").first.click()
    rows = page.page.locator(f"#{Ids.DRAWER_BODY} tbody tr")
    page.until(lambda: rows.count() == 500, "its fields")
    assert page.page.evaluate("longest") < 4_000
    page.assert_clean()


#: Fields whose table has not come yet: as if Dash had drawn it late.
_FIELDS_BEFORE_THEIR_TABLE = """() => {
    document.getElementById('opened-fields').id = 'late';
    for (let n = 0; n < 40; n += 1) setTimeout(() => window.dash_clientside.lvd.drawFields([]), n);
}"""


def test_fields_that_come_late_are_not_drawn_into_the_next_event(site: Site, visit: Opens) -> None:
    site.send(GOOD, BAD)
    page = visit(site.address)
    page.open(f"app={site.tenant.name}")
    page.until(page.seqs, "the events")
    page.page.locator("#event-grid .ag-row [col-id=name]").first.click()
    rows = page.page.locator(f"#{Ids.FIELDS} tr")
    page.until(rows.count, "its fields")
    page.page.evaluate(_FIELDS_BEFORE_THEIR_TABLE)
    page.page.wait_for_timeout(100)
    page.page.get_by_role("group", name="Event", exact=True).get_by_text("← Older").click()
    page.until(rows.count, "the fields of the older one")
    page.page.wait_for_timeout(300)
    assert rows.count() == 3
    page.assert_clean()
