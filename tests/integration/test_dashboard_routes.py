"""The dashboard's data routes on a real database."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from dash import Dash
from sqlalchemy import Engine, text

from dashboard import cached_reader
from dashboard.api.routes import APPS, FEED, HEALTH, REJECTED, ROWS
from dashboard.ids import tile_value
from storage.database import create_engine
from storage.plans import PlanStore
from tests.support.dashboards import Nothing, Page, dashboard_on
from tests.support.events import new_event, submission
from tests.support.seeding import BROKEN_NAME, recent_days, seed
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

GZIP = {"Accept-Encoding": "gzip"}
SEED = recent_days(days=2, rows_per_day=3_000)


@dataclass(frozen=True)
class Stored:
    """A dashboard, and what its database holds."""

    app: Dash
    engine: Engine
    app_id: int

    def seqs(self, where: str = "true") -> list[int]:
        """seqs of the seeded app's rows, newest first, by SQL."""
        statement = text(f"SELECT seq FROM event WHERE app_id = :app_id AND {where} ORDER BY seq DESC")
        with self.engine.connect() as conn:
            return list(conn.execute(statement, {"app_id": self.app_id}).scalars())


@pytest.fixture(scope="module")
def stored(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """Seeded once, only read."""
    with engine_of(module_database) as engine:
        app_id = seed(engine, "Seeded", SEED)
        yield Stored(dashboard_on(engine, tmp_path_factory.mktemp("cache")), engine, app_id)


@pytest.fixture
def live(database: str, tmp_path: Path) -> Iterator[Stored]:
    """An app that events can be written to."""
    with engine_of(database) as engine:
        yield Stored(dashboard_on(engine, tmp_path), engine, new_app(engine))


def write(stored: Stored, count: int, verdict: Verdict = Verdict.VALID, prefix: str = "e") -> None:
    """So many more events."""
    events = [new_event(f"{prefix}-{number}", None, verdict=verdict) for number in range(count)]
    with writer_on(stored.engine) as writer:
        writer.write([submission(stored.app_id, events)])


def write_broken(stored: Stored, name: str) -> None:
    """One event of this name that breaks the app's first plan."""
    event = new_event(name, None, name=name, verdict=Verdict.INVALID)
    with writer_on(stored.engine) as writer:
        writer.write([submission(stored.app_id, [event], plan_version=1)])


def seqs(answer: dict[str, Any]) -> list[int]:
    return [row["seq"] for row in answer["rows"]]


def tags(answer: dict[str, Any]) -> dict[str, str]:
    """What a page that got this answer holds."""
    return {name: answer[name] for name in ("tag", "names_tag", "problems_tag") if name in answer}


@pytest.mark.parametrize(
    ("view", "where"),
    [
        ({}, "true"),
        ({"statuses": ["invalid"]}, "status = 1"),
        ({"names": [BROKEN_NAME]}, f"name = '{BROKEN_NAME}'"),
        ({"names": [BROKEN_NAME], "statuses": ["valid"]}, f"name = '{BROKEN_NAME}' AND status = 0"),
        (
            {"range_key": "custom", "start": SEED.first_day.isoformat(), "end": None},
            f"received_at >= '{SEED.first_day.isoformat()}'",
        ),
    ],
)
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_blocks_of_a_frozen_view_are_the_rows_of_sql(
    stored: Stored, view: dict[str, Any], where: str, order: str
) -> None:
    expected = stored.seqs(where)[:: 1 if order == "newest" else -1]
    page = Page(stored.app, stored.app_id, order=order, **view)
    first = page.rows(limit=100)
    assert first["total"] == len(expected)
    assert first["total_text"] == f"{len(expected):,}"
    assert seqs(first) == expected[:100]
    for offset in (100, len(expected) // 2, len(expected) - 7):
        assert seqs(page.rows(offset, 100, first["token"])) == expected[offset : offset + 100]


@pytest.mark.parametrize(
    ("route", "body", "message"),
    [
        ("rows", {"offset": 0, "limit": 100, "view": {"app_id": 1, "names": 5}}, "view.names: "),
        ("rows", {"offset": 0, "limit": 100, "view": {"app_id": 1, "statuses": ["' OR 1=1"]}}, "status "),
        (
            "rows",
            {"offset": 0, "limit": 100, "view": {"app_id": 1, "orderBy": "payload"}},
            "view.orderBy: Extra",
        ),
        ("rows", {"offset": "0; DROP TABLE event", "limit": 100}, "offset: "),
        (
            "rows",
            {"offset": 0, "limit": 100, "token": {"view": "1.x", "start": None, "end": None}},
            "the grid's view",
        ),
        ("feed", {"tag": ["a"]}, "tag: "),
        ("rejected", {"after": {"sha256": "'"}}, "after."),
    ],
)
def test_a_tampered_request_gets_a_clear_400_and_never_reaches_sql(
    stored: Stored, route: str, body: dict[str, Any], message: str
) -> None:
    answer = Page(stored.app, stored.app_id).ask(route, **body)
    assert answer.status_code == 400
    assert message in answer.get_json()["message"]
    assert not any(
        word in answer.get_data(as_text=True) for word in ("SELECT", "psycopg", "Traceback", "pydantic")
    )


def test_a_form_of_another_site_cannot_ask(stored: Stored) -> None:
    answer = stored.app.server.test_client().post(
        ROWS, data='{"view": {"app_id": 1}}', content_type="text/plain"
    )
    assert answer.status_code == 400
    assert "Content-Type" in answer.get_json()["message"]


def test_an_unknown_app_is_not_found(stored: Stored) -> None:
    for route, body in (("rows", {"offset": 0, "limit": 1}), ("feed", {}), ("rejected", {})):
        assert Page(stored.app, 9_999).ask(route, **body).status_code == 404


def test_every_route_passes_the_access_seam(stored: Stored, tmp_path: Path) -> None:
    app = dashboard_on(stored.engine, tmp_path, access=Nothing())
    client = app.server.test_client()
    for route in (ROWS, FEED, REJECTED):
        body = {"view": {"app_id": stored.app_id}, **({"offset": 0, "limit": 1} if route == ROWS else {})}
        assert client.post(route, json=body).status_code == 404
    assert client.get(APPS).get_json() == {"apps": []}


def test_the_feed_brings_what_came_and_then_only_what_ages(live: Stored) -> None:
    write(live, 5)
    page = Page(live.app, live.app_id)
    grid = page.rows()
    told = page.feed(token=grid["token"], live=True)
    assert told["texts"][tile_value("received")] == "5"
    assert told["grid"]["rows"] == []

    again = page.feed(token=grid["token"], live=True, **tags(told))
    assert set(again) == {"tag", "texts", "freshness"}

    write(live, 3, Verdict.INVALID, "later")
    news = page.feed(token=grid["token"], live=True, **tags(told))
    assert seqs(news["grid"]) == [8, 7, 6]
    assert (news["grid"]["total"], news["grid"]["whole"]) == (8, False)
    assert news["texts"][tile_value("invalid")] == "3"
    assert [sum(counts) for counts in news["chart"]["y"]] == [5, 3, 0, 0, 0]
    assert seqs(page.feed(token=news["grid"]["token"], live=True)["grid"]) == []


def test_what_is_broken_and_the_names_of_the_last_events_come_though_nothing_follows(
    live: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both lists may be older than the tag of the answer that brings them."""
    PlanStore(live.engine).push(live.app_id, {"version": 1, "name": "Shop", "events": {}})
    page = Page(live.app, live.app_id)
    monkeypatch.setattr(cached_reader, "LISTS_MAX_AGE", 60.0)
    write_broken(live, "First")
    held = tags(page.feed())
    write_broken(live, "Second")
    older = page.feed(**held)
    assert older["texts"][tile_value("invalid")] == "2"
    assert "Second" not in str([older.get("names"), older.get("problems")])
    held |= tags(older)
    monkeypatch.setattr(cached_reader, "LISTS_MAX_AGE", 0.0)
    late = page.feed(**held)
    assert [name["value"] for name in late["names"]] == ["First", "Second"]
    assert all(name in str(late["problems"]) for name in ("First", "Second"))
    assert {"names", "problems"}.isdisjoint(page.feed(**held | tags(late)))


def test_a_grid_that_does_not_follow_learns_how_many_came(live: Stored) -> None:
    write(live, 5)
    page = Page(live.app, live.app_id, statuses=["invalid"])
    token = page.rows()["token"]
    write(live, 4, Verdict.INVALID, "bad")
    write(live, 2, Verdict.VALID, "good")
    assert page.feed(token=token, live=False)["grid"] == {"fresh": 4, "fresh_text": "4"}


def test_more_news_than_a_block_replace_it(live: Stored) -> None:
    page = Page(live.app, live.app_id)
    token = page.rows()["token"]
    write(live, 250)
    news = page.feed(token=token, live=True)["grid"]
    assert seqs(news) == list(range(250, 150, -1))
    assert news["whole"]


def test_only_rows_that_the_grid_draws_are_told(live: Stored) -> None:
    write(live, 50)
    page = Page(live.app, live.app_id)
    token = page.rows()["token"]
    write(live, 12, prefix="later")
    more = page.feed(token=token, live=True, drawn=20)["grid"]
    assert (seqs(more), more["whole"]) == (list(range(62, 50, -1)), False)
    fewer = page.feed(token=token, live=True, drawn=5)["grid"]
    assert (seqs(fewer), fewer["whole"], fewer["total"]) == ([62, 61, 60, 59, 58], True, 62)
    assert page.ask("feed", token=token, drawn=101).status_code == 400


def test_answers_are_compressed_where_it_is_worth_it_and_taken(live: Stored, tmp_path: Path) -> None:
    write(live, 50)
    # A range that ends now begins anew with each minute: no minute ends here.
    now = datetime.now(UTC)
    client = dashboard_on(live.engine, tmp_path / "still", now=lambda: now).server.test_client()
    body: dict[str, Any] = {"view": {"app_id": live.app_id}, "offset": 0, "limit": 100}
    plain, packed = (client.post(ROWS, json=body, headers=headers) for headers in ({}, GZIP))
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert orjson.loads(gzip.decompress(packed.get_data())) == plain.get_json()
    assert len(packed.get_data()) < len(plain.get_data()) / 4
    small = client.post(ROWS, json=body | {"limit": 1}, headers=GZIP)
    assert (small.status_code, "Content-Encoding" in small.headers) == (200, False)


def test_another_epoch_is_told_to_grid_and_feed(live: Stored) -> None:
    write(live, 5)
    page = Page(live.app, live.app_id)
    token = page.rows()["token"]
    with live.engine.begin() as conn:
        conn.execute(text("UPDATE app_ledger SET epoch = epoch + 1, version = version + 1"))
    assert page.feed(token=token, live=True)["grid"] == {"gap": True}
    answer = page.ask("rows", offset=0, limit=10, token=token)
    assert (answer.status_code, answer.get_json()["error"]) == (409, "gap")


@pytest.mark.parametrize("view", [{}, {"subject": "nobody"}], ids=["counted", "found by an index"])
def test_another_epoch_is_told_where_the_ledger_was_read_before_it(
    database: str, tmp_path: Path, view: dict[str, Any]
) -> None:
    with engine_of(database) as engine:
        stored = Stored(dashboard_on(engine, tmp_path, coalesce_seconds=60), engine, new_app(engine))
        write(stored, 5)
        page = Page(stored.app, stored.app_id, **view)
        token = page.rows(limit=10)["token"]
        with engine.begin() as conn:
            conn.execute(text("UPDATE app_ledger SET epoch = epoch + 1, version = version + 1"))
        assert page.feed(token=token, live=True)["grid"] == {"gap": True}


def test_the_counters_reconcile_in_every_range(stored: Stored) -> None:
    for range_key in ("all", "7d", "24h", "1h"):
        texts = Page(stored.app, stored.app_id, range_key=range_key).feed()["texts"]
        received, invalid, unplanned, duplicate, rejected = (
            int(texts[tile_value(tile)].replace(",", ""))
            for tile in ("received", "invalid", "unplanned", "duplicate", "rejected")
        )
        valid = int(texts["tile-valid-note"].split()[0].replace(",", ""))
        assert received == valid + invalid + unplanned + duplicate + rejected


def test_totals_and_bars_are_those_of_sql(stored: Stored) -> None:
    told = Page(stored.app, stored.app_id).feed()
    with stored.engine.connect() as conn:
        statement = text(
            "SELECT status, sum(count)::int FROM rollup_minute WHERE app_id = :app_id GROUP BY 1"
        )
        rows = conn.execute(statement, {"app_id": stored.app_id}).all()
        counts = {row.status: row.sum for row in rows}
    assert told["texts"][tile_value("received")] == f"{sum(counts.values()):,}"
    assert [sum(bars) for bars in told["chart"]["y"]] == [
        counts.get(0, 0),
        counts.get(1, 0),
        counts.get(2, 0),
        counts.get(3, 0),
        counts.get(4, 0) + counts.get(5, 0),
    ]


def test_pages_of_rejected_events_follow_each_other_without_a_gap(stored: Stored) -> None:
    page = Page(stored.app, stored.app_id)
    told = page.rejected()
    found = [row["id"] for row in told["rows"]]
    while told["next"]:
        told = page.rejected(told["next"])
        found += [row["id"] for row in told["rows"]]
    with stored.engine.connect() as conn:
        statement = text(
            "SELECT day || '.' || encode(sha256, 'hex') || '.' || reason FROM rejected_event"
            " WHERE app_id = :app_id"
        )
        expected = set(conn.execute(statement, {"app_id": stored.app_id}).scalars())
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_database_that_is_away_is_told_with_its_beginning_and_without_internals(tmp_path: Path) -> None:
    nobody = create_engine("postgresql://lvd:secret@127.0.0.1:1/none", pool_size=1, application_name="test")
    app = dashboard_on(nobody, tmp_path)
    answer = Page(app, 1).ask("feed")
    assert answer.status_code == 503
    assert answer.get_json()["error"] == "database_unavailable"
    assert answer.get_json()["message"].startswith("Database not reachable since ")
    assert "secret" not in answer.get_data(as_text=True)
    health = app.server.test_client().get(HEALTH)
    assert (health.status_code, health.get_json()["status"]) == (200, "ok")
    assert health.get_json()["database"].startswith("away since ")
    nobody.dispose()


def test_health_is_ok_with_a_database(stored: Stored) -> None:
    client = stored.app.server.test_client()
    assert client.get(HEALTH).get_json() == {"status": "ok", "database": "ok"}
