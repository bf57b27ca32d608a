"""Exports on a real database: what is in the files, and what ends them early."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from pyarrow import parquet
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from dashboard.api.exports import EXPORT, EXPORT_CANCEL, EXPORT_PROGRESS
from dashboard.api.routes import EXPLORE_ROWS
from dashboard.exports.book import MOST_AT_ONCE, ExportBook
from dashboard.exports.encoders import COLUMNS
from dashboard.exports.stream import CutOff
from storage.retention import retain
from tests.support.dashboards import Nothing, dashboard_on
from tests.support.events import new_event, submission
from tests.support.query_plans import captured
from tests.support.seeding import recent_days, seed
from tests.support.writing import new_app, writer_on

SEED = recent_days(days=2, rows_per_day=2_000)
FORMATS = ("csv", "jsonl", "parquet")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HOSTILE = (*(f"{begins}1" for begins in FORMULAS), "plain", 'a"b,c\nd')


@dataclass(frozen=True)
class Site:
    """A dashboard and one of its apps."""

    app: Dash
    engine: Engine
    app_id: int

    @property
    def client(self) -> FlaskClient:
        made: FlaskClient = self.app.server.test_client()
        return made

    def view(self, **more: Any) -> dict[str, Any]:
        return {"app_id": self.app_id, "range_key": "all", **more}

    def token(self, view: dict[str, Any]) -> Any:
        return self.client.post(EXPLORE_ROWS, json={"view": view, "limit": 1}).get_json()["token"]

    def order(self, view: dict[str, Any], format_: str = "jsonl", **more: Any) -> dict[str, Any]:
        body = {"view": view, "token": self.token(view), "format": format_, **more}
        answer = self.client.post(EXPORT, json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def file(self, view: dict[str, Any], format_: str) -> TestResponse:
        return self.fetch(self.order(view, format_)["address"])

    def fetch(self, address: str) -> TestResponse:
        """The whole file."""
        return self.client.get(address, buffered=True)

    def progress(self, number: str) -> tuple[str, str]:
        answer = self.client.post(EXPORT_PROGRESS, json={"id": number}).get_json()
        return answer["state"], answer["text"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the processes of a dashboard share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def site(engine: Engine, folder: Path) -> Site:
    app_id = seed(engine, "Seeded: äpp", SEED)
    return Site(dashboard_on(engine, folder), engine, app_id)


def records(answer: TestResponse, format_: str) -> list[dict[str, Any]]:
    """The rows of a file, all values as texts, payload and violations as what they say."""
    content = answer.get_data()
    if format_ == "csv":
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    elif format_ == "jsonl":
        rows = [json.loads(line) for line in content.splitlines()]
    else:
        rows = parquet.read_table(io.BytesIO(content)).to_pylist()
        for row in rows:
            row["received_at"] = row["received_at"].isoformat(timespec="microseconds").replace("+00:00", "Z")
    return [
        {name: value if isinstance(value, (list, dict)) else str(value or "") for name, value in row.items()}
        | {name: _read(row[name]) for name in ("violations", "payload")}
        for row in rows
    ]


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_SQL = """
SELECT seq::text, name,
    to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS received_at,
    CASE status WHEN 0 THEN 'valid' WHEN 1 THEN 'invalid' ELSE 'unplanned' END AS status,
    coalesce(subject, '') AS subject, coalesce(run_id, '') AS run_id, event_id, app_version, environment,
    coalesce(violations, '[]') AS violations, payload
FROM event JOIN source USING (app_id, source_id) WHERE app_id = :app_id AND {where} ORDER BY event.seq {order}
"""


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("view", "where", "order"),
    [
        ({}, "true", "DESC"),
        ({"values": {"status": ["invalid"]}, "order": "oldest"}, "status = 1", "ASC"),
        (
            {"where": ["/total > 12"], "unwanted": {"run": ["run 1"]}},
            "status <> 1 AND run_id IS DISTINCT FROM 'run 1'",
            "DESC",
        ),
        ({"values": {"subject": ["nobody"]}}, "false", "DESC"),
    ],
)
def test_a_file_holds_the_rows_of_sql(
    site: Site, view: dict[str, Any], where: str, order: str, format_: str
) -> None:
    with site.engine.connect() as conn:
        expected = [
            dict(row)
            for row in conn.execute(
                text(_SQL.format(where=where, order=order)), {"app_id": site.app_id}
            ).mappings()
        ]
    answer = site.file(site.view(**view), format_)
    assert answer.status_code == 200
    assert f'.{format_}"' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Seeded-pp-')
    found = records(answer, format_)
    told = expected[0] if expected else {}
    assert [{name: row[name] for name in told} for row in found] == expected
    assert all(tuple(row) == COLUMNS for row in found)


def test_a_file_is_streamed_page_by_page_and_told_of(site: Site) -> None:
    made = site.order(site.view())
    assert site.progress(made["id"])[0] == "waiting"
    answer = site.client.get(made["address"], buffered=False)
    parts = iter(answer.response)
    for _ in range(4):
        next(parts)
    state, words = site.progress(made["id"])
    assert state == "running"
    assert " of 4,000 rows" in words
    assert sum(1 for _ in parts) > 3
    answer.close()
    assert site.progress(made["id"])[0] == "done"
    assert site.fetch(made["address"]).status_code == 404


def test_cancelling_stops_the_database_and_cuts_the_file_off(site: Site) -> None:
    made = site.order(site.view())
    answer = site.client.get(made["address"], buffered=False)
    parts = iter(answer.response)
    next(parts), next(parts)
    assert site.client.post(EXPORT_CANCEL, json={"id": made["id"]}).status_code == 200
    with captured(site.engine) as statements, pytest.raises(CutOff):
        list(parts)
    assert sum("FROM event" in statement for statement in statements) <= 3
    answer.close()
    state, words = site.progress(made["id"])
    assert (state, "not whole" in words) == ("cancelled", True)


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("values", [{}, {"status": ["valid", "invalid"]}])
def test_a_file_holds_what_retention_left_of_a_view(
    engine: Engine, tmp_path: Path, values: dict[str, list[str]], order: str
) -> None:
    # More rows a day than one page of an export has.
    app_id = seed(engine, f"Retained {order} {len(values)}", recent_days(days=3, rows_per_day=700))
    site = Site(dashboard_on(engine, tmp_path), engine, app_id)
    view = site.view(values=values, order=order)
    token = site.token(view)
    since_midnight = datetime.now(UTC) - datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert len(retain(engine, since_midnight + timedelta(hours=30)).dropped) == 1
    where = "status IN (0, 1)" if values else "true"
    statement = text(f"SELECT seq FROM event WHERE app_id = :app_id AND {where} ORDER BY seq")
    with engine.connect() as conn:
        left = list(conn.execute(statement, {"app_id": app_id}).scalars())
    made = site.client.post(EXPORT, json={"view": view, "token": token, "format": "jsonl"}).get_json()
    found = [json.loads(line)["seq"] for line in site.fetch(made["address"]).get_data().splitlines()]
    assert len(left) > 1_000
    assert found == (left if order == "oldest" else left[::-1])


def test_a_browser_that_gives_up_ends_the_export(site: Site) -> None:
    made = site.order(site.view())
    answer = site.client.get(made["address"], buffered=False)
    next(iter(answer.response))
    answer.close()
    assert site.progress(made["id"])[0] == "cancelled"
    waiting = site.order(site.view())
    site.client.post(EXPORT_CANCEL, json={"id": waiting["id"]})
    assert site.progress(waiting["id"])[0] == "cancelled"
    assert site.fetch(waiting["address"]).status_code == 404


def test_few_exports_are_streamed_at_once(site: Site) -> None:
    under_way = [
        site.client.get(site.order(site.view())["address"], buffered=False) for _ in range(MOST_AT_ONCE)
    ]
    one_more = site.order(site.view())
    assert site.fetch(one_more["address"]).status_code == 503
    for answer in under_way:
        answer.close()
    assert site.fetch(one_more["address"]).status_code == 200


def test_an_export_without_a_free_place_says_why_it_did_not_begin(site: Site) -> None:
    made = [site.order(site.view()) for _ in range(MOST_AT_ONCE)]
    under_way = [site.client.get(each["address"], buffered=False) for each in made]
    one_more, cancelled = site.order(site.view()), site.order(site.view())
    for export in (one_more, cancelled, made[0]):
        assert site.fetch(export["address"]).status_code == 503
    why = f"Nothing was exported: {MOST_AT_ONCE} exports are under way, try again when one has ended"
    assert site.progress(one_more["id"]) == ("refused", why)
    assert site.progress(made[0]["id"])[0] == "running"
    site.client.post(EXPORT_CANCEL, json={"id": cancelled["id"]})
    for answer in under_way:
        answer.close()
    assert site.fetch(one_more["address"]).status_code == 200
    assert site.progress(one_more["id"])[0] == "done"
    assert site.fetch(cancelled["address"]).status_code == 404


def test_an_export_that_could_not_begin_keeps_no_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_book: ExportBook, _number: str) -> None:
        raise OperationalError("database or disk is full")

    made = site.order(site.view())
    with monkeypatch.context() as full:
        full.setattr(ExportBook, "begin", fail)
        for _ in range(MOST_AT_ONCE):
            assert site.fetch(made["address"]).status_code == 500
    assert site.fetch(made["address"]).status_code == 200


def test_who_asks_for_the_headers_alone_takes_no_file(site: Site) -> None:
    made = site.order(site.view())
    headed = site.client.head(made["address"])
    assert (headed.status_code, headed.get_data()) == (200, b"")
    assert "Content-Length" not in headed.headers, "nobody knows it yet"
    assert site.progress(made["id"])[0] == "waiting"
    whole = site.fetch(made["address"])
    assert whole.status_code == 200
    for name in ("Content-Type", "Cache-Control"):
        assert whole.headers[name] == headed.headers[name]


@pytest.fixture
def hostile(engine: Engine, tmp_path: Path) -> Site:
    app_id = new_app(engine)
    events = [
        new_event(f"e{number}", None, name=name, subject=name)._replace(payload=b'{"a": "=1",\n "n": 1e2}')
        for number, name in enumerate(HOSTILE)
    ]
    with writer_on(engine) as writer:
        writer.write([submission(app_id, events)])
    return Site(dashboard_on(engine, tmp_path), engine, app_id)


def test_no_cell_of_a_csv_is_a_formula(hostile: Site) -> None:
    content = hostile.file(hostile.view(order="oldest"), "csv").get_data().decode()
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["name"].removeprefix("'") for row in rows] == list(HOSTILE)
    for row in rows:
        assert not any(str(value).startswith(FORMULAS) for value in row.values())


def test_json_lines_keep_the_producers_digits(hostile: Site) -> None:
    lines = hostile.file(hostile.view(order="oldest"), "jsonl").get_data().splitlines()
    assert [json.loads(line)["name"] for line in lines] == list(HOSTILE)
    assert all(b'"payload":{"a": "=1",  "n": 1e2}' in line for line in lines)


def test_an_epoch_that_ends_fails_the_export_and_says_so(site: Site, hostile: Site) -> None:
    made = hostile.order(hostile.view())
    with hostile.engine.begin() as conn:
        conn.execute(
            text("UPDATE app_ledger SET epoch = epoch + 1 WHERE app_id = :id"), {"id": hostile.app_id}
        )
    with pytest.raises(CutOff):
        hostile.fetch(made["address"])
    state, words = hostile.progress(made["id"])
    assert state == "failed"
    assert "were replaced" in words


def test_exports_pass_the_access_seam(site: Site, folder: Path) -> None:
    made = site.order(site.view())
    # The same book, as another process of the dashboard has it, asked by who may see nothing.
    shut = Site(dashboard_on(site.engine, folder, access=Nothing()), site.engine, site.app_id)
    body = {"view": site.view(), "token": site.token(site.view()), "format": "csv"}
    assert shut.client.post(EXPORT, json=body).status_code == 404
    assert shut.client.post(EXPORT_PROGRESS, json={"id": made["id"]}).status_code == 404
    assert shut.client.post(EXPORT_CANCEL, json={"id": made["id"]}).status_code == 404
    assert shut.fetch(made["address"]).status_code == 404
    assert site.fetch(made["address"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "xlsx"}, "format: "),
        ({"token": {"view": "1.x", "start": None, "end": None}}, "view cannot be read"),
        ({"where": 1}, "where: "),
    ],
)
def test_a_tampered_order_gets_a_clear_400(site: Site, change: dict[str, Any], message: str) -> None:
    body = {"view": site.view(), "token": site.token(site.view()), "format": "csv"} | change
    answer = site.client.post(EXPORT, json=body)
    assert answer.status_code == 400
    assert message in answer.get_json()["message"]
