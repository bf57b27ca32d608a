"""A browser on the page Explore: its main task in both themes, wide and narrow, and what else it can do."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from dashboard.api.routes import EXPLORE, EXPLORE_ROWS
from dashboard.ids import Ids
from storage.readers import Reader
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.explore_site import (
    SEED,
    Site,
    explore,
    explore_site,
    explored,
    export,
    filters,
    scroll_to_end,
    total,
)
from tests.support.seeding import BROKEN_NAME, NAMES
from tests.support.served import served
from tests.support.visits import Visit

BERLIN = ZoneInfo("Europe/Berlin")
LOOKS = [("light", 1400), ("dark", 800)]
#: Of one element of an array; issues fold it to `/items/*/sku`.
LITERAL_PATH = "/items/0/sku"
OF_NAME = f"name = '{BROKEN_NAME}'"


_BREAK_ONE = """UPDATE event
SET violations = jsonb_set(CAST(violations AS jsonb), '{0,path}', CAST(:path AS jsonb))
WHERE app_id = :app_id AND seq = (SELECT max(seq) FROM event WHERE app_id = :app_id AND status = 1)"""


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with explore_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        with site.engine.begin() as conn:
            conn.execute(text(_BREAK_ONE), {"app_id": site.app_id, "path": f'"{LITERAL_PATH}"'})
        yield site


def query_of(page: Visit) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.page.url).query)


def pick_time(page: Visit, picker: Ids, at: datetime) -> None:
    """By the calendar and the fields below it, as a person does."""
    local = at.astimezone(BERLIN)
    page.page.click(f"#{picker}")
    dropdown = page.page.locator(".mantine-Popover-dropdown:visible")
    dropdown.wait_for()
    day = dropdown.get_by_label(f"{local.day} {local:%B %Y}", exact=True)
    if not day.count():
        dropdown.locator("button[data-direction=previous]").click()
    day.click()
    dropdown.get_by_role("spinbutton").first.click()
    # The hour's two digits lead on to the minute.
    page.page.keyboard.type(f"{local:%H%M}")
    page.until(lambda: page.text(picker) == f"{local:%Y-%m-%d %H:%M}", "the time is picked")
    page.page.keyboard.press("Escape")


def seqs(page: Visit) -> list[int]:
    cells = page.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row .ag-cell[col-id=seq]").all_inner_texts()
    return [int(cell.replace(",", "")) for cell in cells if cell]


@pytest.mark.parametrize("look", LOOKS)
def test_events_are_found_looked_at_closer_and_exported(
    site: Site, visit: Opens, look: tuple[str, int], tmp_path: Path
) -> None:
    page = explore(site, visit, look)
    page.until(lambda: total(page) == "6,000", "all events")
    assert page.fits()
    page.until(lambda: " to now" in page.text(Ids.EXPLORE_SPAN), "what can be chosen")
    offset = f"{datetime.now(BERLIN):%z}"
    assert f"Europe/Berlin (UTC{offset[:3]}:{offset[3:]})" in page.text(Ids.EXPLORE_ZONE)

    page.page.fill(f"#{Ids.EXPLORE_CHOSEN}", BROKEN_NAME)
    page.page.get_by_role("option", name=BROKEN_NAME, exact=True).click()
    page.page.click(f"#{Ids.EXPLORE_ADD}")
    page.until(lambda: total(page) == str(site.count(OF_NAME)), "events of a name")
    assert filters(page) == [f"Event is {BROKEN_NAME}"]

    start, end = draw_over_bars(page)
    within = f"{OF_NAME} AND received_at >= '{start}' AND received_at < '{end}'"
    assert 0 < site.count(within) < site.count(OF_NAME) / 2
    page.until(lambda: total(page) == str(site.count(within)), "its events in that range")

    page.choose(Ids.EXPLORE_FIELD, "Property")
    page.page.fill(f"#{Ids.EXPLORE_PROPERTY}", "/total > 12")
    page.page.keyboard.press("Enter")
    found = site.count(f"{within} AND status <> 1")
    page.until(lambda: total(page) == str(found), "those with such a property")
    assert query_of(page)["where"] == ["/total > 12"]
    bars = "Bars know event and status only"
    page.until(lambda: bars in page.text(Ids.EXPLORE_CHART_NOTE), "the bars of the same filters")
    assert page.fits()

    file = exported(page, tmp_path / "events.csv")
    assert [row["name"] for row in file] == [BROKEN_NAME] * found
    page.until(lambda: f"Exported {found} rows" in page.text(Ids.EXPORT_TEXT), "it is told of")
    page.assert_clean()


def test_back_and_forward_walk_the_views(site: Site, visit: Opens) -> None:
    page = explore(site, visit)
    page.until(lambda: total(page) == "6,000", "all events")
    draw_over_bars(page)

    def told(*but: str) -> str:
        text = total(page)
        return text if re.fullmatch(r"[\d,]+", text) and text not in but else ""

    part = page.until(lambda: told("6,000"), "those of a part")
    page.page.fill(f"#{Ids.EXPLORE_CHOSEN}", BROKEN_NAME)
    page.page.keyboard.press("Enter")
    page.page.click(f"#{Ids.EXPLORE_ADD}")
    named = page.until(lambda: told(part), "the ones of a name")
    first = max(page.until(lambda: seqs(page), "its rows"))
    page.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row").first.click()
    page.until(lambda: query_of(page).get("event") == [str(first)], "an open event")

    page.page.go_back()
    page.until(lambda: not page.shows(Ids.DRAWER_BODY), "the event is closed")
    assert (total(page), filters(page)) == (named, [f"Event is {BROKEN_NAME}"])
    page.page.go_back()
    page.until(lambda: total(page) == part and filters(page) == [], "the filter is undone")
    page.page.go_back()
    page.until(lambda: total(page) == "6,000", "the zoom is undone")
    assert page.page.input_value(f"#{Ids.EXPLORE_RANGE}") == "All of time"
    assert query_of(page)["range"] == ["all"]

    page.page.go_forward()
    page.until(lambda: total(page) == part, "the zoom again")
    assert page.page.input_value(f"#{Ids.EXPLORE_RANGE}") == "From … to …"
    page.page.evaluate("history.go(2)")
    page.until(lambda: f"o-{first}" in page.text(Ids.DRAWER_BODY), "the event again")
    page.until(lambda: total(page) == named, "among those of the name")
    assert filters(page) == [f"Event is {BROKEN_NAME}"]
    page.page.evaluate("history.go(-4)")
    page.until(lambda: page.page.url == "about:blank", "no further entries")
    page.assert_clean()


def draw_over_bars(page: Visit) -> tuple[str, str]:
    """The range that the address has afterwards."""
    page.until(lambda: page.page.locator(f"#{Ids.EXPLORE_CHART} .bars path").count() > 50, "the histogram")
    box = page.page.locator(f"#{Ids.EXPLORE_CHART} .nsewdrag").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=5)
    page.page.mouse.up()
    page.until(lambda: query_of(page).get("range") == ["custom"], "the range is in the address")
    return query_of(page)["from"][0], query_of(page)["to"][0]


def exported(page: Visit, file: Path) -> list[dict[str, str]]:
    """The rows of a CSV that the page gave."""
    export(page, "CSV").save_as(file)
    with file.open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def test_the_address_holds_the_view_and_filters_are_taken_off(site: Site, visit: Opens) -> None:
    page = explore(site, visit, name=BROKEN_NAME, status_not="valid")
    page.until(lambda: total(page) == str(site.count(f"{OF_NAME} AND status <> 0")), "both filters")
    page.page.get_by_role("button", name="Remove filter: Status is not valid").click()
    page.until(lambda: total(page) == str(site.count(OF_NAME)), "one is left")
    assert "status_not" not in query_of(page)
    page.until(lambda: " to now" in page.text(Ids.EXPLORE_SPAN), "the range in sight")
    page.page.get_by_role("button", name="Zoom out").click()
    page.until(lambda: query_of(page)["range"] == ["custom"], "a range around all of it")
    page.until(lambda: total(page) == str(site.count(OF_NAME)), "the same events")
    page.assert_clean()


def test_a_value_that_is_not_offered_is_typed(site: Site, visit: Opens) -> None:
    page = explore(site, visit)
    page.until(lambda: total(page) == "6,000", "all events")
    page.choose(Ids.EXPLORE_FIELD, "Violation path")
    page.page.fill(f"#{Ids.EXPLORE_CHOSEN}", LITERAL_PATH)
    page.page.keyboard.press("Enter")
    page.until(lambda: page.page.input_value(f"#{Ids.EXPLORE_CHOSEN}") == "", "it is taken")
    page.page.click(f"#{Ids.EXPLORE_ADD}")
    page.until(lambda: total(page) == "1", "the event with that path")
    assert filters(page) == [f"Violation path is {LITERAL_PATH}"]

    # Sources are chosen by number: what no source is called is not taken, and that is said.
    page.choose(Ids.EXPLORE_FIELD, "Source")
    page.page.fill(f"#{Ids.EXPLORE_CHOSEN}", "no such program")
    page.page.get_by_text("Nothing of this list reads so").wait_for()
    page.assert_clean()


def test_a_range_of_the_viewers_own_length(site: Site, visit: Opens) -> None:
    page = explore(site, visit, range="3d")
    page.until(lambda: total(page) == "6,000", "three days")
    page.page.fill(f"#{Ids.EXPLORE_LAST_NUMBER}", "1")
    page.until(lambda: query_of(page)["range"] == ["1d"], "one day")
    page.choose(Ids.EXPLORE_RANGE, "Yesterday")
    page.until(lambda: query_of(page)["range"] == ["yesterday"], "a day of the calendar")
    page.assert_clean()


def test_a_range_of_ones_own_begins_with_the_one_in_sight(site: Site, visit: Opens) -> None:
    page = explore(site, visit, range="3d")
    page.until(lambda: total(page) == "6,000", "three days")
    page.until(lambda: " to now" in page.text(Ids.EXPLORE_SPAN), "the range in words")
    start = page.text(Ids.EXPLORE_SPAN).partition(" to now")[0]
    page.choose(Ids.EXPLORE_RANGE, "From … to …")
    page.until(lambda: query_of(page)["range"] == ["custom"], "a range of one's own")
    assert page.text(Ids.EXPLORE_FROM) == start
    assert page.text(Ids.EXPLORE_TO) > start
    whole = f"{start} to {page.text(Ids.EXPLORE_TO)}"
    page.until(lambda: page.text(Ids.EXPLORE_SPAN).startswith(whole), "the same range")
    page.until(lambda: total(page) == "6,000", "the same events")
    page.assert_clean()


def test_a_row_number_and_a_time_lead_to_their_rows(site: Site, visit: Opens) -> None:
    page = explore(site, visit)
    page.until(lambda: total(page) == "6,000", "all events")
    page.page.fill(f"#{Ids.EXPLORE_JUMP_ROW}", "4001")
    page.page.press(f"#{Ids.EXPLORE_JUMP_ROW}", "Enter")
    page.until(lambda: "Rows 4,001" in page.text(Ids.EXPLORE_TOTAL) and 2_000 in seqs(page), "that row")
    page.page.get_by_role("button", name="Top").click()
    page.until(lambda: 6_000 in seqs(page), "the top")

    at = SEED.first_day + timedelta(days=1, hours=12)
    pick_time(page, Ids.EXPLORE_JUMP_TIME, at)
    last = site.count(f"received_at < '{at + timedelta(minutes=1)}'")
    page.until(lambda: last in seqs(page), "the rows of that time")
    page.assert_clean()


def test_rows_without_numbers_follow_each_other_and_begin_at_a_time(site: Site, visit: Opens) -> None:
    page = explore(site, visit, where="/total > 12")
    found = site.count("status <> 1")
    page.until(lambda: total(page) == f"{found:,}", "their number")
    assert page.page.locator(f"#{Ids.EXPLORE_JUMP_ROW}").is_disabled()

    def reaches_older_rows() -> bool:
        scroll_to_end(page)
        return min(seqs(page), default=6_000) < 5_500

    page.until(reaches_older_rows, "older rows")

    pick_time(page, Ids.EXPLORE_JUMP_TIME, SEED.first_day + timedelta(days=1))
    page.until(lambda: 2_990 < max(seqs(page), default=0) < 3_010, "rows of that time")
    page.assert_clean()


def test_a_subject_does_not_promise_to_be_followed_where_a_click_opens_its_event(
    site: Site, visit: Opens
) -> None:
    page = explored(visit, site)
    subject = page.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row .ag-cell[col-id=subject]").first
    subject.hover()
    told = subject.get_attribute("title") or subject.locator("[title]").get_attribute("title")
    assert (told, subject.evaluate("cell => getComputedStyle(cell).cursor")) == (
        subject.inner_text(),
        "pointer",
    )
    subject.click()
    page.until(lambda: "Facts" in page.text(Ids.DRAWER_BODY), "the event")
    page.assert_clean()


def test_a_length_of_time_cannot_be_longer_than_a_range_may_be(site: Site, visit: Opens) -> None:
    page = explore(site, visit, range="36h")
    page.until(lambda: total(page), "rows")
    number = page.page.locator(f"#{Ids.EXPLORE_LAST_NUMBER}")
    number.click(click_count=3)
    page.page.keyboard.type("12345")
    page.until(lambda: query_of(page)["range"] == ["1234h"], "the first four digits")
    assert number.input_value() == "1234"
    assert not page.shows(Ids.EXPLORE_PROBLEM)
    page.assert_clean()


def test_a_high_page_lists_each_row_once(site: Site, visit: Opens) -> None:
    """More than one block is in sight, so more than one is asked for before the view is frozen."""
    page = explore(site, visit, where="/total > 12")
    page.page.set_viewport_size({"width": 1400, "height": 4_400})
    page.until(lambda: len(set(seqs(page))) > 100, "two blocks")
    page.page.locator(f"#{Ids.EXPLORE_ORDER} label").filter(has_text="Oldest first").click()

    def oldest_first() -> list[int]:
        found = seqs(page)
        return found if len(found) > 100 and min(found) < 10 else []

    found = page.until(oldest_first, "rows in the other order")
    expected = site.seqs("status <> 1")
    assert sorted(found) == expected[: len(found)]
    page.assert_clean()


def test_a_search_that_ran_out_of_time_goes_on_when_asked(site: Site, visit: Opens, tmp_path: Path) -> None:
    # Each look at this clock takes a second: every search stops after its first 50 rows.
    ticks = count()
    impatient = Reader(site.engine, clock=lambda: float(next(ticks)), scan_seconds=0.5)
    with served(dashboard_on(site.engine, tmp_path, reader=impatient)) as (address, faults):
        page = explore(Site(address, faults, site.engine, site.app_id), visit, where="/total > 12")
        page.until(lambda: "there is more to look through" in page.text(Ids.EXPLORE_NOTE), "how far it came")
        oldest = min(page.until(lambda: seqs(page), "rows"))
        first = int(total(page).removeprefix("at least "))
        assert 0 < first <= 50
        page.page.get_by_role("button", name="Search on").click()
        page.until(lambda: rows_told(page) > first, "more rows")
        page.page.get_by_role("button", name="Search on").click()
        page.until(lambda: rows_told(page) > first + 50, "and more")
        page.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row").first.hover()
        page.page.mouse.wheel(0, 4_000)
        page.until(lambda: min(seqs(page), default=oldest) < oldest - 50, "they are listed")
        page.assert_clean()


def rows_told(page: Visit) -> int:
    """The number of rows, or the least that it is; 0: it is not told."""
    number = total(page).removeprefix("at least ").replace(",", "")
    return int(number) if number.isdigit() else 0


def test_an_event_opens_and_is_in_the_address(site: Site, visit: Opens) -> None:
    page = explore(site, visit, name=NAMES[1])
    first = max(page.until(lambda: seqs(page), "rows"))
    page.page.locator(f"#{Ids.EXPLORE_GRID} .ag-row").first.click()
    page.until(lambda: f"o-{first}" in page.text(Ids.DRAWER_BODY), "its payload")
    assert query_of(page)["event"] == [str(first)]
    assert query_of(page)["name"] == [NAMES[1]]
    page.assert_clean()


def test_a_filter_that_cannot_be_is_named_with_what_to_do(site: Site, visit: Opens) -> None:
    page = explore(site, visit, where="total > 12")
    page.until(lambda: page.shows(Ids.EXPLORE_PROBLEM), "what is wrong")
    assert 'write it like /total > 100, /currency = "EUR"' in page.text(Ids.EXPLORE_PROBLEM)
    page.page.get_by_role("button", name="Remove filter: total > 12").click()
    page.until(lambda: total(page) == "6,000", "it goes on without it")
    page.until(lambda: not page.shows(Ids.EXPLORE_PROBLEM), "nothing is wrong any more")
    page.assert_clean(["400 (BAD REQUEST)"])


def test_a_range_that_ends_before_it_begins_is_told(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    reversed_range = "range=custom&from=2026-02-01T00:00Z&to=2026-01-01T00:00Z"
    page.page.goto(f"{site.address}/explore?app=Shop&{reversed_range}")
    page.until(lambda: page.shows(Ids.EXPLORE_PROBLEM), "what is wrong")
    assert page.text(Ids.EXPLORE_PROBLEM).startswith(
        "Nothing is shown: the range must end after it begins: choose a later end or an earlier start."
    )
    page.assert_clean(["400 (BAD REQUEST)"])


def test_nothing_found_says_so_and_leads_on(site: Site, visit: Opens) -> None:
    page = explore(site, visit, subject="nobody", range="24h")
    page.until(lambda: page.shows(Ids.EXPLORE_EMPTY), "it is said")
    page.page.get_by_role("button", name="Show all events of all time").click()
    page.until(lambda: total(page) == "6,000", "all events")
    assert filters(page) == []
    page.assert_clean()


def test_a_failing_server_is_told_of_and_the_page_goes_on(site: Site, visit: Opens) -> None:
    page = explore(site, visit)
    page.until(lambda: total(page) == "6,000", "all events")
    site.faults.breaks = lambda path: path in (EXPLORE, EXPLORE_ROWS)
    page.choose(Ids.EXPLORE_RANGE, "Last 7 days")
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    assert re.search(r"since \d\d:\d\d:\d\d\. Trying again", page.text(Ids.BANNER))
    site.faults.breaks = lambda _path: False
    page.until(lambda: total(page) == "6,000" and not page.shows(Ids.BANNER), "the page goes on")
    page.assert_clean(["500 (INTERNAL SERVER ERROR)"])
