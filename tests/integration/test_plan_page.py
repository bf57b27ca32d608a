"""The page Plan on a real database: what it shows, how drafts are checked, and how they are saved."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from dashboard.api.plan_schemas import MAX_BODY_BYTES, MAX_PLAN_BYTES
from dashboard.api.routes import COVERAGE, PLAN, PLAN_DRAFT, PLAN_SAVE, PLAN_VERSIONS
from dashboard.pages.plan.page import page
from dashboard.plan_view import from_query
from livevalidation.v1 import ingest_pb2
from storage.errors import BadRequest, Conflict
from storage.plans import PlanStore
from storage.readers import Reader
from tests.support.dashboards import OnlyAda, dashboard_on, keep_readings, services_on
from tests.support.events import new_event, submission
from tests.support.ingest import new_tenant, running_server, send
from tests.support.statements import statements
from tests.support.writing import new_app, writer_on
from tracking_plan.verdict import Verdict

NAME = "Order Completed"
PLAN_TEXT = """
version: 1
name: Shop
events:
  Order Completed:
    description: sent once per paid order
    schema: {type: object, required: [total], properties: {total: {type: number, minimum: 0}}}
  Never Sent:
    schema: {type: object}
"""
CSV = "eventName,eventPayload,dataType,required\nSign Up,email,text,true\n,age,integer,\n"


@dataclass(frozen=True)
class Site:
    """A dashboard with one app that has no plan yet."""

    app: Dash
    engine: Engine
    app_id: int

    def ask(self, route: str, **body: Any) -> TestResponse:
        answer: TestResponse = self.app.server.test_client().post(route, json={"app_id": self.app_id, **body})
        return answer

    def told(self, route: str, **body: Any) -> dict[str, Any]:
        answer = self.ask(route, **body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def draft(self, text: str | None = None, **body: Any) -> dict[str, Any]:
        return self.told(PLAN_DRAFT, text=text, **body)

    def save(self, text: str, base: int, **body: Any) -> TestResponse:
        return self.ask(PLAN_SAVE, text=text, filename="plan.yaml", base_version=base, **body)


@pytest.fixture(scope="module")
def dashboard(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return dashboard_on(engine, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def site(engine: Engine, dashboard: Dash) -> Site:
    return Site(dashboard, engine, new_app(engine))


def test_an_app_without_a_plan_says_how_to_get_one(site: Site) -> None:
    assert "Make the first version here" in str(site.told(PLAN)["list"])
    assert "No version was saved yet" in str(site.told(PLAN_VERSIONS)["list"])
    opened = site.draft()
    assert (opened["in_force"], opened["is_usable"]) == (0, True)
    assert opened["text"].startswith("version: 1\nname: ")


def test_a_draft_is_of_what_was_just_saved_whichever_worker_is_asked(site: Site, tmp_path: Path) -> None:
    """By another one's reading of a moment ago the editor would open what its own Save had replaced."""
    ours, theirs = (
        replace(site, app=dashboard_on(site.engine, tmp_path, coalesce_seconds=60)) for _ in range(2)
    )
    assert (ours.draft()["in_force"], theirs.draft()["in_force"]) == (0, 0)
    assert ours.save(PLAN_TEXT, 0).status_code == 200
    opened = theirs.draft()
    assert opened["in_force"] == 1
    assert NAME in opened["text"]


def test_a_saved_plan_is_read_with_counts_and_its_schema_in_words(site: Site) -> None:
    assert site.save(PLAN_TEXT, 0, note=" first ").get_json() == {"version": 1, "changed": True, "events": 2}
    with writer_on(site.engine) as writer:
        writer.write([submission(site.app_id, [new_event("e", None), new_event("f", None)], plan_version=1)])
    found = site.told(PLAN)
    assert "In force: version 1" in str(found["head"])
    assert ": first" in str(found["head"])
    assert found["opened"] == NAME
    (row,) = [each for each in str(found["list"]).split("'Tr'") if f"'{NAME}'" in each]
    assert "'2'" in row
    shown = str(found["event"])
    assert all(words in shown for words in ("/total", "number", "≥ 0", "yes", "sent once per paid order"))


def test_what_reads_the_same_is_not_sent_again_and_the_search_is_the_servers(site: Site) -> None:
    site.save(PLAN_TEXT, 0)
    first = site.told(PLAN)
    tags = {"list_tag": first["list"]["tag"], "event_tag": first["event"]["tag"]}
    again = site.told(PLAN, **tags)
    assert ("body" in again["list"], "body" in again["event"]) == (False, False)
    assert "1 of 2 events" in str(site.told(PLAN, search="nEVER")["list"])
    assert "sent once" not in str(site.told(PLAN, event="Never Sent", **tags)["event"])


def test_versions_are_listed_with_who_and_why_and_compared(site: Site, tmp_path: Path) -> None:
    ada = replace(site, app=dashboard_on(site.engine, tmp_path, access=OnlyAda(site.app_id)))
    ada.save(PLAN_TEXT, 0)
    ada.save(PLAN_TEXT.replace("minimum: 0", "minimum: 1"), 1, note="no free orders")
    found = site.told(PLAN_VERSIONS)
    assert (found["before"], found["after"]) == (1, 2)
    assert all(words in str(found["list"]) for words in ("Ada", "no free orders", "2 (in force)"))
    assert "minimum: 0 → 1" in str(found["diff"])
    assert "minimum: 1 → 0" in str(site.told(PLAN_VERSIONS, before=2, after=1)["diff"])
    assert "the first one" in str(site.told(PLAN_VERSIONS, after=1)["diff"])
    assert "body" not in site.told(PLAN_VERSIONS, diff_tag=found["diff"]["tag"])["diff"]
    assert "Not in force (version 2 is)" in str(site.told(PLAN, version=1)["head"])
    assert site.ask(PLAN, version=3).status_code == 404


def test_a_draft_is_checked_as_push_does_with_every_place(site: Site) -> None:
    site.save(PLAN_TEXT, 0)
    broken = PLAN_TEXT.replace("type: number", "type: nummer")
    found = site.draft(broken)
    assert not found["is_usable"]
    assert 'event "Order Completed", schema /properties/total' in str(found["problems"])
    assert "text" not in found
    assert "type: number → nummer" in str(found["changes"])
    unreadable = site.draft("events: [")
    assert "line 2, column 1" in str(unreadable["problems"])
    assert (unreadable["list"], unreadable["is_usable"]) == (None, False)
    answer = site.save(broken, 1)
    assert answer.status_code == 400
    assert "/properties/total" in answer.get_json()["message"]
    assert len(PlanStore(site.engine).list(site.app_id)) == 1


def test_form_steps_change_the_text(site: Site) -> None:
    site.save(PLAN_TEXT, 0)
    text = site.draft()["text"]
    steps: list[dict[str, Any]] = [
        {"do": "add_event", "name": "Sign Up", "description": "once"},
        {"do": "put_property", "event": "Sign Up", "path": "email", "types": ["string"], "required": True},
        {"do": "rename_event", "event": "Sign Up", "name": "Signed Up", "description": "once"},
        {"do": "remove_property", "event": NAME, "path": "/total"},
        {
            "do": "describe_plan",
            "name": "Shop 2",
            "formats": "annotate",
            "unplanned_events": "reject",
            "unplanned_properties": "allow",
        },
        {"do": "remove_event", "event": "Never Sent"},
    ]
    for step in steps:
        found = site.draft(text, step=step, filename="plan.yaml")
        text = found["text"]
    told = str(found["changes"])
    assert all(words in told for words in ("Signed Up", ": 1 property", "/total", "Never Sent"))
    assert "unplanned_events: flag → reject" in told
    assert found["settings"]["name"] == "Shop 2"
    opened = site.draft(text, event="Signed Up")
    assert opened["forms"]["/email"]["required"] is True
    assert site.save(text, 1).get_json()["version"] == 2
    refused = site.ask(PLAN_DRAFT, text=text, step=steps[-1])
    assert (refused.status_code, "no such event" in refused.get_json()["message"]) == (400, True)


def test_a_file_of_the_prototype_becomes_a_draft(site: Site) -> None:
    taken = {"do": "take_file"}
    found = site.draft(CSV, filename="Shop.csv", step=taken)
    assert (found["filename"], found["is_usable"]) == ("plan.yaml", True)
    assert site.save(found["text"], 0).get_json()["events"] == 1
    refused = site.ask(PLAN_DRAFT, text=CSV + "X,y,nummer,\n", filename="Shop.csv", step=taken)
    assert refused.status_code == 400
    assert 'line 4, event "X": unknown type' in refused.get_json()["message"]
    commented = "# ours\n" + PLAN_TEXT
    assert "text" not in site.draft(commented, filename="plan.yaml", step=taken)


def test_an_unplanned_event_is_drafted_from_what_came(site: Site) -> None:
    site.save(PLAN_TEXT, 0)
    with writer_on(site.engine) as writer:
        unplanned = new_event("u", None, name="Sign Up", payload={"age": 3}, verdict=Verdict.UNPLANNED)
        writer.write([submission(site.app_id, [unplanned], plan_version=1)])
    app = next(app.name for app in Reader(site.engine).apps() if app.app_id == site.app_id)
    linked = site.told(COVERAGE, range_key="24h", event="Sign Up")
    assert f"/plan?app={app}&tab=edit&as=text&draft=Sign+Up" in str(linked["body"])
    found = site.draft(step={"do": "plan_unplanned", "event": "Sign Up"})
    assert "  Sign Up:\n    schema:\n" in found["text"]
    assert found["forms"]["/age"]["types"] == ["integer"]


def test_a_version_that_was_saved_meanwhile_is_not_overwritten(site: Site) -> None:
    site.save(PLAN_TEXT, 0)
    assert site.save(PLAN_TEXT.replace("minimum: 0", "minimum: 1"), 1).status_code == 200
    late = site.save(PLAN_TEXT.replace("minimum: 0", "minimum: 2"), 1)
    assert (late.status_code, late.get_json()["error"]) == (409, "conflict")
    assert "Somebody saved version 2 at" in late.get_json()["message"]
    assert "after you had opened version 1" in late.get_json()["message"]
    assert len(PlanStore(site.engine).list(site.app_id)) == 2
    with pytest.raises(Conflict):
        PlanStore(site.engine).push(site.app_id, {}, replaces=1)
    assert Reader(site.engine).ledger(site.app_id).plan_version == 2


def test_the_same_plan_again_is_no_new_version(site: Site) -> None:
    site.save(PLAN_TEXT, 0)
    assert site.save(PLAN_TEXT, 1).get_json() == {"version": 1, "changed": False, "events": 2}
    # Not the same, though Python alone says so.
    assert site.save(PLAN_TEXT.replace("minimum: 0", "minimum: 0.0"), 1).get_json()["version"] == 2


@pytest.mark.parametrize("route", [PLAN, PLAN_VERSIONS])
def test_a_tick_of_fifty_viewers_sends_the_statements_of_one(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    keep_readings(monkeypatch)
    now = datetime.now(UTC)
    site.save(PLAN_TEXT, 0)

    def sent_for(viewers: int) -> int:
        """Statements for one tick of so many open pages, none of which was asked before."""
        folder = tmp_path / str(viewers)
        shared = replace(site, app=dashboard_on(site.engine, folder, coalesce_seconds=60, now=lambda: now))
        with statements(site.engine) as sent, ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: shared.ask(route).get_data(), range(viewers)))
        assert len(set(answers)) == 1
        return len(sent)

    one = sent_for(1)
    assert one > 0
    assert sent_for(50) == one


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (PLAN, {}),
        (PLAN_VERSIONS, {}),
        (PLAN_DRAFT, {}),
        (PLAN_SAVE, {"text": PLAN_TEXT, "filename": "plan.yaml", "base_version": 0}),
    ],
)
def test_every_route_passes_the_access_seam(
    site: Site, tmp_path: Path, route: str, body: dict[str, Any]
) -> None:
    blind = replace(site, app=dashboard_on(site.engine, tmp_path / "blind", access=OnlyAda()))
    assert blind.ask(route, **body).status_code == 404
    reads = OnlyAda(site.app_id, edits=False)
    reader = replace(site, app=dashboard_on(site.engine, tmp_path / "reader", access=reads))
    answer = reader.ask(route, **body)
    assert answer.status_code == (403 if route in (PLAN_DRAFT, PLAN_SAVE) else 200)
    assert PlanStore(site.engine).list(site.app_id) == ()


@pytest.mark.parametrize("route", [PLAN_DRAFT, PLAN_SAVE])
def test_a_form_of_another_site_is_refused(site: Site, route: str) -> None:
    client = site.app.server.test_client()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = client.post(route, data="{}", content_type=kind)
        assert (answer.status_code, "Content-Type" in answer.get_json()["message"]) == (400, True)
    preflight = client.options(route, headers={"Origin": "http://e.test"})
    assert "Access-Control-Allow-Origin" not in preflight.headers


@pytest.mark.parametrize("route", [PLAN_DRAFT, PLAN_SAVE])
def test_a_plan_that_is_too_large_is_refused_with_the_way_out(site: Site, route: str) -> None:
    answer = site.app.server.test_client().post(
        route, data=b" " * (MAX_BODY_BYTES + 1), content_type="application/json"
    )
    assert answer.status_code == 400
    assert "lvd plan push" in answer.get_json()["message"]


def test_a_plan_in_force_that_is_too_large_is_not_opened(site: Site) -> None:
    large = {"version": 1, "name": "x" * MAX_PLAN_BYTES, "events": {}}
    PlanStore(site.engine).push(site.app_id, large)
    answer = site.ask(PLAN_DRAFT)
    assert (answer.status_code, "lvd plan push" in answer.get_json()["message"]) == (400, True)


def test_a_plan_beyond_the_size_of_other_requests_is_taken(site: Site) -> None:
    text = PLAN_TEXT + "".join(
        f"  Event {n}:\n    description: {'x' * 500}\n    schema: {{}}\n" for n in range(2_500)
    )
    assert site.save(text, 0).get_json()["events"] == 2_502


@pytest.mark.parametrize(
    ("route", "body", "words"),
    [
        (PLAN, {"app_id": "1; --"}, "app_id: "),
        (PLAN, {"version": -1}, "version: "),
        (PLAN, {"search": "x" * 257}, "search: "),
        (PLAN, {"order": 1}, "order: Extra"),
        (PLAN_VERSIONS, {"before": 2**31}, "before: "),
        (PLAN_DRAFT, {"step": {"do": "drop"}}, "step: "),
        (PLAN_DRAFT, {"step": {"do": "put_property", "event": "e", "path": "p", "types": ["x"]}}, "types"),
        (PLAN_DRAFT, {"text": "x" * (MAX_PLAN_BYTES + 1)}, "lvd plan push"),
        (PLAN_SAVE, {"text": "", "filename": "p.yaml"}, "base_version: "),
        (PLAN_SAVE, {"text": PLAN_TEXT, "filename": "p.yaml", "base_version": 0, "note": "a\0"}, "no NUL"),
        (PLAN_SAVE, {"text": PLAN_TEXT, "filename": "p.yaml", "base_version": 0, "author": "me"}, "author: "),
        (
            PLAN_SAVE,
            {
                "text": PLAN_TEXT.replace("minimum: 0", f"minimum: {10**30}"),
                "filename": "",
                "base_version": 0,
            },
            "cannot be stored exactly",
        ),
    ],
)
def test_a_tampered_request_gets_a_clear_400(
    site: Site, route: str, body: dict[str, Any], words: str
) -> None:
    answer = site.ask(route, **body)
    assert answer.status_code == 400
    assert words in answer.get_json()["message"]
    assert PlanStore(site.engine).list(site.app_id) == ()


def test_hostile_texts_are_text(site: Site) -> None:
    hostile = "<img src=http://e.test/x.png>"
    text = PLAN_TEXT.replace("paid order", f'"{hostile}\\u202e"').replace("sent once per ", "")
    site.save(text, 0, note=hostile)
    shown = site.told(PLAN)
    assert f"{hostile}\\\\u202e" in str(shown["event"])
    assert {"src", "href"}.isdisjoint(_keys(shown))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for child in value.values():
            yield from _keys(child)
    elif isinstance(value, list):
        for child in value:
            yield from _keys(child)


def test_the_store_bounds_notes_and_names(site: Site) -> None:
    for texts in ({"note": "x" * 1_001}, {"author": "x" * 257}, {"note": "\0"}):
        with pytest.raises(BadRequest):
            PlanStore(site.engine).push(site.app_id, {}, **texts)  # type: ignore[arg-type]


def test_the_page_opens_for_everybody_with_what_to_do(site: Site, tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    services, viewer = services_on(site.engine, tmp_path / "all", now)
    assert "plan-page" in str(page(viewer, from_query({}), "", services))
    assert "No app" in str(page(viewer, from_query({"app": "Gone"}), "", services))
    services, viewer = services_on(site.engine, tmp_path / "none", now, frozenset())
    assert "No app is open to you" in str(page(viewer, from_query({}), "", services))


def test_a_running_server_judges_by_what_is_saved_within_a_second(
    module_database: str, engine: Engine, dashboard: Dash
) -> None:
    tenant = new_tenant(engine, "Judged At Once")
    site = Site(dashboard, engine, tenant.app_id)
    site.save(PLAN_TEXT, 0)

    def verdict(server: str, number: int) -> str:
        event = ingest_pb2.Event(event_id=str(number), name=NAME, payload_json=b'{"total": 5}')
        (ack,) = send(server, tenant.key, [ingest_pb2.EventBatch(events=[event])])
        return "valid" if ack.valid else "invalid"

    with running_server(module_database) as running:
        assert verdict(running.address, 1) == "valid"
        held = running.server._plans
        assert held.versions()[tenant.app_id] == 1
        assert site.save(PLAN_TEXT.replace("minimum: 0", "minimum: 10"), 1).status_code == 200
        saved_at = monotonic()
        # The notice alone: no event asks for the plan meanwhile.
        while held.versions()[tenant.app_id] != 2:
            assert monotonic() - saved_at < 1
            sleep(0.02)
        assert verdict(running.address, 2) == "invalid"
