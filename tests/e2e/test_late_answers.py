"""Answers that come when the viewer wants something else by now: none undoes what was done since."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Response, Route

from dashboard.api.exports import EXPORT_PROGRESS
from dashboard.api.routes import EXPLORE_LAND, FEED, PLAN_DRAFT, PLAN_SAVE
from dashboard.api.routes import PLAN as PLAN_READ
from dashboard.ids import Ids
from storage.apps import AppStore
from storage.plans import PlanStore
from tests.e2e.conftest import Opens
from tests.support.events import new_event, submission
from tests.support.explore_site import SEED, Site, explore, explore_site, export, total
from tests.support.visits import Visit
from tests.support.writing import writer_on

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


def begin_a_step(page: Visit, site: Site, event: str) -> Route:
    """A step on a draft that nobody touched so far: to add an event."""
    page.page.goto(f"{site.address}/plan?app=Shop&tab=edit")
    page.until(lambda: "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    held = page.hold(PLAN_DRAFT, when=lambda body: "add_event" in body)
    page.page.get_by_role("button", name="Add event").click()
    page.page.fill(f"#{Ids.EVENT_NAME}", event)
    page.page.get_by_role("button", name="Put into the draft").click()
    page.until(lambda: held, "the step")
    return held[0]


def test_a_version_that_comes_during_a_step_does_not_end_it(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    step = begin_a_step(page, site, "Late Step")
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


def test_what_is_typed_during_a_step_stays_and_the_step_says_so(site: Site, visit: Opens) -> None:
    page = visit(site.address)
    step = begin_a_step(page, site, "Step In Vain")
    area = f"document.getElementById('{Ids.PLAN_TEXT}')"
    page.page.evaluate(
        f"{area}.value = {area}.value.replace('name: Shop', 'name: Typed Shop');"
        f" {area}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    )
    page.let_go(step)
    page.until(lambda: "text was changed" in page.text(Ids.EVENT_ERROR), "why it was not done")
    assert "name: Typed Shop" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.page.unroute(f"**{PLAN_DRAFT}")
    page.page.get_by_role("button", name="Put into the draft").click()
    page.until(lambda: "Step In Vain" in page.text(Ids.PLAN_CHANGES), "the step, once more")
    assert "name: Typed Shop" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.assert_clean()
