"""The data routes of the page Explore on a real database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from dashboard.api.routes import EXPLORE, EXPLORE_COUNT, EXPLORE_LAND, EXPLORE_ROWS
from tests.support.dashboards import Nothing, dashboard_on
from tests.support.seeding import BROKEN_NAME, NAMES, recent_days, seed
from tests.support.writing import engine_of

SEED = recent_days(days=2, rows_per_day=2_000)
MIDDLE = SEED.first_day + timedelta(hours=20, minutes=7)


@dataclass(frozen=True)
class Explored:
    """A dashboard over an app that does not change."""

    app: Dash
    engine: Engine
    app_id: int

    def ask(self, route: str, view: dict[str, Any], **body: Any) -> TestResponse:
        asked = {"view": {"app_id": self.app_id, "range_key": "all", **view}, **body}
        client: FlaskClient = self.app.server.test_client()
        return client.post(route, json=asked)

    def answer(self, route: str, view: dict[str, Any], **body: Any) -> dict[str, Any]:
        answer = self.ask(route, view, **body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def every_seq(self, view: dict[str, Any]) -> list[int]:
        """As the grid reads a view without row numbers: each page behind the last row of the one before."""
        page = self.answer(EXPLORE_ROWS, view, limit=500)
        seqs = [row["seq"] for row in page["rows"]]
        while page["more"]:
            page = self.answer(EXPLORE_ROWS, view, limit=500, token=page["token"], after=page["after"])
            seqs += [row["seq"] for row in page["rows"]]
        return seqs

    def sql(self, what: str, where: str) -> list[Any]:
        statement = text(f"SELECT {what} FROM event WHERE app_id = :app_id AND {where} ORDER BY seq DESC")
        with self.engine.connect() as conn:
            return list(conn.execute(statement, {"app_id": self.app_id}).scalars())


@pytest.fixture(scope="module")
def explored(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explored]:
    with engine_of(module_database) as engine:
        app_id = seed(engine, "Seeded", SEED)
        yield Explored(dashboard_on(engine, tmp_path_factory.mktemp("cache")), engine, app_id)


@pytest.mark.parametrize(
    ("view", "where"),
    [
        ({}, "true"),
        ({"values": {"name": list(NAMES[:2])}}, "name IN ('event 00', 'event 01')"),
        ({"unwanted": {"name": [NAMES[0]], "status": ["valid"]}}, "name <> 'event 00' AND status <> 0"),
        ({"values": {"kind": ["wrong_type"], "path": ["/total"]}}, "status = 1"),
        ({"values": {"subject": ["user 7", "user 8"]}}, "subject IN ('user 7', 'user 8')"),
        ({"unwanted": {"run": ["run 1"]}}, "run_id IS DISTINCT FROM 'run 1'"),
        ({"values": {"source": ["4"]}}, "source_id = 4"),
        ({"values": {"version": ["4.2.0"], "environment": ["prod"]}}, "source_id IN (2, 3)"),
        ({"where": ["/total > 100"]}, "false"),
        ({"where": ["/total = 12.5", "/items/*/count = 2"]}, "status <> 1"),
        (
            {"range_key": "custom", "start": MIDDLE.isoformat(), "values": {"status": ["valid"]}},
            f"status = 0 AND received_at >= '{MIDDLE.isoformat()}'",
        ),
    ],
)
def test_the_rows_of_a_filter_are_those_of_sql(explored: Explored, view: dict[str, Any], where: str) -> None:
    assert explored.every_seq(view) == explored.sql("seq", where)


@pytest.mark.parametrize(
    ("view", "where", "whole"),
    [
        ({}, "true", True),
        (
            {"values": {"name": [BROKEN_NAME], "status": ["invalid"]}},
            f"name = '{BROKEN_NAME}' AND status = 1",
            True,
        ),
        ({"unwanted": {"name": [NAMES[0]]}}, "name <> 'event 00'", True),
        # Rollups do not know subjects: what is drawn is all of the name, and it is said.
        ({"values": {"name": [NAMES[1]], "subject": ["user 7"]}}, "name = 'event 01'", False),
    ],
)
def test_the_histogram_counts_what_is_stored(
    explored: Explored, view: dict[str, Any], where: str, whole: bool
) -> None:
    summary = explored.answer(EXPLORE, view)
    assert summary["note"].partition(":")[0] == ("" if whole else "Bars know event and status only")
    statuses = explored.sql("status", where)
    assert [sum(row) for row in summary["chart"]["y"]] == [statuses.count(status) for status in range(3)]
    assert len(summary["chart"]["starts"]) == len(summary["chart"]["x"]) == len(summary["chart"]["ends"])


def test_values_are_offered(explored: Explored) -> None:
    offered = explored.answer(EXPLORE, {})["offered"]
    assert {"value": BROKEN_NAME, "label": BROKEN_NAME} in offered["name"]
    assert [option["value"] for option in offered["version"]] == ["4.1.0", "4.2.0", "4.3.0"]
    assert offered["path"] == [{"value": "/total", "label": "/total"}]
    assert len(offered["source"]) == 4


def test_rows_that_no_rollup_knows_are_counted_as_far_as_it_goes(explored: Explored) -> None:
    view = {"where": ["/total = 12.5"]}
    token = explored.answer(EXPLORE_ROWS, view, limit=1)["token"]
    counted = explored.answer(EXPLORE_COUNT, view, token=token)
    assert counted == {"complete": True, "rows": len(explored.sql("seq", "status <> 1"))}


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("view", [{}, {"values": {"status": ["invalid"]}}, {"values": {"run": ["run 1"]}}])
def test_a_time_leads_to_its_row(explored: Explored, view: dict[str, Any], order: str) -> None:
    asked = {**view, "order": order}
    seqs = explored.every_seq(asked)
    token = explored.answer(EXPLORE_ROWS, asked, limit=1)["token"]
    place = explored.answer(EXPLORE_LAND, asked, token=token, at=MIDDLE.isoformat())
    edge = MIDDLE + timedelta(minutes=1) if order == "newest" else MIDDLE
    sign = "<" if order == "newest" else ">="
    there = explored.sql("seq", f"received_at {sign} '{edge.isoformat()}'")
    expected = [seq for seq in seqs if seq in set(there)]
    rows = explored.answer(EXPLORE_ROWS, asked, limit=5, token=token, after=place["after"])["rows"]
    assert [row["seq"] for row in rows] == expected[:5]
    assert place["row"] in (None, len(seqs) - len(expected))
    assert (place["row"] is None) == ("run" in view.get("values", {}))


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"values": {"payload": ["x"]}}, "values.payload"),
        ({"values": {"name": "x"}}, "values.name"),
        ({"values": ["name"]}, "values"),
        ({"values": {"status": ["' OR 1=1 --"]}}, "status "),
        ({"unwanted": {"source": ["1 OR 1=1"]}}, "source "),
        ({"where": ["/a = 1; DROP TABLE event"], "sort": "x"}, "view.sort"),
        ({"where": ["total"]}, "/total > 100"),
        ({"where": ["/a > null"]}, "one number or one text"),
        ({"where": ["/a = 1e999999999"]}, "no event can hold"),
        ({"where": ["/a = 1"] * 6}, "where"),
        ({"values": {"subject": ["\ud800"]}}, ""),
        ({"range_key": "5y"}, "range_key"),
        (
            {"range_key": "custom", "start": "2026-02-01T00:00Z", "end": "2026-01-01T00:00Z"},
            "must end after",
        ),
    ],
)
def test_a_tampered_view_gets_a_clear_400(explored: Explored, view: dict[str, Any], message: str) -> None:
    for route, body in ((EXPLORE_ROWS, {"limit": 10}), (EXPLORE, {})):
        answer = explored.ask(route, view, **body)
        said = answer.get_data(as_text=True)
        assert answer.status_code == 400, said
        assert message in answer.get_json()["message"]
        assert not any(word in said for word in ("SELECT", "psycopg", "Traceback", "pydantic"))


def test_every_route_passes_the_access_seam(explored: Explored, tmp_path: Path) -> None:
    token = explored.answer(EXPLORE_ROWS, {}, limit=1)["token"]
    shut = Explored(
        dashboard_on(explored.engine, tmp_path, access=Nothing()), explored.engine, explored.app_id
    )
    for route, body in (
        (EXPLORE, {}),
        (EXPLORE_ROWS, {"limit": 5}),
        (EXPLORE_ROWS, {"limit": 5, "token": token, "after": 7}),
        (EXPLORE_COUNT, {"token": token}),
        (EXPLORE_LAND, {"token": token, "at": MIDDLE.isoformat()}),
    ):
        assert shut.ask(route, {}, **body).status_code == 404
