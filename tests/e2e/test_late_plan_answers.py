"""Answers to the page Plan that come late: steps, saving and uploads beside what is typed meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Response, Route

from dashboard.api.routes import PLAN as PLAN_READ
from dashboard.api.routes import PLAN_DRAFT, PLAN_SAVE
from dashboard.ids import Ids
from storage.plans import PlanStore
from tests.e2e.conftest import Opens
from tests.support.explore_site import Site, explore_site
from tests.support.visits import Visit

NAME = "Order Completed"
PLAN = {"version": 1, "name": "Shop", "events": {NAME: {"schema": {"type": "object"}}}}


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with explore_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        PlanStore(site.engine).push(site.app_id, PLAN)
        yield site


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
