"""What a viewer does before a page's first answers: it is done once they are here, and nothing is lost."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Download, Route

from dashboard.api.routes import EXPLORE, EXPLORE_ROWS, FEED, ROWS
from dashboard.ids import Ids
from tests.e2e.conftest import Opens
from tests.support.explore_site import SEED, Site, explore_site, explored, filters, order_export, total
from tests.support.seeding import NAMES
from tests.support.visits import Visit

BERLIN = ZoneInfo("Europe/Berlin")
RANGES = {"24h": lambda now: now - timedelta(days=1), "today": lambda now: now.replace(hour=0, minute=0)}


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with explore_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        yield site


def shows(page: Visit, picker: Ids, at: datetime) -> bool:
    """Whether a picker shows this time, or one close to it: the clock goes on, and may be set in summer."""
    moment = page.text(picker)
    # Until it has a value it shows what it is for.
    if not moment[:1].isdigit():
        return False
    shown = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    return abs(at - shown) < timedelta(hours=2)


@pytest.mark.parametrize(("path", "range_key"), [("live", "24h"), ("explore", "24h"), ("explore", "today")])
def test_a_range_of_ones_own_begins_with_the_chosen_one_though_nothing_was_answered(
    site: Site, visit: Opens, path: str, range_key: str
) -> None:
    page = visit(site.address)
    page.hold(FEED if path == "live" else EXPLORE)
    page.page.goto(f"{site.address}/{path}?app=Shop&range={range_key}")
    choose_ones_own(page, path)
    first, last = (Ids.RANGE_FROM, Ids.RANGE_TO) if path == "live" else (Ids.EXPLORE_FROM, Ids.EXPLORE_TO)
    page.until(lambda: shows(page, first, RANGES[range_key](datetime.now(BERLIN))), "its begin")
    page.until(lambda: shows(page, last, datetime.now(BERLIN)), "its end")
    page.until(lambda: "from=" in page.page.url and "to=" in page.page.url, "its address")


def choose_ones_own(page: Visit, path: str) -> None:
    if path == "live":
        page.page.locator(f"#{Ids.RANGE_CHOICE} label").filter(has_text="Custom").click()
        return
    page.choose(Ids.EXPLORE_RANGE, "From … to …")


def choose_next_month(page: Visit, picker: Ids) -> None:
    page.page.click(f"#{picker}")
    page.page.get_by_role("button", name="Next month").click()
    page.page.get_by_role("button", name=re.compile("^15 ")).click()
    page.page.keyboard.press("Escape")


def test_a_range_of_ones_own_is_not_that_of_an_earlier_view(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    page.page.goto(f"{site.address}/explore?app=Shop&range=24h")
    page.until(lambda: page.text(Ids.EXPLORE_SPAN), "the range is told")
    page.hold(EXPLORE)
    page.choose(Ids.EXPLORE_RANGE, "Last 7 days")
    page.until(lambda: "range=7d" in page.page.url, "another range")
    choose_ones_own(page, "explore")
    week = timedelta(days=7)
    page.until(lambda: shows(page, Ids.EXPLORE_FROM, datetime.now(BERLIN) - week), "the later one's begin")


def test_the_range_before_is_that_before_the_chosen_one_though_nothing_was_answered(
    site: Site, visit: Opens
) -> None:
    page = explored(visit, site)
    page.hold(EXPLORE)
    page.choose(Ids.EXPLORE_RANGE, "Last 7 days")
    page.until(lambda: "range=7d" in page.page.url, "another range")
    page.page.click(f"#{Ids.EXPLORE_EARLIER}")
    week = timedelta(days=7)
    page.until(lambda: shows(page, Ids.EXPLORE_TO, datetime.now(BERLIN) - week), "where that one began")
    page.page.click(f"#{Ids.EXPLORE_EARLIER}")
    page.until(lambda: shows(page, Ids.EXPLORE_FROM, datetime.now(BERLIN) - 3 * week), "once more")


def test_behind_the_latest_range_there_is_none(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    page.hold(EXPLORE)
    page.choose(Ids.EXPLORE_RANGE, "Last 7 days")
    page.until(lambda: "range=7d" in page.page.url, "another range")
    page.page.click(f"#{Ids.EXPLORE_LATER}")
    page.page.click(f"#{Ids.EXPLORE_EARLIER}")
    week = timedelta(days=7)
    page.until(lambda: shows(page, Ids.EXPLORE_TO, datetime.now(BERLIN) - week), "where that one began")
    assert not page.shows(Ids.EXPLORE_PROBLEM)
    page.assert_clean()


def test_a_range_that_ends_before_it_begins_is_left_from_the_one_before(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    told = page.text(Ids.EXPLORE_SPAN)
    page.choose(Ids.EXPLORE_RANGE, "Last 7 days")
    page.until(lambda: page.text(Ids.EXPLORE_SPAN) not in ("", told), "the range is told")
    choose_ones_own(page, "explore")
    now = datetime.now(BERLIN)
    page.until(lambda: shows(page, Ids.EXPLORE_FROM, now - timedelta(days=7)), "its begin")
    choose_next_month(page, Ids.EXPLORE_FROM)
    page.until(lambda: page.shows(Ids.EXPLORE_PROBLEM), "that it is none")
    assert page.text(Ids.EXPLORE_SPAN) == ""
    page.page.click(f"#{Ids.EXPLORE_EARLIER}")
    page.until(lambda: shows(page, Ids.EXPLORE_TO, now - timedelta(days=7)), "where the one before began")
    page.until(lambda: not page.shows(Ids.EXPLORE_PROBLEM), "a range")


def test_a_value_can_be_filtered_by_before_any_was_offered(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    page.hold(EXPLORE)
    page.page.goto(f"{site.address}/explore?app=Shop&range=all")
    page.until(lambda: total(page) == "6,000", "all events")
    page.page.fill(f"#{Ids.EXPLORE_CHOSEN}", NAMES[1])
    page.page.keyboard.press("Enter")
    page.until(lambda: page.page.input_value(f"#{Ids.EXPLORE_CHOSEN}") == "", "it is taken")
    page.page.click(f"#{Ids.EXPLORE_ADD}")
    page.until(lambda: filters(page) == [f"Event is {NAMES[1]}"], "the filter")


def in_another_order(page: Visit, rows: str, order: Ids) -> list[Route]:
    """Its rows are asked for, and wait to be let go."""
    held = page.hold(rows)
    page.page.locator(f"#{order} label").filter(has_text="Oldest first").click()
    page.until(lambda: held, "a question for rows")
    return held


def let_all_go(page: Visit, rows: str, held: list[Route]) -> None:
    while held:
        page.let_go(held.pop(0))
    page.page.unroute(f"**{rows}")


def test_explore_goes_to_a_row_once_there_are_rows(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    held = in_another_order(page, EXPLORE_ROWS, Ids.EXPLORE_ORDER)
    page.page.fill(f"#{Ids.EXPLORE_JUMP_ROW}", "4001")
    page.page.press(f"#{Ids.EXPLORE_JUMP_ROW}", "Enter")
    # Who finds it slow asks again: that the rows are under way is enough.
    page.page.get_by_role("button", name="Refresh").click()
    let_all_go(page, EXPLORE_ROWS, held)
    page.until(lambda: "Rows 4,001" in page.text(Ids.EXPLORE_TOTAL), "that row")
    held = page.hold(EXPLORE_ROWS)
    page.page.locator(f"#{Ids.EXPLORE_ORDER} label").filter(has_text="Newest first").click()
    page.until(lambda: held, "a question for rows")
    page.page.get_by_role("button", name="End", exact=True).click()
    let_all_go(page, EXPLORE_ROWS, held)
    page.until(lambda: "\u20136,000 of" in page.text(Ids.EXPLORE_TOTAL), "the end")
    page.assert_clean()


def test_live_goes_to_a_row_once_there_are_rows(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    page.open("app=Shop&range=all")
    page.until(page.seqs, "rows")
    held = in_another_order(page, ROWS, Ids.ORDER)
    page.go_to_row(4_001)
    let_all_go(page, ROWS, held)
    page.until(lambda: page.first_row() == 4_001, "that row")
    page.assert_clean()


def test_explore_goes_to_a_time_once_there_are_rows(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    held = in_another_order(page, EXPLORE_ROWS, Ids.EXPLORE_ORDER)
    noon = (SEED.first_day + timedelta(days=1, hours=12)).astimezone(BERLIN)
    page.page.evaluate(f"void dash_clientside.lvd.exploreJumpTime('{noon:%Y-%m-%d %H:%M:%S}')")
    let_all_go(page, EXPLORE_ROWS, held)
    row = site.count(f"received_at < '{noon}'") + 1
    page.until(lambda: page.text(Ids.EXPLORE_TOTAL).startswith(f"Rows {row:,}"), "that time's rows")
    page.assert_clean()


def test_an_export_waits_for_the_first_rows(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    files: list[Download] = []

    def keep(file: Download) -> None:
        files.append(file)

    page.page.on("download", keep)
    held = in_another_order(page, EXPLORE_ROWS, Ids.EXPLORE_ORDER)
    order_export(page, "CSV")
    page.until(lambda: "Preparing" in page.text(Ids.EXPORT_TEXT), "that it waits")
    page.page.click(f"#{Ids.EXPORT_CANCEL}")
    page.until(lambda: not page.shows(Ids.EXPORT_STATE), "that it is cancelled")
    order_export(page, "JSON")
    let_all_go(page, EXPLORE_ROWS, held)
    page.until(lambda: "Exported 6,000 rows" in page.text(Ids.EXPORT_TEXT), "its end")
    (file,) = files
    assert file.suggested_filename.endswith(".jsonl")
    page.assert_clean()


def test_an_export_of_a_view_that_changed_before_its_rows_came_says_so(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    in_another_order(page, EXPLORE_ROWS, Ids.EXPLORE_ORDER)
    order_export(page, "CSV")
    page.until(lambda: "Preparing" in page.text(Ids.EXPORT_TEXT), "that it waits")
    page.choose(Ids.EXPLORE_RANGE, "Last 7 days")
    page.until(
        lambda: "Nothing was exported: another view was wanted" in page.text(Ids.NOTICE), "why there is none"
    )
    assert not page.shows(Ids.EXPORT_STATE)
    page.assert_clean()
