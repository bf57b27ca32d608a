"""Answers that come when the viewer wants something else by now: none undoes what was done since."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Download, Response, Route

from dashboard.api.exports import EXPORT_PROGRESS
from dashboard.api.routes import EXPLORE, EXPLORE_LAND, EXPLORE_ROWS, FEED, PLAN_DRAFT, PLAN_SAVE, ROWS
from dashboard.api.routes import PLAN as PLAN_READ
from dashboard.ids import Ids
from storage.apps import AppStore
from storage.plans import PlanStore
from tests.e2e.conftest import Opens
from tests.support.events import new_event, submission
from tests.support.explore_site import SEED, Site, explore, explore_site, export, filters, order_export, total
from tests.support.seeding import NAMES
from tests.support.visits import Visit
from tests.support.writing import writer_on

BERLIN = ZoneInfo("Europe/Berlin")
NAME = "Order Completed"
PLAN = {"version": 1, "name": "Shop", "events": {NAME: {"schema": {"type": "object"}}}}


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with explore_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        PlanStore(site.engine).push(site.app_id, PLAN)
        yield site


def explored(visit: Opens, site: Site) -> Visit:
    page = explore(site, visit)
    page.until(lambda: total(page) == "6,000", "all events")
    return page


def write(site: Site, app_id: int, *event_ids: str) -> None:
    events = [new_event(event_id, None) for event_id in event_ids]
    with writer_on(site.engine) as writer:
        assert writer.write([submission(app_id, events)]).outcomes


def test_an_event_stored_while_the_first_answers_cross_is_on_the_page(site: Site, visit: Opens) -> None:
    """The feed was asked before there were rows, and answers when an event more is stored."""
    app_id = AppStore(site.engine).create("Crossed")
    write(site, app_id, "the first", "the second")
    page = visit(site.address)
    held = page.hold(FEED)
    # Of all time: a range that ends now is another one with the next minute, and read anew.
    page.open("app=Crossed&range=all")
    page.until(lambda: page.seqs() == [2, 1], "two rows")
    page.until(lambda: held, "a question to the feed")
    assert '"token":null' in (held[-1].request.post_data or "")
    write(site, app_id, "the third")
    other = visit(site.address)
    other.open("app=Crossed&range=all")
    other.until(lambda: other.seqs() == [3, 2, 1], "the third row for somebody else")
    held.pop().continue_()
    page.page.unroute(f"**{FEED}")
    page.until(lambda: page.seqs() == [3, 2, 1], "the third row")
    page.assert_clean()


def from_row_on(page: Visit, first: int) -> bool:
    """Whether the rows from this one on are there, more than a block of them, each once."""
    found = page.seqs()
    return len(found) > 100 and found == [*range(first, first - len(found), -1)]


def test_blocks_of_a_high_page_are_of_one_view(site: Site, visit: Opens) -> None:
    """More than one is in sight, and events are stored before they are answered, the later one first."""
    app_id = AppStore(site.engine).create("High")
    write(site, app_id, *(f"event {number}" for number in range(300)))
    page = visit(site.address)
    page.page.set_viewport_size({"width": 1400, "height": 4_400})
    page.open("app=High&range=all")
    page.until(lambda: from_row_on(page, 300), "rows")
    page.page.route(f"**{FEED}", lambda route: route.abort())
    held = page.hold(ROWS)
    page.choose_status("Valid")
    page.until(lambda: held, "questions for rows")
    page.page.wait_for_timeout(200)
    page.let_go(held.pop())
    write(site, app_id, "another", "and another")
    for route in held:
        page.let_go(route)
    page.page.unroute(f"**{ROWS}")
    page.page.unroute(f"**{FEED}")
    page.until(lambda: from_row_on(page, 302), "each row once")
    write(site, app_id, "one more")
    page.until(lambda: from_row_on(page, 303), "rows below those that the feed tells of")
    page.assert_clean(["ERR_FAILED"])


RANGES = {"24h": lambda now: now - timedelta(days=1), "today": lambda now: now.replace(hour=0, minute=0)}


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
    page.until(lambda: "from=" in page.page.url, "its address")
    now = datetime.now(BERLIN)
    begin = f"{now + timedelta(days=1):%Y-%m-%d %H:%M:%S}"
    page.page.evaluate(
        "([id, value]) => dash_clientside.set_props(id, {value: value})", [Ids.EXPLORE_FROM, begin]
    )
    page.until(lambda: page.shows(Ids.EXPLORE_PROBLEM), "that it is none")
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


def test_the_banner_counts_from_the_first_question_without_an_answer(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    page.open("app=Shop&range=all")
    page.until(page.seqs, "rows")
    held = page.hold(FEED)
    page.until(lambda: held, "a question to the feed")
    # A page waits ten seconds for an answer.
    asked = datetime.now().astimezone()
    page.page.wait_for_timeout(2_500)
    held[0].abort()
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    *_, since = page.text(Ids.BANNER).removesuffix(". Trying again by itself.").split("since ")
    # Yesterday's, if midnight has passed since.
    told = page.page.evaluate(
        "since => { const at = Date.parse(`${new Date().toDateString()} ${since}`);"
        " return at > Date.now() ? at - 86_400_000 : at; }",
        since,
    )
    assert told / 1_000 <= asked.timestamp()
    page.page.unroute(f"**{FEED}")
    page.until(lambda: not page.shows(Ids.BANNER), "no banner any more")
    page.assert_clean(["net::ERR_FAILED"])


def test_of_two_jumps_the_last_one_counts(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    held = page.hold(EXPLORE_LAND)
    for hour in ("01", "13"):
        moment = f"{SEED.first_day:%Y-%m-%d} {hour}:00:00"
        page.page.evaluate(f"void dash_clientside.lvd.exploreJumpTime('{moment}')")
    page.until(lambda: len(held) == 2, "both questions")
    page.let_go(held[1])
    page.until(lambda: "Rows 1\u2013" not in page.text(Ids.EXPLORE_TOTAL), "the later time's rows")
    there = page.text(Ids.EXPLORE_TOTAL)
    page.let_go(held[0])
    assert page.text(Ids.EXPLORE_TOTAL) == there
    page.assert_clean()


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


def test_an_export_is_no_longer_told_of_once_its_page_is_left(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    held = page.hold(EXPORT_PROGRESS)
    export(page, "CSV")
    page.until(lambda: held, "a question how far it came")
    page.page.get_by_role("link", name="Issues").click()
    page.until(lambda: page.page.locator(f"#{Ids.ISSUES_APP}").count(), "another page")
    page.let_go(held[0])
    page.assert_clean()


def test_a_page_that_is_opened_again_filters_by_what_its_controls_say(site: Site, visit: Opens) -> None:
    page = explored(visit, site)
    page.page.click(f"#{Ids.EXPLORE_FIELD}")
    page.page.get_by_role("option", name="Property", exact=True).click()
    page.until(lambda: page.shows(Ids.EXPLORE_PROPERTY), "the field of a property")
    page.page.get_by_role("link", name="Issues").click()
    page.until(lambda: page.page.locator(f"#{Ids.ISSUES_APP}").count(), "another page")
    page.page.get_by_role("link", name="Explore").click()
    page.until(lambda: "of " in page.text(Ids.EXPLORE_TOTAL), "the page again")
    assert page.page.input_value(f"#{Ids.EXPLORE_FIELD}") == "Event"
    page.until(lambda: page.shows(Ids.EXPLORE_CHOSEN), "the list of events")
    assert not page.shows(Ids.EXPLORE_PROPERTY)
    page.assert_clean()


def test_what_is_typed_while_a_plan_is_saved_stays(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    page.page.goto(f"{site.address}/plan?app=Shop&tab=edit&as=text")
    page.until(lambda: NAME in page.page.input_value(f"#{Ids.PLAN_TEXT}"), "the plan's text")
    version = PlanStore(site.engine).in_force(site.app_id).version
    text = page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.page.fill(f"#{Ids.PLAN_TEXT}", text.replace("name: Shop", "name: Shop 2"))
    button = page.page.locator(f"#{Ids.PLAN_SAVE}")
    page.until(button.is_enabled, "it can be saved")
    held = page.hold(PLAN_SAVE)
    button.click()
    page.until(lambda: held, "a question to save it")
    page.page.fill(f"#{Ids.PLAN_TEXT}", text.replace("name: Shop", "name: Shop 3"))
    page.let_go(held[0])
    page.until(lambda: f"Saved: version {version + 1} " in page.text(Ids.PLAN_DONE), "it is saved")
    assert "name: Shop 3" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    told = f"Save as version {version + 2}"
    page.until(lambda: button.inner_text() == told and button.is_enabled(), "the rest can be saved, too")
    page.assert_clean()


def open_draft(visit: Opens, site: Site, *, shown_as: str = "form") -> Visit:
    """A draft that nobody touched so far."""
    page = visit(site.address)
    page.page.goto(f"{site.address}/plan?app=Shop&tab=edit&as={shown_as}")
    page.until(lambda: "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    return page


def begin_a_step(page: Visit, event: str) -> list[Route]:
    """To add an event: the questions that it comes to."""
    held = page.hold(PLAN_DRAFT, when=lambda body: "add_event" in body)
    page.page.get_by_role("button", name="Add event").click()
    page.page.fill(f"#{Ids.EVENT_NAME}", event)
    page.page.get_by_role("button", name="Put into the draft").click()
    page.until(lambda: held, "the step")
    return held


def test_a_version_that_comes_during_a_step_does_not_end_it(site: Site, visit: Opens) -> None:
    page = open_draft(visit, site)
    (step,) = begin_a_step(page, "Late Step")
    saved = PlanStore(site.engine).push(site.app_id, {**PLAN, "name": "Shop of somebody else"})

    def tells_of_it(answer: Response) -> bool:
        return answer.url.endswith(PLAN_READ) and answer.json()["in_force"] == saved

    with page.page.expect_response(tells_of_it):
        pass
    page.let_go(step)
    page.until(lambda: "Late Step" in page.text(Ids.PLAN_CHANGES), "the step's change")
    page.until(
        lambda: f"version {saved} is in force by now" in page.text(Ids.PLAN_BASE), "the other's version"
    )
    page.assert_clean()


def type_a_name(page: Visit, name: str) -> None:
    """Into the draft's text, which need not be in sight: another name of the plan."""
    area = f"document.getElementById('{Ids.PLAN_TEXT}')"
    page.page.evaluate(
        f"{area}.value = {area}.value.replace(/name: Shop.*/, 'name: {name}');"
        f" {area}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    )


def test_what_is_typed_during_a_step_stays_and_the_step_says_so(site: Site, visit: Opens) -> None:
    page = open_draft(visit, site)
    (step,) = begin_a_step(page, "Step In Vain")
    type_a_name(page, "Typed Shop")
    page.let_go(step)
    page.until(lambda: "text was changed" in page.text(Ids.EVENT_ERROR), "why it was not done")
    assert "name: Typed Shop" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.page.unroute(f"**{PLAN_DRAFT}")
    page.page.get_by_role("button", name="Put into the draft").click()
    page.until(lambda: "Step In Vain" in page.text(Ids.PLAN_CHANGES), "the step, once more")
    assert "name: Typed Shop" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.assert_clean()


def test_a_step_goes_into_its_draft_though_the_page_is_left(site: Site, visit: Opens) -> None:
    page = open_draft(visit, site)
    (step,) = begin_a_step(page, "Step Left Alone")
    page.page.keyboard.press("Escape")
    page.page.get_by_role("link", name="Issues").click()
    page.until(lambda: page.page.locator(f"#{Ids.ISSUES_APP}").count(), "another page")
    page.let_go(step)
    page.page.get_by_role("link", name="Plan", exact=True).click()
    page.until(lambda: page.page.locator(f"#{Ids.PLAN_TAB}").count(), "the page again")
    page.page.locator(f"#{Ids.PLAN_TAB} label").filter(has_text="Edit").click()
    page.until(lambda: "Step Left Alone" in page.text(Ids.PLAN_CHANGES), "the step's change")
    page.assert_clean()


def test_a_second_click_is_none_and_nothing_is_saved_during_a_step(site: Site, visit: Opens) -> None:
    page = open_draft(visit, site)
    type_a_name(page, "Shop of two clicks")
    save = page.page.locator(f"#{Ids.PLAN_SAVE}")
    page.until(save.is_enabled, "it can be saved")
    steps = begin_a_step(page, "Step Once")
    page.page.get_by_role("button", name="Put into the draft").click()
    assert save.is_disabled()
    page.let_go(steps[0])
    page.until(lambda: "Step Once" in page.text(Ids.PLAN_CHANGES), "the step's change")
    page.until(save.is_enabled, "it can be saved again")
    assert len(steps) == 1
    page.assert_clean()


def test_what_is_typed_before_a_step_that_is_refused_is_checked(site: Site, visit: Opens) -> None:
    page = open_draft(visit, site)
    page.page.get_by_role("button", name="Add event").click()
    page.page.fill(f"#{Ids.EVENT_NAME}", NAME)
    # Within the pause of the typing, behind which it would have been checked.
    type_a_name(page, "Shop of this test")
    page.page.get_by_role("button", name="Put into the draft").click()
    page.until(lambda: "already" in page.text(Ids.EVENT_ERROR), "why it was not done")
    page.until(lambda: "→ Shop of this test" in page.text(Ids.PLAN_CHANGES), "what was typed")
    page.until(page.page.locator(f"#{Ids.PLAN_SAVE}").is_enabled, "it can be saved")
    page.assert_clean(["400 (BAD REQUEST)"])


def test_what_is_typed_during_an_upload_stays(site: Site, visit: Opens, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("version: 1\nname: Shop of the file\nevents: {}\n", encoding="utf-8")
    page = open_draft(visit, site, shown_as="text")
    held = page.hold(PLAN_DRAFT, when=lambda body: "take_file" in body)
    with page.page.expect_file_chooser() as chosen:
        page.page.click(f"#{Ids.PLAN_UPLOAD}")
    chosen.value.set_files(file)
    page.until(lambda: held, "a question about the file")
    type_a_name(page, "Shop as typed")
    page.let_go(held[0])
    page.until(lambda: "was not taken" in page.text(Ids.NOTICE), "why it was not taken")
    assert "name: Shop as typed" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.until(lambda: "→ Shop as typed" in page.text(Ids.PLAN_CHANGES), "a check of what was typed")
    page.assert_clean()
