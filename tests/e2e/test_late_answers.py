"""Answers that come when the viewer wants something else by now: none undoes what was done since."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Route
from sqlalchemy import Engine

from dashboard.api.exports import EXPORT_PROGRESS
from dashboard.api.routes import EXPLORE_LAND, PLAN_SAVE
from dashboard.ids import Ids
from storage.plans import PlanStore
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.seeding import recent_days, seed
from tests.support.served import served
from tests.support.visits import Visit
from tests.support.writing import engine_of

SEED = recent_days(days=2, rows_per_day=3_000)
NAME = "Order Completed"
PROPERTIES = {"total": {"type": "number"}, "currency": {"type": "string"}}
PLAN = {
    "version": 1,
    "name": "Shop",
    "events": {NAME: {"schema": {"type": "object", "properties": PROPERTIES}}},
}


@dataclass(frozen=True)
class Site:
    """A dashboard over an app of which no event arrives any more."""

    address: str
    engine: Engine
    app_id: int


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with engine_of(module_database, pool_size=8) as engine:
        app_id = seed(engine, "Shop", SEED)
        PlanStore(engine).push(app_id, PLAN)
        app = dashboard_on(engine, tmp_path_factory.mktemp("cache"), coalesce_seconds=0.2)
        with served(app) as (address, _):
            yield Site(address, engine, app_id)


def go(visit: Opens, site: Site, path: str) -> Visit:
    opened = visit(site.address)
    opened.page.goto(f"{site.address}/{path}")
    return opened


def hold(page: Visit, path: str) -> list[Route]:
    """From now on questions at this path wait until they are let go."""
    held: list[Route] = []
    page.page.route(f"**{path}", lambda route: held.append(route))  # noqa: PLW0108  Playwright sets attributes
    return held


def let_go(page: Visit, path: str, route: Route) -> None:
    """Answered, and the page had time to do something about it."""
    with page.page.expect_response(f"**{path}"):
        route.continue_()
    page.page.wait_for_timeout(300)


def explore(visit: Opens, site: Site) -> Visit:
    page = go(visit, site, "explore?app=Shop&range=all")
    page.until(lambda: "of 6,000" in page.text(Ids.EXPLORE_TOTAL), "all events")
    return page


def test_of_two_jumps_the_last_one_counts(site: Site, visit: Opens) -> None:
    page = explore(visit, site)
    held = hold(page, EXPLORE_LAND)
    for hour in ("01", "13"):
        moment = f"{SEED.first_day:%Y-%m-%d} {hour}:00:00"
        page.page.evaluate(f"void dash_clientside.lvd.exploreJumpTime('{moment}')")
    page.until(lambda: len(held) == 2, "both questions")
    let_go(page, EXPLORE_LAND, held[1])
    page.until(lambda: "Rows 1\u2013" not in page.text(Ids.EXPLORE_TOTAL), "the later time's rows")
    there = page.text(Ids.EXPLORE_TOTAL)
    let_go(page, EXPLORE_LAND, held[0])
    assert page.text(Ids.EXPLORE_TOTAL) == there
    page.assert_clean()


def test_an_export_is_no_longer_told_of_once_its_page_is_left(site: Site, visit: Opens) -> None:
    page = explore(visit, site)
    held = hold(page, EXPORT_PROGRESS)
    page.page.get_by_role("button", name="Export").click()
    page.page.get_by_role("menuitem", name="CSV").click()
    page.until(lambda: held, "a question how far it came")
    page.page.get_by_role("link", name="Issues").click()
    page.until(lambda: page.page.locator(f"#{Ids.ISSUES_APP}").count(), "another page")
    let_go(page, EXPORT_PROGRESS, held[0])
    page.assert_clean()


def test_a_page_that_is_opened_again_filters_by_what_its_controls_say(site: Site, visit: Opens) -> None:
    page = explore(visit, site)
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
    page = go(visit, site, "plan?app=Shop&tab=edit&as=text")
    page.until(lambda: NAME in page.page.input_value(f"#{Ids.PLAN_TEXT}"), "the plan's text")
    version = PlanStore(site.engine).in_force(site.app_id).version
    text = page.page.input_value(f"#{Ids.PLAN_TEXT}")
    page.page.fill(f"#{Ids.PLAN_TEXT}", text.replace("name: Shop", "name: Shop 2"))
    button = page.page.locator(f"#{Ids.PLAN_SAVE}")
    page.until(button.is_enabled, "it can be saved")
    held = hold(page, PLAN_SAVE)
    button.click()
    page.until(lambda: held, "a question to save it")
    page.page.fill(f"#{Ids.PLAN_TEXT}", text.replace("name: Shop", "name: Shop 3"))
    let_go(page, PLAN_SAVE, held[0])
    page.until(lambda: f"Saved: version {version + 1} " in page.text(Ids.PLAN_DONE), "it is saved")
    assert "name: Shop 3" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    told = f"Save as version {version + 2}"
    page.until(lambda: button.inner_text() == told and button.is_enabled(), "the rest can be saved, too")
    page.assert_clean()
