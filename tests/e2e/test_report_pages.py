"""Pages whose body the server words as a whole, each at its main task."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from dashboard.ids import Ids
from livevalidation import Client, Event
from storage.apps import AppStore
from storage.plans import PlanStore
from tests.e2e.conftest import Opens
from tests.support.dashboards import dashboard_on
from tests.support.events import new_event, submission
from tests.support.ingest import new_tenant, running_server
from tests.support.served import Faults, served
from tests.support.visits import Visit
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

LOOKS = [(1400, "light"), (800, "dark")]
PLAN = {
    "version": 1,
    "name": "Shop",
    "events": {
        "Order Completed": {"schema": {"properties": {"currency": {"enum": ["EUR", "USD"]}, "coupon": {}}}},
        "Order Refunded": {"schema": {"type": "object"}},
    },
}
HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Site:
    """A dashboard, an ingest server and their database."""

    address: str
    faults: Faults
    engine: Engine
    ingest: str


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        engine = stack.enter_context(engine_of(module_database, pool_size=8))
        ingest = stack.enter_context(running_server(module_database))
        app = dashboard_on(engine, tmp_path_factory.mktemp("cache"))
        address, faults = stack.enter_context(served(app))
        yield Site(address, faults, engine, ingest.address)


def opened(visit: Opens, site: Site, path: str, look: tuple[int, str]) -> Visit:
    """A page with its body."""
    width, scheme = look
    viewed = visit(site.address, width=width, scheme=scheme)
    viewed.page.goto(f"{site.address}{path}")
    viewed.until(lambda: viewed.page.locator(f"#{Ids.REPORT_BODY} section").count(), "the body")
    assert viewed.fits()
    return viewed


@pytest.mark.parametrize("look", LOOKS)
def test_system_names_the_running_server_and_outlives_a_failure(
    site: Site, visit: Opens, look: tuple[int, str]
) -> None:
    viewed = opened(visit, site, "/system", look)
    viewed.until(lambda: site.ingest in viewed.text(Ids.REPORT_BODY), "the server's address")
    assert "✓ running" in viewed.text(Ids.REPORT_BODY)
    site.faults.breaks = lambda path: path.startswith("/api/")
    viewed.until(lambda: viewed.shows(Ids.BANNER), "the banner")
    assert "Showing the last data." in viewed.text(Ids.BANNER)
    assert "Trying again by itself" in viewed.text(Ids.BANNER)
    assert site.ingest in viewed.text(Ids.REPORT_BODY)
    site.faults.breaks = lambda _path: False
    viewed.until(lambda: not viewed.shows(Ids.BANNER), "an answer again")
    viewed.assert_clean(expected=["500 (INTERNAL SERVER ERROR)"])


def test_a_page_that_shows_nothing_yet_does_not_speak_of_last_data(site: Site, visit: Opens) -> None:
    site.faults.breaks = lambda path: path.startswith("/api/")
    viewed = visit(site.address)
    viewed.page.goto(f"{site.address}/system")
    viewed.until(lambda: viewed.shows(Ids.BANNER), "the banner")
    site.faults.breaks = lambda _path: False
    assert viewed.text(Ids.BANNER).startswith("Nothing could be loaded yet.")
    viewed.until(lambda: not viewed.shows(Ids.BANNER), "an answer")


@pytest.mark.parametrize("look", LOOKS)
def test_coverage_names_what_is_missing_and_drafts_what_is_unplanned(
    site: Site, visit: Opens, look: tuple[int, str]
) -> None:
    app_id = new_app(site.engine)
    PlanStore(site.engine).push(app_id, PLAN)
    unplanned = [
        new_event(name, None, name=name, verdict=Verdict.UNPLANNED) for name in ("order completed", HOSTILE)
    ]
    with writer_on(site.engine) as writer:
        writer.write([submission(app_id, [new_event("e-1", None), *unplanned], plan_version=1)])
    name = next(app.name for app in AppStore(site.engine).list() if app.app_id == app_id)
    viewed = opened(visit, site, f"/coverage?app={name}", look)
    body = viewed.page.locator(f"#{Ids.REPORT_BODY}")
    viewed.until(lambda: "Order Refunded" in body.inner_text(), "the missing event")
    named = viewed.page.get_by_role("rowheader", name="order completed", exact=True)
    row = body.locator("tr").filter(has=named)
    assert "Order Completed" in row.inner_text()
    assert HOSTILE in body.inner_text()
    row.get_by_role("button", name="Add to plan: order completed").press("Enter")
    draft = viewed.page.locator("#plan-draft")
    viewed.until(draft.count, "the draft")
    assert draft.inner_text().startswith("order completed:\n  schema:\n")
    assert "name=order+completed" in viewed.page.url
    viewed.page.reload()
    viewed.until(draft.count, "the draft again, by the address alone")
    viewed.assert_clean()


def test_a_draft_that_is_copied_twice_can_be_copied_again(site: Site, visit: Opens) -> None:
    app_id = new_app(site.engine)
    with writer_on(site.engine) as writer:
        writer.write([submission(app_id, [new_event("e-1", None, name="Hello", verdict=Verdict.UNPLANNED)])])
    name = next(app.name for app in AppStore(site.engine).list() if app.app_id == app_id)
    viewed = opened(visit, site, f"/coverage?app={name}&name=Hello", LOOKS[0])
    copy = viewed.page.locator("[data-lvd-copies]")
    for _ in range(2):
        copy.click()
        viewed.until(lambda: copy.inner_text() != "Copy", "that it is copied")
    # Longer than both clicks are told of.
    viewed.page.wait_for_timeout(4_200)
    assert copy.inner_text() == "Copy"
    viewed.assert_clean()


@pytest.mark.parametrize("look", LOOKS)
def test_coverage_opens_an_event_and_shows_which_of_its_fields_and_values_never_came(
    site: Site, visit: Opens, look: tuple[int, str]
) -> None:
    tenant = new_tenant(site.engine, f"shop {look[1]}")
    PlanStore(site.engine).push(tenant.app_id, PLAN)
    with Client(site.ingest, tenant.key) as client:
        client.send(Event("Order Completed", {"currency": "EUR"})).result(30)
    viewed = opened(visit, site, f"/coverage?app=shop+{look[1]}", look)
    button = viewed.page.get_by_role("button", name="Fields of Order Completed: 1 of 2 came")
    button.press("Enter")
    fields = viewed.page.get_by_role("region", name="Fields of Order Completed")
    viewed.until(fields.count, "the fields")
    assert viewed.fits()
    told = [" ".join(row.split()) for row in fields.locator("tbody tr").all_inner_texts()]
    assert told[0].startswith("/coupon ○ missing no any —")
    assert told[1].startswith("/currency ● came no string string 1 100 %")
    assert told[2:] == ['"USD" ○ missing — — — —', told[3]]
    assert told[3].startswith('"EUR" ● came 1 100 %')
    assert viewed.page.evaluate("document.activeElement.dataset.lvdOpened") == "Order Completed"
    viewed.page.reload()
    viewed.until(fields.count, "the fields again, by the address alone")
    viewed.page.get_by_role("button", name="Close").press("Enter")
    viewed.until(lambda: not fields.count(), "the fields gone")
    viewed.until(
        lambda: viewed.page.evaluate("document.activeElement.dataset.lvdEvent") == "Order Completed",
        "the keyboard back at the button",
    )
    assert "name=" not in viewed.page.url
    range_ = viewed.page.locator(f"#{Ids.REPORT_RANGE}")
    range_.locator("label").filter(has_text="7d").click()
    viewed.until(lambda: "range=7d" in viewed.page.url, "another range")
    viewed.page.evaluate("history.go(-2)")
    viewed.until(fields.count, "the fields again")
    assert range_.locator("input:checked").input_value() == "24h"
    viewed.page.go_back()
    viewed.until(lambda: not fields.count(), "before they were opened")
    viewed.page.evaluate("history.go(3)")
    viewed.until(lambda: range_.locator("input:checked").input_value() == "7d", "the last view")
    assert not fields.count()
    viewed.assert_clean()
