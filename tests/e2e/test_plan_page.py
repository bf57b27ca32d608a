"""A browser on the page Plan: read, edit as a form and as text, upload, versions, two people at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine

from dashboard.api.routes import PLAN_DRAFT
from dashboard.ids import Ids
from storage.plans import PlanStore
from storage.readers import Reader
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.events import new_event, submission
from tests.support.served import Faults, ServedApp, served
from tests.support.visits import Visit
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

LOOKS = [("light", 1400), ("dark", 800)]
NAME = "Order Completed"
HOSTILE = "<img src=http://e.test/x.png onerror=alert(1)>"
PLAN = {
    "version": 1,
    "name": "Shop",
    "events": {
        NAME: {
            "description": "sent once per paid order",
            "schema": {
                "type": "object",
                "required": ["total"],
                "properties": {
                    "total": {"type": "number", "minimum": 0},
                    "currency": {"enum": ["EUR", "USD"]},
                },
            },
        },
        HOSTILE: {"schema": {"type": "object"}},
    },
}
CSV = "eventName,eventPayload,dataType,required\nSign Up,email,text,true\n,age,integer,\n"


@dataclass(frozen=True)
class Site(ServedApp):
    """A dashboard with an app whose plan has two events."""

    app: str

    @property
    def plans(self) -> PlanStore:
        return PlanStore(self.engine)


@pytest.fixture(scope="module")
def started(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Faults, Engine]]:
    with engine_of(module_database, pool_size=8) as engine:
        app = dashboard_on(engine, tmp_path_factory.mktemp("cache"), coalesce_seconds=0.2)
        with served(app) as (address, faults):
            yield address, faults, engine


@pytest.fixture
def site(started: tuple[str, Faults, Engine]) -> Site:
    address, faults, engine = started
    app_id = new_app(engine)
    PlanStore(engine).push(app_id, PLAN, note="the first one")
    name = next(app.name for app in Reader(engine).apps() if app.app_id == app_id)
    return Site(address, faults, engine, app_id, name)


def go(visit: Opens, site: Site, query: str = "", look: tuple[str, int] = LOOKS[0]) -> Visit:
    """A viewer of this look, on the page Plan of the site's app."""
    scheme, width = look
    opened = visit(site.address, width=width, scheme=scheme)
    opened.page.goto(f"{site.address}/plan?app={site.app}{query}")
    return opened


def query(page: Visit) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.page.url).query)


def press(page: Visit, name: str) -> None:
    page.page.get_by_role("button", name=name).click()


def choose(page: Visit, control: Ids, label: str) -> None:
    page.page.locator(f"#{control} label").filter(has_text=label).click()


def save(page: Visit, version: int) -> None:
    button = page.page.locator(f"#{Ids.PLAN_SAVE}")
    page.until(
        lambda: button.inner_text() == f"Save as version {version}" and button.is_enabled(), "can be saved"
    )
    button.click()
    page.until(lambda: f"Saved: version {version} " in page.text(Ids.PLAN_DONE), "it is saved")
    assert page.page.evaluate("document.activeElement.id") == Ids.PLAN_DONE


@pytest.mark.parametrize("look", LOOKS)
def test_a_plan_is_read_searched_and_linked_to(site: Site, visit: Opens, look: tuple[str, int]) -> None:
    with writer_on(site.engine) as writer:
        writer.write([submission(site.app_id, [new_event("e", None)], plan_version=1)])
    page = go(visit, site, look=look)
    page.until(lambda: "/total" in page.text(Ids.PLAN_EVENT), "the first event's properties")
    assert "≥ 0" in page.text(Ids.PLAN_EVENT)
    assert 'one of "EUR", "USD"' in page.text(Ids.PLAN_EVENT)
    assert HOSTILE in page.text(Ids.PLAN_EVENTS)
    assert "version 1" in page.text(Ids.PLAN_HEAD)
    assert page.fits()
    page.page.fill(f"#{Ids.PLAN_SEARCH}", "IMG")
    page.until(lambda: "1 of 2 events" in page.text(Ids.PLAN_EVENTS), "the search")
    press(page, HOSTILE)
    page.until(lambda: "says nothing" in page.text(Ids.PLAN_EVENT), "the other event")
    assert query(page)["event"] == [HOSTILE]
    page.page.reload()
    page.until(lambda: "1 of 2 events" in page.text(Ids.PLAN_EVENTS), "the address keeps the view")
    page.assert_clean()


def test_back_and_forward_walk_the_views(site: Site, visit: Opens) -> None:
    page = go(visit, site)
    page.until(lambda: "/total" in page.text(Ids.PLAN_EVENT), "the first event's properties")
    page.page.locator(f"#{Ids.PLAN_SEARCH}").press_sequentially("img", delay=60)
    page.until(lambda: query(page).get("search") == ["img"], "the search")
    press(page, HOSTILE)
    page.until(lambda: "says nothing" in page.text(Ids.PLAN_EVENT), "the other event")
    choose(page, Ids.PLAN_TAB, "Edit")
    page.until(lambda: "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    page.page.fill(f"#{Ids.PLAN_SEARCH}", "")
    page.page.get_by_role("button", name=NAME, exact=True).click()
    page.until(lambda: "/total" in page.text(Ids.PLAN_DRAFT_EVENT), "another event of the draft")
    press(page, "Remove /currency")
    page.until(lambda: "/currency" in page.text(Ids.PLAN_CHANGES), "the draft differs")
    choose(page, Ids.PLAN_TAB, "Versions")
    page.until(lambda: query(page)["tab"] == ["versions"], "the versions")

    page.page.go_back()
    page.until(lambda: page.shows(Ids.PLAN_EDIT), "the draft again")
    page.until(lambda: "/currency" in page.text(Ids.PLAN_CHANGES), "with its change")
    assert "/total" in page.text(Ids.PLAN_DRAFT_EVENT)
    page.page.go_back()
    page.until(lambda: "says nothing" in page.text(Ids.PLAN_DRAFT_EVENT), "the other event of the draft")
    page.page.evaluate("history.go(-2)")
    page.until(lambda: page.shows(Ids.PLAN_READ), "the plan")
    assert page.page.input_value(f"#{Ids.PLAN_SEARCH}") == "img"
    page.until(lambda: "says nothing" in page.text(Ids.PLAN_EVENT), "the event that was open")
    page.page.evaluate("history.go(-2)")
    page.until(lambda: NAME in page.text(Ids.PLAN_EVENTS), "before the search")
    page.until(lambda: "/total" in page.text(Ids.PLAN_EVENT), "with the first event")
    assert page.page.input_value(f"#{Ids.PLAN_SEARCH}") == ""
    page.page.go_forward()
    page.until(lambda: page.page.input_value(f"#{Ids.PLAN_SEARCH}") == "img", "one word is one entry")
    page.assert_clean()


def test_a_dialog_is_closed_by_back_since_it_is_about_the_event_that_was_open(
    site: Site, visit: Opens
) -> None:
    page = go(visit, site, "&tab=edit")
    page.until(lambda: "/total" in page.text(Ids.PLAN_DRAFT_EVENT), "the first event")
    press(page, HOSTILE)
    page.until(lambda: "says nothing" in page.text(Ids.PLAN_DRAFT_EVENT), "the other event")
    press(page, "Rename")
    page.until(lambda: page.shows(Ids.EVENT_NAME), "the dialog")
    page.page.go_back()
    page.until(lambda: not page.shows(Ids.EVENT_NAME), "no dialog")
    page.until(lambda: "/total" in page.text(Ids.PLAN_DRAFT_EVENT), "the first event again")
    page.assert_clean()


def test_a_draft_that_answers_behind_back_leaves_the_reading_as_it_is(site: Site, visit: Opens) -> None:
    page = go(visit, site)
    page.until(lambda: "/total" in page.text(Ids.PLAN_EVENT), "the first event's properties")
    choose(page, Ids.PLAN_TAB, "Edit")
    page.until(lambda: "/total" in page.text(Ids.PLAN_DRAFT_EVENT), "the draft")
    held = page.hold(PLAN_DRAFT)
    press(page, HOSTILE)
    page.until(lambda: held, "a question about the other event")
    page.page.evaluate("history.go(-2)")
    page.until(lambda: page.shows(Ids.PLAN_READ), "the reading")
    address = page.page.url
    page.let_go(held.pop())
    assert page.page.url == address
    assert "/total" in page.text(Ids.PLAN_EVENT)
    page.assert_clean()


@pytest.mark.parametrize("look", LOOKS)
def test_a_plan_is_edited_in_a_form(site: Site, visit: Opens, look: tuple[str, int]) -> None:
    page = go(visit, site, "&tab=edit", look)
    page.until(lambda: "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    assert page.fits()
    press(page, "Add event")
    page.page.fill(f"#{Ids.EVENT_NAME}", NAME)
    press(page, "Put into the draft")
    page.until(lambda: "already" in page.text(Ids.EVENT_ERROR), "the name is taken")
    page.page.fill(f"#{Ids.EVENT_NAME}", "Sign Up")
    press(page, "Put into the draft")
    page.until(lambda: "Sign Up" in page.text(Ids.PLAN_CHANGES), "the event is in the draft")
    press(page, "Add a property to Sign Up")
    page.page.fill(f"#{Ids.PROPERTY_PATH}", "age")
    page.page.fill(f"#{Ids.PROPERTY_TYPES}", "int")
    page.page.get_by_role("option", name="integer").click()
    page.page.fill(f"#{Ids.PROPERTY_LEAST}", "eighteen")
    page.page.get_by_label("Required").check()
    press(page, "Put into the draft")
    page.until(lambda: "not a number" in page.text(Ids.PROPERTY_ERROR), "the bound is refused")
    page.page.fill(f"#{Ids.PROPERTY_LEAST}", "18")
    press(page, "Put into the draft")
    page.until(lambda: "≥ 18" in page.text(Ids.PLAN_DRAFT_EVENT), "the property is in the draft")
    page.page.get_by_role("button", name=NAME, exact=True).click()
    page.until(lambda: "/total" in page.text(Ids.PLAN_DRAFT_EVENT), "another event")
    press(page, "Remove /currency")
    page.until(lambda: "/currency" in page.text(Ids.PLAN_CHANGES), "the property is gone")
    press(page, "Edit /total")
    assert page.page.input_value(f"#{Ids.PROPERTY_LEAST}") == "0"
    page.page.fill(f"#{Ids.PROPERTY_LEAST}", "1")
    press(page, "Put into the draft")
    page.until(lambda: "minimum: 0 → 1" in page.text(Ids.PLAN_CHANGES), "the rule in the preview")
    press(page, "Plan settings")
    page.page.fill(f"#{Ids.SETTINGS_NAME}", " ")
    press(page, "Put into the draft")
    page.until(lambda: "blank" in page.text(Ids.SETTINGS_ERROR), "a plan has a name")
    page.page.fill(f"#{Ids.SETTINGS_NAME}", "Shop 2")
    press(page, "Put into the draft")
    page.until(lambda: "name: Shop → Shop 2" in page.text(Ids.PLAN_CHANGES), "the plan's own change")
    page.page.fill(f"#{Ids.PLAN_NOTE}", "ages")
    save(page, 2)
    saved = site.plans.in_force(site.app_id)
    assert (saved.note, saved.author) == ("ages", "")
    assert saved.document is not None
    assert saved.document["events"]["Sign Up"]["schema"] == {
        "type": "object",
        "properties": {"age": {"type": "integer", "minimum": 18}},
        "required": ["age"],
    }
    page.assert_clean(["400 (BAD REQUEST)"])


@pytest.mark.parametrize("look", LOOKS)
def test_a_plan_is_edited_as_text_and_an_error_leads_to_its_place(
    site: Site, visit: Opens, look: tuple[str, int]
) -> None:
    page = go(visit, site, "&tab=edit&as=text", look)
    text = page.page.locator(f"#{Ids.PLAN_TEXT}")
    page.until(lambda: text.input_value().startswith("version: 1\n"), "the plan as text")
    good = text.input_value()
    text.fill(good.replace("type: number", "type: nummer"))
    page.until(lambda: "1 problem" in page.text(Ids.PLAN_PROBLEMS), "the problem")
    assert page.page.locator(f"#{Ids.PLAN_SAVE}").is_disabled()
    choose(page, Ids.PLAN_AS, "As a form")
    page.until(lambda: not text.is_visible(), "the form")
    press(page, 'event "Order Completed", schema /properties/total/type')
    selected = "(area => area.value.slice(area.selectionStart, area.selectionEnd))"
    page.until(lambda: text.evaluate(selected) == "type: nummer", "the place is selected")
    text.fill(good.replace("name: Shop", "version: 1"))
    page.until(lambda: "line 2" in page.text(Ids.PLAN_PROBLEMS), "the line")
    assert "once the plan can be read" in page.text(Ids.PLAN_CHANGES)
    # Nothing is drawn there, which is not to look as if it were still to come.
    before = "event => [event.innerHTML, getComputedStyle(event, '::before').content]"
    assert page.page.locator(f"#{Ids.PLAN_DRAFT_EVENT}").evaluate(before) == ["", "none"]
    text.fill(good.replace("minimum: 0", "minimum: 5"))
    page.until(lambda: "minimum: 0 → 5" in page.text(Ids.PLAN_CHANGES), "the preview")
    assert page.fits()
    save(page, 2)
    choose(page, Ids.PLAN_TAB, "Versions")
    page.until(lambda: "minimum: 0 → 5" in page.text(Ids.PLAN_DIFF), "what differs from the one before")
    assert "the first one" in page.text(Ids.PLAN_VERSION_LIST)
    press(page, "Compare from version 2")
    press(page, "Compare to version 1")
    page.until(lambda: "minimum: 5 → 0" in page.text(Ids.PLAN_DIFF), "the way back")
    assert (query(page)["from"], query(page)["to"]) == (["2"], ["1"])
    press(page, "Show the events of version 1")
    page.until(lambda: "Not in force" in page.text(Ids.PLAN_HEAD), "an old version")
    assert "≥ 0" in page.text(Ids.PLAN_EVENT)
    press(page, "Show the one in force")
    page.until(lambda: "≥ 5" in page.text(Ids.PLAN_EVENT), "the one in force")
    page.assert_clean()


def test_a_file_is_uploaded_checked_and_saved(site: Site, visit: Opens, tmp_path: Path) -> None:
    page = go(visit, site, "&tab=edit&as=text")
    page.until(lambda: "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")

    def upload(name: str, content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        with page.page.expect_file_chooser() as chooser:
            press(page, "Upload a file")
        chooser.value.set_files(tmp_path / name)

    upload("bad.csv", (CSV + "X,y,nummer,\n").encode())
    page.until(lambda: "bad.csv was not taken" in page.text(Ids.PLAN_PROBLEMS), "the refusal")
    assert 'line 4, event "X"' in page.text(Ids.PLAN_PROBLEMS)
    upload("latin.csv", CSV.replace("age", "größe").encode("latin-1"))
    page.until(lambda: "not UTF-8" in page.text(Ids.PLAN_PROBLEMS), "the encoding")
    upload("shop.csv", CSV.encode())
    page.until(lambda: "shop.csv is the draft now" in page.text(Ids.PLAN_DONE), "it is taken")
    assert "Sign Up:" in page.page.input_value(f"#{Ids.PLAN_TEXT}")
    assert "1 added, 2 removed events" in page.text(Ids.PLAN_CHANGES)
    save(page, 2)
    document = site.plans.in_force(site.app_id).document
    assert document is not None
    assert list(document["events"]) == ["Sign Up"]
    page.assert_clean(["400 (BAD REQUEST)"])


def test_two_people_at_once_lose_nothing(site: Site, visit: Opens) -> None:
    page = go(visit, site, "&tab=edit&as=text")
    text = page.page.locator(f"#{Ids.PLAN_TEXT}")
    page.until(lambda: text.input_value() and "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    text.fill(text.input_value().replace("minimum: 0", "minimum: 5"))
    page.until(lambda: page.page.locator(f"#{Ids.PLAN_SAVE}").is_enabled(), "it can be saved")
    events = {"Other": {"schema": {"type": "object"}}}
    site.plans.push(site.app_id, {**PLAN, "events": {**PLAN["events"], **events}}, author="Ada")  # type: ignore[dict-item]
    page.page.locator(f"#{Ids.PLAN_SAVE}").click()
    page.until(lambda: "Ada saved version 2" in page.text(Ids.PLAN_PROBLEMS), "the conflict")
    assert site.plans.in_force(site.app_id).version == 2
    assert "minimum: 5" in text.input_value()
    press(page, "Compare with version 2")
    page.until(lambda: "Other" in page.text(Ids.PLAN_CHANGES), "what would be lost of Ada's")
    save(page, 3)
    page.assert_clean(["409 (CONFLICT)"])


def test_coverage_leads_to_the_editor_and_to_a_draft_of_what_is_unplanned(site: Site, visit: Opens) -> None:
    unplanned = new_event("u", None, name="Sign Up", payload={"age": 3}, verdict=Verdict.UNPLANNED)
    beside = new_event("b", None, name=HOSTILE, payload={"gift": True})
    with writer_on(site.engine) as writer:
        writer.write([submission(site.app_id, [unplanned, beside], plan_version=1)])
    page = visit(site.address)
    page.page.goto(f"{site.address}/coverage?app={site.app}&name=Sign+Up")
    page.page.get_by_role("link", name="Add them on the page Plan").click()
    page.until(lambda: NAME in page.text(Ids.PLAN_DRAFT_EVENT), "the editor")
    page.page.go_back()
    listed = page.page.get_by_role("region", name="Unplanned properties")
    listed.get_by_role("link", name=HOSTILE).click()
    page.until(lambda: HOSTILE in page.text(Ids.PLAN_DRAFT_EVENT), "the editor, at the property's event")
    page.page.go_back()
    page.page.get_by_role("link", name="Open on Plan").click()
    text = page.page.locator(f"#{Ids.PLAN_TEXT}")
    page.until(lambda: "  Sign Up:\n    schema:" in text.input_value(), "the draft")
    page.until(lambda: "Sign Up" in page.text(Ids.PLAN_CHANGES), "the preview")
    save(page, 2)
    assert "draft" not in query(page)
    page.assert_clean()


def test_a_server_that_fails_is_told_of_and_the_draft_stays(site: Site, visit: Opens) -> None:
    page = go(visit, site, "&tab=edit&as=text")
    text = page.page.locator(f"#{Ids.PLAN_TEXT}")
    page.until(lambda: text.input_value() and "Nothing differs" in page.text(Ids.PLAN_CHANGES), "the draft")
    site.faults.breaks = lambda path: path.startswith("/api/")
    text.fill(text.input_value().replace("minimum: 0", "minimum: 5"))
    page.until(lambda: page.shows(Ids.BANNER), "the banner")
    site.faults.breaks = lambda _path: False
    page.until(lambda: not page.shows(Ids.BANNER), "it answers again")
    assert "minimum: 5" in text.input_value()
    page.until(lambda: "minimum: 0 → 5" in page.text(Ids.PLAN_CHANGES), "it is checked by itself")
    save(page, 2)
    page.assert_clean(["500 (INTERNAL SERVER ERROR)"])


def test_an_app_without_a_plan_gets_its_first_version(site: Site, visit: Opens) -> None:
    app_id = new_app(site.engine)
    name = next(app.name for app in Reader(site.engine).apps() if app.app_id == app_id)
    page = visit(site.address)
    page.page.goto(f"{site.address}/plan?app={name}")
    press(page, "Make the first version here")
    press(page, "Add event")
    page.page.fill(f"#{Ids.EVENT_NAME}", "Sign Up")
    page.page.keyboard.press("Enter")
    page.until(lambda: "Sign Up" in page.text(Ids.PLAN_CHANGES), "the event")
    save(page, 1)
    assert page.text(Ids.PLAN_DONE).startswith("Saved: version 1 of 1 event judges what arrives")
    choose(page, Ids.PLAN_TAB, "Read")
    page.until(lambda: page.text(Ids.PLAN_HEAD).endswith(". 1 event."), "how many events it has")
    page.assert_clean()
