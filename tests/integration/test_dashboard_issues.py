"""The pages Issues and Overview on a real database: their feeds, what may be said, and what they cost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from dashboard.api.routes import ISSUE_STATE, ISSUES, OVERVIEW
from dashboard.ids import Ids
from dashboard.issues_view import from_query
from dashboard.pages.issues.page import page as issues_page
from dashboard.pages.overview.page import page as overview_page
from storage.issues import IssueKey, Standing
from storage.model import Source
from storage.plans import PlanStore
from storage.readers import Reader
from tests.support.dashboards import OnlyAda, dashboard_on, keep_readings, services_on
from tests.support.events import WRONG_TOTAL, new_event, submission
from tests.support.statements import statements
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Violation

NAME = "Order Completed"
WRONG = {"name": NAME, "path": "/total", "kind": "wrong_type"}
OLD, NEW = Source("kt/1", "4.1.9", "android", "prod"), Source("kt/1", "4.2.0", "android", "prod")
VIEWERS = 50


@dataclass(frozen=True)
class Site:
    """A dashboard with one app that can be written to."""

    app: Dash
    engine: Engine
    app_id: int

    def send(self, count: int, source: Source = NEW, *broken: Violation, prefix: str = "e") -> None:
        verdict = Verdict.INVALID if broken else Verdict.VALID
        events = [
            new_event(f"{prefix}-{source.app_version}-{number}", None, verdict=verdict)._replace(
                violations=broken
            )
            for number in range(count)
        ]
        with writer_on(self.engine) as writer:
            writer.write([submission(self.app_id, events, source=source)])

    def ask(self, route: str, body: Any) -> TestResponse:
        answer: TestResponse = self.app.server.test_client().post(route, json=body)
        return answer

    def issues(self, tags: dict[str, str] | None = None, **view: Any) -> dict[str, Any]:
        answer = self.ask(ISSUES, {"view": {"app_id": self.app_id, **view}, **(tags or {})})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: dict[str, Any] = answer.get_json()
        return found

    def say(self, standing: str, **said: Any) -> TestResponse:
        return self.ask(ISSUE_STATE, {"app_id": self.app_id, **WRONG, "standing": standing, **said})

    def tabs(self) -> list[str]:
        return [tab["label"] for tab in self.issues()["tabs"]]


@pytest.fixture
def site(database: str, tmp_path: Path) -> Iterator[Site]:
    with engine_of(database, pool_size=8) as engine:
        yield Site(dashboard_on(engine, tmp_path), engine, new_app(engine))


def test_the_page_lists_issues_with_the_version_they_came_with(site: Site) -> None:
    site.send(60, OLD)
    site.send(20, NEW, WRONG_TOTAL)
    found = site.issues()
    (row,) = found["rows"]["body"]
    shown = str(row)
    assert "/total: wrong type" in shown
    assert "Broken since 4.2.0 on android" in shown
    assert "4.1.9: 0 % of 60, 4.2.0: 100 % of 20" in shown
    assert "'25.0 %'" in shown
    assert "event=80" in shown
    assert site.tabs() == ["Open 1", "Resolved 0", "Muted 0"]
    assert "20 of 80 invalid (25.0 %)" in str(found["heat"])
    assert "20 of 80 invalid (25.0 %)" in str(site.issues(names=[NAME])["heat"])
    assert "No event of the chosen names" in str(site.issues(names=["Other"])["heat"])
    assert found["empty"] == ""


def test_what_reads_the_same_is_not_sent_again(site: Site) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    first = site.issues()
    tags = {"rows_tag": first["rows"]["tag"], "heat_tag": first["heat"]["tag"]}
    again = site.issues(tags)
    assert (again["rows"], again["heat"]) == ({"tag": tags["rows_tag"]}, {"tag": tags["heat_tag"]})


def test_an_app_without_issues_says_so(site: Site) -> None:
    for _ in range(2):
        found = site.issues()
        assert found["rows"]["body"] == []
        assert found["texts"][Ids.ISSUES_EMPTY] == found["empty"] != ""
        assert "No event was invalid" in str(found["heat"])
        site.send(5)


def test_what_is_said_is_seen_at_once_and_what_comes_back_opens(site: Site) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    assert site.tabs()[0] == "Open 1"
    assert site.say("resolved").get_json() == {"standing": "resolved"}
    assert site.tabs() == ["Open 0", "Resolved 1", "Muted 0"]
    site.send(1, NEW, WRONG_TOTAL, prefix="again")
    # The list may be as old as it may be without anybody's word.
    (found,) = Reader(site.engine).issues(site.app_id).issues
    assert found.came_back
    assert site.say("muted", reason="known").status_code == 200
    assert "Muted at" in str(site.issues(standing="muted")["rows"])
    assert site.say("open").status_code == 200
    assert site.tabs() == ["Open 1", "Resolved 0", "Muted 0"]


def test_who_says_something_is_kept_with_it(site: Site, tmp_path: Path) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    app = dashboard_on(site.engine, tmp_path / "ada", access=OnlyAda(site.app_id))
    seen = replace(site, app=app)
    assert seen.say("muted", reason="known").status_code == 200
    assert "Muted by Ada at" in str(seen.issues(standing="muted")["rows"])


def test_every_route_passes_the_access_seam(site: Site, tmp_path: Path) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    blind = replace(site, app=dashboard_on(site.engine, tmp_path / "blind", access=OnlyAda()))
    assert blind.ask(ISSUES, {"view": {"app_id": site.app_id}}).status_code == 404
    assert blind.say("resolved").status_code == 404
    assert blind.say("muted", reason="known").status_code == 404
    shown = blind.ask(OVERVIEW, {}).get_json()
    assert "app-" not in str(shown["body"]).replace("lvd-app-", "")
    assert site.tabs()[0] == "Open 1"


def test_who_may_not_edit_is_offered_no_change_and_refused_every_one(site: Site, tmp_path: Path) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    reads = OnlyAda(site.app_id, edits=False)
    reader = replace(site, app=dashboard_on(site.engine, tmp_path / "reader", access=reads))
    for standing in ("resolved", "muted", "open"):
        answer = reader.say(standing, reason="known")
        assert (answer.status_code, answer.get_json()["error"]) == (403, "not_allowed")
        assert answer.get_json()["message"].startswith("You may see these issues, but not change")
    assert site.tabs() == ["Open 1", "Resolved 0", "Muted 0"]
    for seen, offered in ((site, True), (reader, False)):
        rows = str(seen.issues()["rows"])
        assert "Example" in rows
        assert ("Resolve" in rows, "Mute" in rows) == (offered, offered)
    assert site.say("muted", reason="known").status_code == 200
    assert "Open again" not in str(reader.issues(standing="muted")["rows"])


@pytest.mark.parametrize(
    ("route", "body", "message"),
    [
        (ISSUES, {"view": {"app_id": 1, "range_key": "1h"}}, "is none of 24h, 7d, 30d"),
        (ISSUES, {"view": {"app_id": 1, "standing": "closed"}}, "view.standing: "),
        (ISSUES, {"view": {"app_id": 1, "kinds": ["' OR 1=1"]}}, "view.kinds.0: "),
        (ISSUES, {"view": {"app_id": 1, "names": ["x" * 257]}}, "view.names.0: "),
        (ISSUES, {"view": {"app_id": 1, "sort": "payload"}}, "view.sort: "),
        (ISSUES, {"view": {"app_id": 1}, "order": 1}, "order: Extra"),
        (ISSUE_STATE, {"app_id": 1, **WRONG}, "standing: "),
        (ISSUE_STATE, {"app_id": "1; --", **WRONG, "standing": "resolved"}, "app_id: "),
        (ISSUE_STATE, {"app_id": 1, **WRONG, "standing": "muted"}, "needs a reason"),
        (ISSUE_STATE, {"app_id": 1, **WRONG, "standing": "muted", "reason": "a\0"}, "no NUL"),
        (ISSUE_STATE, {"app_id": 1, **WRONG, "path": "\0", "standing": "resolved"}, "no NUL"),
        (ISSUE_STATE, {"app_id": 1, **WRONG, "standing": "resolved", "who": "me"}, "who: Extra"),
        (OVERVIEW, {"app_id": 1}, "app_id: Extra"),
    ],
)
def test_a_tampered_request_gets_a_clear_400_and_changes_nothing(
    site: Site, route: str, body: dict[str, Any], message: str
) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    asked = {**body, "app_id": site.app_id} if body.get("app_id") == 1 and route == ISSUE_STATE else body
    answer = site.ask(route, asked)
    assert answer.status_code == 400
    assert message in answer.get_json()["message"]
    with site.engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM issue_state")).scalar_one() == 0


def test_an_issue_that_was_never_seen_is_not_found(site: Site) -> None:
    answer = site.say("resolved", path="/nothing")
    assert answer.status_code == 404
    assert "no such issue" in answer.get_json()["message"]


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    site.send(5, NEW, WRONG_TOTAL)
    client = site.app.server.test_client()
    answer = client.post(ISSUE_STATE, data='{"app_id": 1}', content_type="text/plain")
    assert answer.status_code == 400


def test_the_overview_tells_every_app_in_its_order(site: Site) -> None:
    quiet = new_app(site.engine)
    plan = {"version": 1, "events": {NAME: {"schema": {}}, "Never": {"schema": {}}}}
    PlanStore(site.engine).push(site.app_id, plan)
    events = [new_event(f"e-{n}", None, verdict=Verdict.INVALID) for n in range(5)]
    with writer_on(site.engine) as writer:
        writer.write([submission(site.app_id, events, plan_version=1)])
    names = {app.app_id: app.name for app in Reader(site.engine).apps()}
    body = str(site.ask(OVERVIEW, {}).get_json()["body"])
    assert body.index(names[site.app_id]) < body.index(names[quiet])
    for words in ("100 % not valid", "1 of 2 events", "no events yet", "none at this hour yesterday"):
        assert words in body


def test_the_same_hour_of_yesterday_is_compared(site: Site) -> None:
    site.send(6)
    with site.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO rollup_minute SELECT app_id, minute - interval '24 hours 2 minutes', name, 0, 4"
                " FROM rollup_minute"
            )
        )
        conn.execute(
            text(
                "UPDATE rollup_minute SET minute = minute - interval '2 minutes'"
                " WHERE minute > now() - interval '1 hour'"
            )
        )
        conn.execute(text("UPDATE app_minute SET minute = minute - interval '2 minutes'"))
    assert "+50 % on yesterday" in str(site.ask(OVERVIEW, {}).get_json())


@pytest.mark.parametrize("route", [ISSUES, OVERVIEW])
def test_a_tick_of_fifty_viewers_sends_the_statements_of_one(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    keep_readings(monkeypatch)
    now = datetime.now(UTC)
    site.send(60, OLD)
    site.send(20, NEW, WRONG_TOTAL)
    body = {"view": {"app_id": site.app_id}} if route == ISSUES else {}

    def sent_for(viewers: int) -> int:
        """Statements for one tick of so many open pages, none of which was asked before."""
        folder = tmp_path / str(viewers)
        shared = replace(site, app=dashboard_on(site.engine, folder, coalesce_seconds=60, now=lambda: now))
        with statements(site.engine) as sent, ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: shared.ask(route, body).get_data(), range(viewers)))
        assert len(set(answers)) == 1
        return len(sent)

    one = sent_for(1)
    assert one > 0
    assert sent_for(VIEWERS) == one


def test_apps_that_stand_still_cost_the_overview_one_statement(site: Site) -> None:
    site.send(5)
    for _ in range(3):
        new_app(site.engine)
    with site.engine.begin() as conn:
        still = "UPDATE app_ledger SET last_received_at = now() - interval '3 h' WHERE last_seq > 0"
        conn.execute(text(still))

    def read() -> list[str]:
        site.ask(OVERVIEW, {})
        with statements(site.engine) as sent:
            site.ask(OVERVIEW, {})
        return [statement for statement in sent if "set_config" not in statement]

    # With a new minute the last hour is another one: of two tries at most one meets it.
    (statement,) = min(read(), read(), key=len)
    assert "FROM app JOIN app_ledger" in statement


NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)


def test_pages_say_what_to_do_without_apps_and_without_permission(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        services, viewer = services_on(engine, tmp_path / "none", NOW)
        for shown in (
            issues_page(viewer, from_query({}), "", services),
            overview_page(viewer, services),
        ):
            assert "lvd app create" in str(shown)
        new_app(engine)
        services, viewer = services_on(engine, tmp_path / "hidden", NOW, frozenset())
        for shown in (
            issues_page(viewer, from_query({}), "", services),
            overview_page(viewer, services),
        ):
            assert "No app is open to you" in str(shown)


def test_an_address_opens_the_app_it_names_and_no_other(site: Site, tmp_path: Path) -> None:
    other = new_app(site.engine)
    names = {app.app_id: app.name for app in Reader(site.engine).apps()}
    services, viewer = services_on(site.engine, tmp_path / "pages", NOW)
    remembered = names[other]
    named = str(issues_page(viewer, from_query({"app": names[site.app_id]}), remembered, services))
    assert f"value='{site.app_id}'" in named
    assert f"value='{other}'" in str(issues_page(viewer, from_query({}), remembered, services))
    gone = str(issues_page(viewer, from_query({"app": "Gone"}), remembered, services))
    assert "Gone" in gone
    assert f"/issues?app={names[other]}" in gone
    assert Ids.ISSUES_ROWS not in gone


def test_the_overview_is_the_first_page_and_old_addresses_lead_to_live(site: Site) -> None:
    client = site.app.server.test_client()
    assert client.get("/").status_code == 200
    moved = client.get("/?app=Shop&range=7d&event=9")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/live?app=Shop&range=7d&event=9")
    assert client.get("/live?app=Shop").status_code == 200


def test_the_store_and_the_page_agree_on_the_key_of_an_issue(site: Site) -> None:
    """Whatever a name is made of, what the page sends back names the same issue."""
    hostile = 'a"b<i>\u202e/~1\\'
    events = [new_event("h", None, name=hostile, verdict=Verdict.INVALID)]
    with writer_on(site.engine) as writer:
        writer.write([submission(site.app_id, events)])
    assert site.say("resolved", name=hostile).status_code == 200
    (found,) = Reader(site.engine).issues(site.app_id).issues
    assert (found.key, found.standing) == (IssueKey(hostile, "/total", "wrong_type"), Standing.RESOLVED)
