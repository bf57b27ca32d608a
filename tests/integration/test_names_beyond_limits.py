"""What the pages offer of an app with more event names than have counts of their own."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from dashboard.api.routes import EXPLORE, EXPLORE_ROWS, FEED
from storage.schema import MAX_NAMES_PER_APP, OTHER
from tests.support.dashboards import dashboard_on
from tests.support.events import new_event, submission
from tests.support.writing import new_app, writer_on
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

LONG = "/" + "p" * 300
KNOWN, BEYOND = "name 1", "beyond"


@pytest.fixture(scope="module")
def app_id(engine: Engine) -> int:
    made = new_app(engine)
    known = text(
        "INSERT INTO event_name (app_id, name, first_seen_at)"
        " SELECT :app_id, 'name ' || number, now() FROM generate_series(1, :most) AS number"
    )
    with engine.begin() as conn:
        conn.execute(known, {"app_id": made, "most": MAX_NAMES_PER_APP})
    broken = tuple(Violation(path, Kind.WRONG_TYPE, "number", "string", "1") for path in ("/total", LONG))
    events = [new_event(name, None, name=name) for name in (KNOWN, BEYOND)]
    events.append(new_event("broken", None, name=KNOWN, verdict=Verdict.INVALID)._replace(violations=broken))
    with writer_on(engine) as writer:
        writer.write([submission(made, events)])
    return made


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> FlaskClient:
    made: FlaskClient = dashboard_on(engine, tmp_path).server.test_client()
    return made


def view_of(app_id: int, **filters: Any) -> dict[str, Any]:
    return {"app_id": app_id, "range_key": "1h", **filters}


def test_nothing_is_offered_that_no_event_can_be_filtered_by(client: FlaskClient, app_id: int) -> None:
    offered = client.post(EXPLORE, json={"view": view_of(app_id)}).get_json()["offered"]
    assert [option["value"] for option in offered["name"]] == [KNOWN]
    assert [option["value"] for option in offered["path"]] == ["/total"]
    names = client.post(FEED, json={"view": view_of(app_id)}).get_json()["names"]
    assert [option["value"] for option in names] == [KNOWN]


@pytest.mark.parametrize(
    ("filters", "listed", "is_counted"),
    [
        ({}, 3, True),
        ({"values": {"name": [KNOWN]}}, 2, True),
        ({"values": {"name": [BEYOND]}}, 1, False),
        ({"unwanted": {"name": [BEYOND]}}, 2, False),
        ({"values": {"name": [OTHER]}}, 0, False),
    ],
)
def test_bars_that_do_not_know_a_name_say_so(
    client: FlaskClient, app_id: int, filters: dict[str, Any], listed: int, is_counted: bool
) -> None:
    view = view_of(app_id, **filters)
    rows = client.post(EXPLORE_ROWS, json={"view": view, "limit": 10}).get_json()["rows"]
    summary = client.post(EXPLORE, json={"view": view}).get_json()
    assert len(rows) == listed
    assert (sum(map(sum, summary["chart"]["y"])) == listed) is is_counted
    assert ("first 5,000 event names" in summary["note"]) is not is_counted
