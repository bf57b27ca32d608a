"""What the page Coverage reads, on a real database."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dashboard.api.routes import COVERAGE, PLAN_DRAFT
from storage.plans import PlanStore
from storage.readers import Reader, fields, ledgers
from tests.support.dashboards import Nothing, dashboard_on
from tests.support.events import new_event, submission
from tests.support.writing import new_app, writer_on


@pytest.fixture(scope="module")
def app_id(engine: Engine) -> int:
    made = new_app(engine)
    with writer_on(engine) as writer:
        writer.write([submission(made, [new_event(f"e-{n}", None) for n in range(5)])])
    return made


def test_habits_count_the_hours_with_stored_events_and_no_others(engine: Engine, app_id: int) -> None:
    with engine.begin() as conn:
        older = (
            "INSERT INTO rollup_hour (app_id, hour, name, status, count)"
            " SELECT :app_id, date_trunc('hour', now()) - ago * interval '1 hour',"
            " 'Order Completed', status, 1"
            " FROM (VALUES (3, 0), (3, 1), (5, 0), (7, 3), (24 * 15, 0)) AS past (ago, status)"
        )
        conn.execute(text(older), {"app_id": app_id})
    (habit,) = Reader(engine).habits(app_id).habits
    assert (habit.name, habit.hours, habit.due) == ("Order Completed", 3, None)
    assert (habit.last_hour - habit.first_hour).total_seconds() == 5 * 3600


@pytest.mark.parametrize(("quiet_hours", "due"), [(10, 0), (30, 14)])
def test_silence_is_held_against_the_same_time_a_week_before(
    engine: Engine, quiet_hours: int, due: int
) -> None:
    """Fourteen hours of every twenty-four: in the tenth hour of a night nothing is due, a day later it is."""
    app_id = new_app(engine)
    past = [ago for ago in range(quiet_hours, 24 * 10) if (ago - quiet_hours) % 24 < 14]
    with engine.begin() as conn:
        statement = text(
            "INSERT INTO rollup_hour (app_id, hour, name, status, count)"
            " SELECT :app_id, date_trunc('hour', now()) - ago * interval '1 hour', 'Office', 0, 1"
            " FROM unnest(CAST(:past AS int[])) AS ago"
        )
        conn.execute(statement, {"app_id": app_id, "past": past})
    (habit,) = Reader(engine).habits(app_id).habits
    assert habit.due == due


def test_an_app_without_a_plan_says_how_to_get_one(engine: Engine, app_id: int, tmp_path: Path) -> None:
    client = dashboard_on(engine, tmp_path).server.test_client()
    told = client.post(COVERAGE, json={"app_id": app_id, "range_key": "24h"}).get_json()
    assert "lvd plan push" in str(told["body"])
    assert "--data-dir or LVD_DATABASE_URL" in str(told["body"])
    assert "Add to plan: Order Completed" in str(told["body"])


def test_an_app_without_plan_and_events_is_not_called_planned(engine: Engine, tmp_path: Path) -> None:
    client = dashboard_on(engine, tmp_path).server.test_client()
    told = str(client.post(COVERAGE, json={"app_id": new_app(engine), "range_key": "24h"}).get_json())
    assert "No event came in this range." in told
    assert "is planned" not in told


@pytest.fixture
def many_fields(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> int:
    """An app with more fields than are read of all names; Zed, and what of it the plan lacks, are beyond."""
    monkeypatch.setattr(ledgers, "MAX_CATALOG_FIELDS", 4)
    monkeypatch.setattr(fields, "MAX_CATALOG_FIELDS", 4)
    app_id = new_app(engine)
    payloads: dict[str, dict[str, Any]] = {
        "Alpha": {f"p{n}": n for n in range(6)},
        "Zed": {"extra": 1, "more": "x"},
    }
    with writer_on(engine) as writer:
        events = [new_event(name, None, name=name, payload=payload) for name, payload in payloads.items()]
        writer.write([submission(app_id, events)])
    return app_id


def plan_with(engine: Engine, app_id: int, *names: str) -> None:
    events = {name: {"schema": {"properties": {"extra": {"type": "integer"}}}} for name in names}
    PlanStore(engine).push(app_id, {"version": 1, "name": "Shop", "events": events})


def test_a_draft_knows_an_event_behind_many_others(engine: Engine, many_fields: int, tmp_path: Path) -> None:
    client = dashboard_on(engine, tmp_path).server.test_client()
    asked = {"app_id": many_fields, "range_key": "24h", "event": "Zed"}
    body = str(client.post(COVERAGE, json=asked).get_json()["body"])
    assert "Nothing is known" not in body
    assert "extra:" in body
    step = {"do": "plan_unplanned", "event": "Zed"}
    drafted = client.post(PLAN_DRAFT, json={"app_id": many_fields, "step": step}).get_json()
    assert set(drafted["forms"]) == {"/extra", "/more"}


def test_fields_of_unplanned_events_hide_none_of_planned_ones(engine: Engine, many_fields: int) -> None:
    plan_with(engine, many_fields, "Zed")
    found = Reader(engine).unplanned_fields(many_fields)
    assert ([(field.name, field.path) for field in found.fields], found.is_cut) == ([("Zed", "/more")], False)


@pytest.mark.parametrize(
    "schema",
    [
        {"patternProperties": {"^ext": {}}},
        {"patternProperties": {"^ext": {}}, "additionalProperties": False},
        {"oneOf": [{"anyOf": [{"properties": {"extra": {}}}]}]},
        {"dependentSchemas": {"more": {"properties": {"extra": {}}}}},
    ],
)
def test_what_the_plan_has_by_a_pattern_or_a_nested_alternative_is_not_unplanned(
    engine: Engine, many_fields: int, schema: dict[str, Any]
) -> None:
    plan = {"version": 1, "name": "Shop", "events": {"Zed": {"schema": schema}}}
    PlanStore(engine).push(many_fields, plan)
    found = Reader(engine).unplanned_fields(many_fields)
    assert [field.path for field in found.fields] == ["/more"]


def test_a_draft_requires_what_came_with_every_event(engine: Engine, tmp_path: Path) -> None:
    """Two events with a phone number, one with a mail address, one without either."""
    app_id = new_app(engine)
    payloads: list[dict[str, Any]] = [{"n": 1, "phone": "1"}, {"n": 2, "phone": "2"}, {"n": 3, "mail": "m"}]
    with writer_on(engine) as writer:
        events = [new_event(f"e{n}", None, name="Asked", payload=each) for n, each in enumerate(payloads)]
        writer.write([submission(app_id, events)])
    client = dashboard_on(engine, tmp_path).server.test_client()
    step = {"do": "plan_unplanned", "event": "Asked"}
    forms = client.post(PLAN_DRAFT, json={"app_id": app_id, "step": step}).get_json()["forms"]
    assert {path: form["required"] for path, form in forms.items()} == {
        "/n": True,
        "/phone": False,
        "/mail": False,
    }
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [new_event("empty", None, name="Asked", payload={})])])
    client = dashboard_on(engine, tmp_path / "later").server.test_client()
    asked = {"app_id": app_id, "range_key": "24h", "event": "Asked"}
    assert "required" not in str(client.post(COVERAGE, json=asked).get_json()["body"]).partition("Asked:")[2]


def test_a_list_that_does_not_know_all_fields_says_so(
    engine: Engine, app_id: int, many_fields: int, tmp_path: Path
) -> None:
    plan_with(engine, many_fields, "Alpha", "Zed")
    found = Reader(engine).unplanned_fields(many_fields)
    assert ([field.name for field in found.fields], found.is_cut) == (["Alpha"] * 4, True)
    client = dashboard_on(engine, tmp_path).server.test_client()
    body = str(client.post(COVERAGE, json={"app_id": many_fields, "range_key": "24h"}).get_json()["body"])
    assert "Only the first 10,000 fields, by event, were looked at" in body


def test_a_name_that_no_event_can_have_has_no_draft(engine: Engine, app_id: int, tmp_path: Path) -> None:
    client = dashboard_on(engine, tmp_path).server.test_client()
    answer = client.post(COVERAGE, json={"app_id": app_id, "range_key": "24h", "event": "a\0"})
    assert "This name cannot be planned" in str(answer.get_json()["body"])
    step = {"do": "plan_unplanned", "event": "a\0"}
    assert client.post(PLAN_DRAFT, json={"app_id": app_id, "step": step}).status_code == 400


def test_an_app_out_of_reach_does_not_exist(engine: Engine, app_id: int, tmp_path: Path) -> None:
    client = dashboard_on(engine, tmp_path, access=Nothing()).server.test_client()
    assert client.post(COVERAGE, json={"app_id": app_id, "range_key": "24h"}).status_code == 404


@pytest.mark.parametrize(
    "tampered", [{"range_key": "1y"}, {"app_id": "1 OR 1=1"}, {"event": "e" * 300}, {"column": "payload"}]
)
def test_tampered_requests_are_refused_in_words(
    engine: Engine, tmp_path: Path, tampered: dict[str, Any]
) -> None:
    asked = {"app_id": 1, "range_key": "24h", **tampered}
    answer = dashboard_on(engine, tmp_path).server.test_client().post(COVERAGE, json=asked)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request")
    assert answer.get_json()["message"].startswith(f"{next(iter(tampered))}: ")
