"""Answers that come when the viewer wants something else by now: none undoes what was done since."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from dashboard.api.exports import EXPORT_PROGRESS
from dashboard.api.routes import EXPLORE_LAND, FEED, ROWS
from dashboard.ids import Ids
from storage.apps import AppStore
from tests.e2e.conftest import Opens
from tests.support.events import new_event, submission
from tests.support.explore_site import SEED, Site, explore_site, explored, export
from tests.support.visits import Visit
from tests.support.writing import writer_on


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with explore_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        yield site


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
    page.choose(Ids.EXPLORE_FIELD, "Property")
    page.until(lambda: page.shows(Ids.EXPLORE_PROPERTY), "the field of a property")
    page.page.get_by_role("link", name="Issues").click()
    page.until(lambda: page.page.locator(f"#{Ids.ISSUES_APP}").count(), "another page")
    page.page.get_by_role("link", name="Explore").click()
    page.until(lambda: "of " in page.text(Ids.EXPLORE_TOTAL), "the page again")
    assert page.page.input_value(f"#{Ids.EXPLORE_FIELD}") == "Event"
    page.until(lambda: page.shows(Ids.EXPLORE_CHOSEN), "the list of events")
    assert not page.shows(Ids.EXPLORE_PROPERTY)
    page.assert_clean()
