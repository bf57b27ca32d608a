"""An app that fell silent for longer than events are kept: nothing of it is counted any more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine

from dashboard.api.routes import EXPLORE
from dashboard.ids import tile_value
from storage.retention import retain
from tests.support.dashboards import ALL_TIME, Page, dashboard_on
from tests.support.events import new_event, submission
from tests.support.seeding import recent_days, seed
from tests.support.writing import engine_of, writer_on

LONG_AGO = replace(recent_days(days=4, rows_per_day=50), days=1)
RETENTION = timedelta(days=1)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as made:
        yield made


def histogram(app: Dash, app_id: int) -> dict[str, Any]:
    view = {"app_id": app_id, "range_key": ALL_TIME["range_key"]}
    answer = app.server.test_client().post(EXPLORE, json={"view": view})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    chart: dict[str, Any] = answer.get_json()["chart"]
    return chart


def test_all_of_time_is_empty_until_events_come_again(engine: Engine, tmp_path: Path) -> None:
    app_id = seed(engine, "Silent", LONG_AGO)
    assert retain(engine, RETENTION).dropped
    app = dashboard_on(engine, tmp_path)
    page = Page(app, app_id)
    told = page.feed()
    assert (told["texts"][tile_value("received")], told["chart"]["x"]) == ("0", [])
    assert histogram(app, app_id)["starts"] == []
    with writer_on(engine) as writer:
        writer.write([submission(app_id, [new_event("again", None)], plan_version=1)])
    assert [sum(counts) for counts in page.feed()["chart"]["y"]] == [1, 0, 0, 0, 0]
    assert histogram(app, app_id)["starts"] != []


def test_what_was_counted_before_it_was_dropped_is_counted_no_more(engine: Engine, tmp_path: Path) -> None:
    app_id = seed(engine, "Silent", LONG_AGO)
    page = Page(dashboard_on(engine, tmp_path), app_id)
    assert page.feed()["texts"][tile_value("received")] != "0"
    assert retain(engine, RETENTION).dropped
    assert page.feed()["texts"][tile_value("received")] == "0"
