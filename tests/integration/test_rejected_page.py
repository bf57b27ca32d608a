"""What the page Rejected reads and exports, on a real database."""

import csv
import io
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from dash import Dash
from sqlalchemy import Engine, text

from dashboard import links
from dashboard.api.rejected_export import _PART_ROWS
from dashboard.api.routes import REJECTS
from dashboard.pages.rejected.page import page
from storage.database import create_engine
from storage.model import Rejection
from storage.readers import Reader
from tests.support.dashboards import Nothing, dashboard_on, services_on
from tests.support.events import submission
from tests.support.writing import engine_of, new_app, writer_on

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
COUNT = 130
RAW = [b"raw %d \xff\x00=1+1" % number for number in range(COUNT)]


@dataclass(frozen=True)
class Stored:
    """A dashboard, its database, and an app with COUNT rejected events of two reasons."""

    app: Dash
    engine: Engine
    app_id: int

    def ask(self, **body: Any) -> Any:
        view = {"app_id": self.app_id, "range_key": "24h", **body.pop("view", {})}
        return self.app.server.test_client().post(REJECTS, json={"view": view, **body})

    def export(self, form: str, **query: Any) -> Any:
        asked = {"app_id": self.app_id, "form": form, "range_key": "all", **query}
        return self.app.server.test_client().get(links.REJECTED_EXPORT, query_string=asked)

    def reject(self, raws: list[bytes]) -> None:
        reasons = ("payload_not_json", "unplanned_event")
        rejections = [
            Rejection(place, reasons[place % 2], "=what was wrong", "Order", raw)
            for place, raw in enumerate(raws)
        ]
        with writer_on(self.engine) as writer:
            writer.write([submission(self.app_id, [], rejections=rejections)])


@pytest.fixture(scope="module")
def stored(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    with engine_of(module_database) as engine:
        made = Stored(dashboard_on(engine, tmp_path_factory.mktemp("cache")), engine, new_app(engine))
        made.reject(RAW[:100])
        made.reject(RAW[:100])
        made.reject(RAW[100:])
        yield made


def keys(rows: Any) -> list[str]:
    return [row["props"]["data-lvd-key"] for row in rows]


def test_groups_are_those_of_sql(stored: Stored) -> None:
    groups = Reader(stored.engine).rejected_groups(stored.app_id, None, None, timedelta(hours=1))
    by_reason = {bar.reason: (bar.kinds, bar.times) for bar in groups.bars}
    assert by_reason == {"payload_not_json": (65, 115), "unplanned_event": (65, 115)}
    assert groups.complete
    told = str(stored.ask().get_json()["groups"]["body"])
    assert "payload not JSON" in told
    assert "'115'" in told


def test_the_list_goes_on_by_keyset_without_a_gap_and_by_reason(stored: Stored) -> None:
    for reasons, expected in (([], COUNT), (["unplanned_event"], COUNT // 2)):
        answer = stored.ask(view={"reasons": reasons}).get_json()
        found = keys(answer["rows"]["body"])
        while answer["next"]:
            answer = stored.ask(view={"reasons": reasons}, after=answer["next"]).get_json()
            found += keys(answer["rows"]["body"])
        assert len(found) == len(set(found)) == expected
        assert all(key.endswith(tuple(reasons) or "") for key in found)


def test_what_reads_the_same_is_not_sent_again(stored: Stored) -> None:
    first = stored.ask().get_json()
    again = stored.ask(groups_tag=first["groups"]["tag"], rows_tag=first["rows"]["tag"]).get_json()
    assert "body" not in again["groups"]
    assert "body" not in again["rows"]


def test_json_lines_hold_every_rejected_event_with_its_bytes(stored: Stored) -> None:
    answer = stored.export("jsonl")
    assert answer.mimetype == "application/x-ndjson"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="rejected-app-')
    documents = [orjson.loads(line) for line in answer.get_data().splitlines()]
    assert sorted(b64decode(each["raw_base64"]) for each in documents) == sorted(RAW)
    assert all(each["sha256"] == sha256(b64decode(each["raw_base64"])).hexdigest() for each in documents)


def test_csv_holds_those_of_a_reason_without_a_formula(stored: Stored) -> None:
    answer = stored.export("csv", reason="unplanned_event")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == COUNT // 2
    assert {row["message"] for row in rows} == {"'=what was wrong"}


def test_an_export_reads_part_by_part_and_tells_what_came_again_meanwhile(stored: Stored) -> None:
    answer = stored.export("jsonl")
    lines = iter(answer.response)
    first = next(line for line in lines if line)
    assert first.count(b"\n") == _PART_ROWS
    # It leaves its place behind the first part for the list's beginning, which was passed.
    oldest = RAW[0]
    stored.reject([oldest])
    raws = [
        b64decode(orjson.loads(each)["raw_base64"]) for part in (first, *lines) for each in part.splitlines()
    ]
    assert set(raws) == set(RAW)


def test_page_and_export_pass_the_access_seam(stored: Stored, tmp_path: Path) -> None:
    hidden = Stored(dashboard_on(stored.engine, tmp_path, access=Nothing()), stored.engine, stored.app_id)
    assert hidden.ask().status_code == 404
    assert hidden.export("csv").status_code == 404


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"form": "xlsx"}, "form"),
        ({"form": "csv", "range_key": "1y"}, "range_key"),
        ({"form": "csv", "app_id": "1 OR 1=1"}, "app_id"),
        ({"form": "csv", "reason": "x' OR '1"}, "reasons"),
        ({"form": "csv", "columns": "raw"}, "columns"),
    ],
)
def test_a_tampered_address_of_an_export_is_refused_in_words(
    stored: Stored, query: dict[str, Any], place: str
) -> None:
    answer = stored.export(**query)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request")
    assert place in answer.get_json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"view": {"range_key": "custom"}},
        {"view": {"reasons": ["'; DROP"]}},
        {"view": {"reasons": "unplanned_event"}},
        {"after": {"last_seen_at": "now", "sha256": "x", "reason": ""}},
        {"order": "raw"},
    ],
)
def test_tampered_requests_are_refused_in_words(stored: Stored, body: dict[str, Any]) -> None:
    answer = stored.ask(**body)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request")


def test_an_export_without_a_database_says_so(tmp_path: Path) -> None:
    nobody = create_engine("postgresql://lvd:secret@127.0.0.1:1/none", pool_size=1, application_name="test")
    answer = Stored(dashboard_on(nobody, tmp_path), nobody, 1).export("csv")
    assert answer.status_code == 503
    assert "secret" not in answer.get_data(as_text=True)
    nobody.dispose()


def test_an_address_names_its_app_and_an_unknown_one_is_told(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        services, viewer = services_on(engine, tmp_path, NOW)
        assert "No apps yet" in str(page(viewer, {}, "", services))
        first = new_app(engine)
        with engine.connect() as conn:
            name = conn.execute(text("SELECT name FROM app WHERE app_id = :id"), {"id": first}).scalar_one()
        # The apps that are held are of before it was made.
        assert "rejects-page" in str(page(viewer, {"app": name, "range": "nonsense"}, "", services))
        assert "gone" in str(page(viewer, {"app": "gone"}, name, services))
