"""Ranges of many years, and all of time where events are kept for years: charts, rows and Live's feed."""

from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine, text

from dashboard.api.routes import EXPLORE, EXPLORE_ROWS
from dashboard.time_ranges import MAX_BARS, YEARS
from tests.support.dashboards import ALL_TIME, Page, dashboard_on
from tests.support.events import new_event, submission
from tests.support.writing import new_app, writer_on

EVENTS = 5
LATEST = f"{YEARS[-1]}-12-31T23:59:00Z"


def app_of(engine: Engine) -> int:
    """One with events of now."""
    app_id = new_app(engine)
    events = [new_event(f"e{number}", None) for number in range(EVENTS)]
    with writer_on(engine) as writer:
        writer.write([submission(app_id, events)])
    return app_id


def custom(start: str, end: str | None = None) -> dict[str, Any]:
    return {"range_key": "custom", "start": start, "end": end}


def chart(app: Dash, app_id: int, view: dict[str, Any]) -> dict[str, Any]:
    """Explore's, of which the rows are there, too."""
    client, view = app.server.test_client(), {"app_id": app_id, **view}
    rows = client.post(EXPLORE_ROWS, json={"view": view, "limit": 10})
    answer = client.post(EXPLORE, json={"view": view})
    assert (answer.status_code, rows.status_code) == (200, 200), answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()["chart"]
    return found


@pytest.mark.parametrize(
    "view",
    [
        custom("2015-01-01T00:00:00Z"),
        custom("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
        custom(f"{YEARS[0]}-01-01T00:00:00Z", LATEST),
        {"range_key": "3600d"},
        {"range_key": "9999w"},
    ],
)
def test_a_range_of_many_years_has_bars_that_can_be_seen(
    engine: Engine, tmp_path: Path, view: dict[str, Any]
) -> None:
    app_id, app = app_of(engine), dashboard_on(engine, tmp_path)
    bars = chart(app, app_id, view)
    assert len(bars["starts"]) <= MAX_BARS + 1
    assert sum(map(sum, bars["y"])) == EVENTS
    if view["range_key"] == "custom":
        assert sum(map(sum, Page(app, app_id, **view).feed()["chart"]["y"])) == EVENTS


@pytest.mark.parametrize("days", [501, 3_650])
def test_all_of_time_is_shown_where_events_are_kept_for_years(
    engine: Engine, tmp_path: Path, days: int
) -> None:
    app_id, app = app_of(engine), dashboard_on(engine, tmp_path)
    counted = text(
        "INSERT INTO rollup_hour (app_id, hour, name, status, count)"
        " SELECT :app_id, date_trunc('hour', now()) - make_interval(days => :days), 'Order Completed', 0, 7"
    )
    with engine.begin() as conn:
        conn.execute(counted, {"app_id": app_id, "days": days})
    bars = chart(app, app_id, {"range_key": ALL_TIME["range_key"]})
    assert len(bars["starts"]) <= MAX_BARS + 1
    assert sum(map(sum, bars["y"])) == EVENTS + 7
    assert sum(map(sum, Page(app, app_id, **ALL_TIME).feed()["chart"]["y"])) == EVENTS + 7
