"""What the dashboard serves beside its data: documents, headers, static files, layouts, drawers."""

import gzip
import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dash
import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import Engine

from dashboard import links, static_files
from dashboard.callbacks.drawer import filled
from dashboard.pages.live.page import page
from dashboard.view_state import ViewState, from_query
from dashboard.viewer import Viewer
from storage.apps import AppStore
from storage.model import Rejection
from tests.support.dashboards import dashboard_on, services_on
from tests.support.events import new_event, submission
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
#: Each shows one app at a time.
PAGES_OF_AN_APP = (
    links.LIVE,
    links.EXPLORE,
    links.ISSUES,
    links.COVERAGE,
    links.PLAN,
    links.REJECTED,
)
RAW = b"\n\x0fOrder Completed\xff<script>alert(1)</script>"


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return dashboard_on(engine, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    made: FlaskClient = app.server.test_client()
    return made


@pytest.fixture
def viewer(database: str, tmp_path: Path) -> Iterator[Viewer]:
    """On a database of its own."""
    with engine_of(database) as made:
        yield services_on(made, tmp_path, NOW)[1]


def test_all_pages_and_callbacks_are_there_before_the_first_request(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dashboard_on(engine, tmp_path)

    def set_up(*_: object) -> None:
        pytest.fail("set up by a request, beside others")

    monkeypatch.setattr("dash._validate.validate_background_callbacks", set_up)
    monkeypatch.setattr("dash._validate.validate_registry", set_up)
    assert app.server.test_client().get("/_dash-dependencies").status_code == 200


def test_the_document_names_its_language_and_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    document = client.get("/live").get_data(as_text=True)
    assert '<html lang="en">' in document
    sources = re.findall(r'(?:src|href)="([^"]+)"', document)
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)


@pytest.mark.parametrize(
    "path", ["/live", "/healthz", "/api/apps", "/assets/00_page.css", "/nowhere", "/_dash-layout"]
)
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert "'sha256-" in headers["Content-Security-Policy"]


def test_scripts_are_sent_compressed_and_kept_for_ever(client: FlaskClient) -> None:
    document = client.get("/live").get_data(as_text=True)
    for source in re.findall(r'src="([^"]+)"', document):
        plain, packed, again = (
            client.get(source, headers={"Accept-Encoding": encoding}, buffered=True)
            for encoding in ("identity", "gzip", "gzip")
        )
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        if "Content-Encoding" in packed.headers:
            assert gzip.decompress(packed.get_data()) == plain.get_data()
            assert packed.get_data() == again.get_data()


def test_files_without_a_version_are_asked_for_again_and_not_sent_twice(client: FlaskClient) -> None:
    path = "/_dash-component-suites/dash_ag_grid/async-community.js"
    first = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Cache-Control"] == "no-cache"
    headers = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    again = client.get(path, headers=headers)
    assert (again.status_code, again.get_data()) == (304, b"")


def grown(ask: Callable[[int], object]) -> int:
    """Bytes that are held more behind twenty questions, each another one; the first one does not count."""
    ask(0)
    tracemalloc.start()
    try:
        for number in range(1, 21):
            ask(number)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "address",
    [
        "/_dash-component-suites/dash_ag_grid/async-community.js?{}",
        "/_dash-component-suites/dash_ag_grid/async-community.v{}m1.js",
        "/assets/vendor/plotly-basic-4.1.1.min.js?m={}",
    ],
)
def test_a_file_is_held_once_under_however_many_addresses(client: FlaskClient, address: str) -> None:
    gzipped = {"Accept-Encoding": "gzip"}
    assert client.get(address.format(0), headers=gzipped).headers["Content-Encoding"] == "gzip"
    assert grown(lambda n: client.get(address.format(n), headers=gzipped, buffered=True).get_data()) < 200_000


def test_addresses_without_end_are_not_all_remembered(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_files, "MAX_ADDRESSES", 3)
    gzipped = {"Accept-Encoding": "gzip"}
    answers = [
        client.get(f"/assets/00_page.css?m={n}", headers=gzipped, buffered=True).get_data()
        for n in (1, 2, 3, 4, 5, 1)
    ]
    assert len(set(answers)) == 1


def test_a_question_for_a_files_head_leaves_its_content(client: FlaskClient) -> None:
    path = "/_dash-component-suites/dash_ag_grid/async-community.js?head"
    headers = {"Accept-Encoding": "gzip"}
    assert client.head(path, headers=headers).get_data() == b""
    assert len(gzip.decompress(client.get(path, headers=headers).get_data())) > 100_000


def test_another_sites_name_is_refused_by_a_dashboard_for_this_machine(client: FlaskClient) -> None:
    refused = client.get("/api/apps", headers={"Host": "evil.example"})
    assert (refused.status_code, refused.get_json()["error"]) == (421, "misdirected_request")
    assert "Content-Security-Policy" in refused.headers
    assert client.get("/assets/00_page.css", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/api/apps", headers={"Host": "127.0.0.1:8050"}).status_code == 200


def test_without_apps_the_page_says_how_to_make_one(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        services, viewer = services_on(engine, tmp_path, NOW)
        shown = str(page(viewer, ViewState(), "", services))
    assert "No apps yet" in shown
    assert "lvd app create" in shown


def test_the_page_opens_the_app_of_the_address_else_the_remembered_one(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        first, second = new_app(engine), new_app(engine)
        services, viewer = services_on(engine, tmp_path, NOW)
        names = {app.app_id: app.name for app in viewer.apps()}

        def chosen(view: ViewState, remembered: str) -> str:
            found = re.search(r"value='(\d+)', [^)]*w=220", str(page(viewer, view, remembered, services)))
            return names[int(found[1])] if found else ""

        assert chosen(from_query({"app": names[second]}), names[first]) == names[second]
        assert chosen(ViewState(), names[second]) == names[second]
        assert chosen(ViewState(), "gone too") == min(names.values())
        assert chosen(from_query({"app": "gone"}), names[second]) == "", "another app's figures"


@pytest.mark.parametrize("path", PAGES_OF_AN_APP)
def test_an_address_opens_the_app_that_it_names_made_just_now_or_none(
    database: str, tmp_path: Path, path: str
) -> None:
    with engine_of(database) as engine:
        app = dashboard_on(engine, tmp_path)
        new_app(engine)
        layout = next(entry["layout"] for entry in dash.page_registry.values() if entry["path"] == path)
        with app.server.test_request_context(path):
            assert "No app" not in str(layout())
            # The apps are remembered by now.
            made = AppStore(engine).create("Made just now")
            assert f"value='{made}'" in str(layout(app="Made just now"))
            assert "No app " in str(layout(app="Made never"))


def test_an_empty_app_says_how_to_send_the_first_event(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        new_app(engine)
        services, viewer = services_on(engine, tmp_path, NOW)
        shown = str(page(viewer, ViewState(), "", services))
    assert re.search(r"EMPTY_APP: 'empty-app'>, className='lvd-state', hidden=False", shown)
    assert "lvd key create --app app-" in shown
    assert "lvd send -" in shown
    assert all(flag in shown for flag in ("--data-dir", "LVD_DATABASE_URL", "--target"))


def test_apps_out_of_reach_are_not_offered(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        hidden, seen = new_app(engine), new_app(engine)
        viewer = services_on(engine, tmp_path, NOW, frozenset({seen}))[1]
        assert [app.app_id for app in viewer.apps()] == [seen]
        title, _ = filled(viewer, {"app_id": hidden, "seq": 1})
        assert title == "Not found"


def test_a_drawer_shows_the_event_and_a_rejected_one_as_text(database: str, tmp_path: Path) -> None:
    with engine_of(database) as engine:
        app_id = new_app(engine)
        event = new_event(
            "e-1", None, payload={"total": "12", "note": "![x](http://e.test/x.png)"}, verdict=Verdict.INVALID
        )
        rejection = Rejection(1, "payload_not_json", "the payload is no JSON", "Order Completed", RAW)
        with writer_on(engine) as writer:
            writer.write([submission(app_id, [event], rejections=[rejection])])
        viewer = services_on(engine, tmp_path, NOW)[1]
        title, body = filled(viewer, {"app_id": app_id, "seq": 1})
        assert title == "Order Completed"
        shown = str(body)
        assert "/total: expected number" in shown
        assert "![x](http://e.test/x.png)" in shown
        assert "Markdown" not in shown

        row = viewer.reader.rejected(app_id, from_query({}).custom, None, 10).rows[0]
        opened = {"app_id": app_id, "day": str(row.day), "sha256": row.sha256, "reason": row.reason}
        title, body = filled(viewer, opened)
        assert title == "Rejected: payload_not_json"
        assert "Order Completed\\\\xff<script>alert(1)</script>" in str(body)


@pytest.mark.parametrize(
    "opened",
    [
        {},
        {"app_id": 1},
        {"app_id": "1", "seq": "1"},
        {"app_id": 1, "seq": 1},
        {"app_id": 1, "day": "today", "sha256": "x", "reason": "y"},
    ],
)
def test_what_does_not_exist_is_said_to(viewer: Viewer, opened: dict[str, object]) -> None:
    title, _ = filled(viewer, opened)
    assert title == "Not found"
