"""What Live asks of followed subjects and runs, of an event's document and neighbours, on a real database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine

from dashboard.api.routes import EVENT
from dashboard.ids import Ids
from tests.support.dashboards import Nothing, Page, dashboard_on
from tests.support.events import new_event, submission
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict


@dataclass(frozen=True)
class Stored:
    """A dashboard and its database."""

    app: Dash
    engine: Engine
    app_id: int

    def write(self, count: int, subject: str, run_id: str | None = None, bad: bool = False) -> None:
        verdict = Verdict.INVALID if bad else Verdict.VALID
        payload = {"order_id": f"{subject} {run_id} {bad}", "total": 1}
        events = [
            new_event(
                f"{subject}-{number}", None, subject=subject, run_id=run_id, payload=payload, verdict=verdict
            )
            for number in range(count)
        ]
        with writer_on(self.engine) as writer:
            writer.write([submission(self.app_id, events, run_id=run_id)])


@pytest.fixture
def stored(database: str, tmp_path: Path) -> Iterator[Stored]:
    with engine_of(database) as engine:
        yield Stored(dashboard_on(engine, tmp_path), engine, new_app(engine))


def seqs(answer: dict[str, Any]) -> list[int]:
    return [row["seq"] for row in answer["rows"]]


def read_on(page: Page, limit: int) -> list[int]:
    """Every row of the view, block behind block."""
    answer = page.rows(limit=limit)
    token, found = answer["token"], seqs(answer)
    while answer["next"] is not None:
        answer = page.ask("rows", offset=0, after=answer["next"], limit=limit, token=token).get_json()
        found += seqs(answer)
    return found


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize(
    ("followed", "expected"),
    [
        ({"subject": "phone"}, [*range(1, 41), *range(71, 76)]),
        ({"run": "ci-1"}, list(range(41, 71))),
        ({"subject": "phone", "statuses": ["invalid"]}, list(range(71, 76))),
        ({"subject": "nobody"}, []),
    ],
)
def test_pages_of_a_followed_view_are_its_rows_once_each(
    stored: Stored, order: str, followed: dict[str, Any], expected: list[int]
) -> None:
    stored.write(40, "phone")
    stored.write(30, "other", run_id="ci-1")
    stored.write(5, "phone", run_id="ci-2", bad=True)
    page = Page(stored.app, stored.app_id, order=order, **followed)
    assert page.rows()["total"] is None
    assert read_on(page, 7) == (expected[::-1] if order == "newest" else expected)


def test_a_followed_page_gets_its_own_rows_and_counts_them_while_it_stands_still(stored: Stored) -> None:
    stored.write(3, "phone")
    page = Page(stored.app, stored.app_id, subject="phone")
    token = page.rows()["token"]
    stored.write(4, "other")
    assert seqs(page.feed(token=token, live=True)["grid"]) == []
    stored.write(2, "phone", run_id="later", bad=True)
    news = page.feed(token=token, live=True)["grid"]
    assert (seqs(news), news["total"], news["whole"]) == ([9, 8], None, False)
    assert page.feed(token=token)["grid"] == {"fresh": 2, "fresh_text": "2"}
    stored.write(600, "phone", run_id="many")
    assert page.feed(token=token)["grid"] == {"fresh": 500, "fresh_text": "500+"}
    news = page.feed(token=token, live=True)["grid"]
    assert (seqs(news), news["whole"]) == (list(range(609, 509, -1)), True)


def test_the_strip_tells_of_the_newest_events_whatever_else_is_filtered(stored: Stored) -> None:
    stored.write(3, "phone")
    stored.write(1, "phone", run_id="r", bad=True)
    page = Page(stored.app, stored.app_id, subject="phone", statuses=["valid"], range_key="15m")
    told = page.feed()
    assert "1 of the newest 4 events fails" in str(told["follow"]["body"])
    assert "body" not in page.feed(follow_tag=told["follow"]["tag"])["follow"]
    assert Page(stored.app, stored.app_id).feed()["follow"] == {}


def test_the_sum_of_the_counters_is_checked_against_what_was_counted_on_arrival(stored: Stored) -> None:
    stored.write(3, "phone")
    stored.write(3, "phone")
    told = {key: Page(stored.app, stored.app_id, range_key=key).feed()["texts"] for key in ("1h", "all")}
    words = "6 received = 3 valid + 0 invalid + 0 unplanned + 3 duplicate + 0 rejected"
    assert told["1h"][Ids.RECONCILED] == f"{words} · ✓ as counted on arrival"
    assert told["all"][Ids.RECONCILED] == words


def test_the_age_of_the_newest_event_is_by_the_databases_clock(stored: Stored) -> None:
    stored.write(1, "phone")
    told = Page(stored.app, stored.app_id).feed()["freshness"]
    assert 0 <= told["age"] < 60
    assert told["alarm"] == "No ingest server is running"


def test_an_event_is_told_as_a_document(stored: Stored) -> None:
    stored.write(1, "phone", bad=True)
    client = stored.app.server.test_client()
    answer = client.post(EVENT, json={"app_id": stored.app_id, "seq": 1}).get_json()
    assert '"subject": "phone"' in answer["text"]
    assert '"status": "invalid"' in answer["text"]
    assert client.post(EVENT, json={"app_id": stored.app_id, "seq": 2}).status_code == 404
    assert client.post(EVENT, json={"app_id": stored.app_id, "seq": "1 OR 1=1"}).status_code == 400


def test_an_event_out_of_reach_does_not_exist(stored: Stored, tmp_path: Path) -> None:
    stored.write(1, "phone")
    client = dashboard_on(stored.engine, tmp_path / "other", access=Nothing()).server.test_client()
    assert client.post(EVENT, json={"app_id": stored.app_id, "seq": 1}).status_code == 404


@pytest.mark.parametrize("view", [{"subject": "s" * 300}, {"run": "r\0"}, {"subject": ["a"]}, {"run": 5}])
def test_a_tampered_subject_or_run_is_refused_in_words(stored: Stored, view: dict[str, Any]) -> None:
    answer = Page(stored.app, stored.app_id, **view).ask("rows", offset=0, limit=10)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request")
    assert next(iter(view)) in answer.get_json()["message"]
