"""Every route of the dashboard, asked what no page asks: answered in words, never by SQL's or Python's."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import Engine, ExceptionContext, event
from werkzeug.test import TestResponse

from dashboard import links
from dashboard.api import exports, routes
from dashboard.ids import Ids
from storage.model import Rejection
from storage.plans import PlanStore
from tests.support.dashboards import Only, dashboard_on
from tests.support.events import new_event, submission
from tests.support.page_requests import NAME, PLAN, explore_view, page_requests, tampered
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

#: Of an app that the viewer may not see.
SECRET = "Secret event"
_CALLBACK = "/_dash-update-component"
_INTERNALS = ("SELECT", "psycopg", "Traceback", "pydantic", "sqlalchemy", 'File "')
_DEEP = json.loads("[" * 300 + "]" * 300)
#: Of wrong types, beyond every limit, or of another language.
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    10**400,
    float("nan"),
    float("inf"),
    "",
    "'; DROP TABLE event; --",
    "%\\_",
    "\0",
    "\ud800",
    "9" * 5_000,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1969-12-31T00:00:00Z",
    [],
    ["\0"],
    ["x"] * 10_000,
    {},
    {"$ne": 1},
    _DEEP,
    # Tokens of a grid's view.
    "1.99999999999999999999.1.5..",
    "1.5.1.99999999999999999999999..",
    "1.-5.-1.-1.99999999999.1",
)


@dataclass(frozen=True)
class Site:
    """A dashboard that shows one of two apps, and the errors that its database told."""

    app: Dash
    app_id: int
    hidden_id: int
    sql_errors: list[str]

    @property
    def client(self) -> FlaskClient:
        made: FlaskClient = self.app.server.test_client()
        return made

    def post(self, route: str, body: Any, content_type: str = "application/json") -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(route, data=data, content_type=content_type)

    def requests(self) -> dict[str, list[dict[str, Any]]]:
        view = explore_view(self.app_id)
        token = self.post(routes.EXPLORE_ROWS, {"view": view, "limit": 1}).get_json()["token"]
        order = {"view": view, "token": token, "format": "csv"}
        return page_requests(self.app_id, token, self.post(exports.EXPORT, order).get_json()["id"])

    def check(self, answer: TestResponse, what: Any, statuses: frozenset[int]) -> None:
        """It has one of the statuses, says why in words, and neither SQL nor Python spoke."""
        said, spoke = answer.get_data(as_text=True), self.sql_errors.copy()
        self.sql_errors.clear()
        told = f"{str(what)[:300]}: {answer.status_code} {said[:300]} {spoke}"
        assert answer.status_code in statuses, told
        assert not spoke, told
        assert SECRET not in said, told
        if answer.status_code >= 400:
            assert answer.get_json()["message"], told
            assert not any(word in said for word in _INTERNALS), told


def _store(engine: Engine, name: str) -> int:
    app_id = new_app(engine)
    PlanStore(engine).push(app_id, dict(PLAN))
    events = [new_event(f"e{number}", None, name=name, verdict=Verdict.INVALID) for number in range(5)]
    rejection = Rejection(9, "payload_not_json", "it is no JSON", name, b"raw")
    with writer_on(engine) as writer:
        writer.write([submission(app_id, events, rejections=[rejection], plan_version=1)])
    return app_id


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    told: list[str] = []

    def note(context: ExceptionContext) -> None:
        told.append(str(context.original_exception))

    with engine_of(module_database) as engine:
        app_id, hidden_id = _store(engine, NAME), _store(engine, SECRET)
        event.listen(engine, "handle_error", note)
        app = dashboard_on(engine, tmp_path_factory.mktemp("cache"), access=Only(app_id))
        yield Site(app, app_id, hidden_id, told)


REFUSED = frozenset({400})
#: What a request may be answered that is wrong in one place, or that means something in spite of it.
ANSWERED = frozenset({200, 400, 403, 404, 409})
ROUTES = tuple(page_requests(1, None, ""))


def test_every_route_has_its_requests_here(site: Site) -> None:
    posted = {rule.rule for rule in site.app.server.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posted - {_CALLBACK, "/api/<path:rest>"} == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_wrong_in_any_place_is_refused_in_words(site: Site, route: str) -> None:
    for body in site.requests()[route]:
        site.check(site.post(route, body), body, frozenset({200}))
        for wrong in tampered(body, HOSTILE):
            site.check(site.post(route, wrong), wrong, ANSWERED)
        site.check(site.post(route, {**body, "orderBy": "payload"}), "an unknown key", REFUSED)


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_no_json_object_is_refused_in_words(site: Site, route: str) -> None:
    (body, *_) = site.requests()[route]
    good = json.dumps(body).encode()
    for wrong in (b"", b"{", b"null", b"1", b"[]", b'"x"', b"\xff", good[:-1], b"[" * 100_000, good + good):
        site.check(site.post(route, wrong), wrong[:50], REFUSED)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        site.check(site.post(route, good, kind), kind, REFUSED)
    site.check(site.post(route, b'{"x": "' + b"x" * 9_000_000 + b'"}'), "a large body", REFUSED | {413})
    site.check(site.client.get(route), "GET", frozenset({404, 405}))


@pytest.mark.parametrize("route", ROUTES)
def test_another_app_does_not_exist(site: Site, route: str) -> None:
    hidden = json.dumps(site.requests()[route]).replace(
        f'"app_id": {site.app_id}', f'"app_id": {site.hidden_id}'
    )
    for body in json.loads(hidden):
        statuses = frozenset({404 if '"app_id"' in hidden else 200})
        site.check(site.post(route, body), body, statuses)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/nowhere", 404),
        ("/api/export/%00", 404),
        ("/api/export/..%2f..%2fetc%2fpasswd", 404),
        (f"/api/export/{'x' * 300}", 404),
        (f"{links.REJECTED_EXPORT}?app_id=1&form=csv&range_key=all&range_key='", 200),
        (f"{links.REJECTED_EXPORT}?app_id=NaN&form=csv&range_key=all", 400),
        (f"{links.REJECTED_EXPORT}?app_id=1&form=csv&range_key=all&reason=%00", 400),
        (f"{links.REJECTED_EXPORT}?app_id=1&form=csv&range_key=all&{'reason=x&' * 60}", 400),
        (f"{links.REJECTED_EXPORT}?app_id=2&form=csv&range_key=all", 404),
        (f"{links.REJECTED_EXPORT}?app_id=1&form=csv&range_key=all&reason=%ff", 400),
        ("/_dash-component-suites/evil/x.js", 404),
        ("/_dash-component-suites/dash/..%2f..%2f..%2fetc/passwd", 404),
        ("/_dash-component-suites/dash/dash.py", 404),
    ],
)
def test_a_tampered_address_is_refused_in_words(site: Site, address: str, status: int) -> None:
    site.check(site.client.get(address), address, frozenset({status}))


def _call(values: dict[str, Any], *outputs: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A call of a callback of the server as Dash's renderer makes it; `values` by `id.property`."""
    ids = [{"id": id_, "property": prop} for id_, prop in outputs]
    inputs = [
        dict(zip(("id", "property"), key.split("."), strict=True), value=value)
        for key, value in values.items()
    ]
    output = "..{}..".format("...".join(f"{id_}.{prop}" for id_, prop in outputs))
    return {"output": output, "outputs": ids, "inputs": inputs, "changedPropIds": list(values), **more}


def _opening(opened: Any, **more: Any) -> dict[str, Any]:
    outputs = ((Ids.DRAWER_TITLE.value, "children"), (Ids.DRAWER_BODY.value, "children"))
    return _call({f"{Ids.OPENED.value}.data": opened}, *outputs, **more)


def _going(path: Any, search: Any) -> dict[str, Any]:
    values = {"_pages_location.pathname": path, "_pages_location.search": search}
    return _call(values, ("_pages_content", "children"), ("_pages_store", "data"))


def test_every_callback_of_the_server_is_called_here(site: Site) -> None:
    site.client.get("/live")
    called = {_opening(None)["output"], _going("/", "")["output"]}
    assert {key for key, found in site.app.callback_map.items() if "callback" in found} == called


def test_calls_of_callbacks_wrong_in_any_place_are_refused_in_words(site: Site) -> None:
    rejected = {"app_id": site.app_id, "day": "2026-11-22", "sha256": "a" * 64, "reason": "payload_not_json"}
    for opened in ({"app_id": site.app_id, "seq": 1}, rejected):
        good = _opening(opened)
        site.check(site.post(_CALLBACK, good), good, frozenset({200}))
        for wrong in tampered(good, HOSTILE):
            site.check(site.post(_CALLBACK, wrong), wrong, frozenset({200, 204, 400}))
    assert SECRET not in site.post(_CALLBACK, _opening({"app_id": site.hidden_id, "seq": 1})).text
    opened = {"app_id": site.app_id, "seq": 1}
    for wrong in (
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        _opening(opened, output="evil.children"),
        _opening(opened, outputs=[]),
        _opening(opened, outputs=[{"id": "evil", "property": "children"}] * 2),
        _opening(opened, inputs=[]),
        _opening(opened, inputs=_opening(opened)["inputs"] * 3),
        _opening(opened, inputs=[{"id": "evil", "property": "data", "value": opened}]),
        _opening(opened, state=[1]),
        _opening([opened]),
        _opening("x"),
        _going(1, ""),
        _going("", ""),
        _going("/live", 1),
        _going("/live", ["?app=x"]),
        {key: value for key, value in _opening(opened).items() if key != "inputs"},
    ):
        site.check(site.post(_CALLBACK, wrong), wrong, REFUSED)
    site.check(site.post(_CALLBACK, _opening(opened), "text/plain"), "text/plain", REFUSED)


#: What the pages' addresses hold.
_KEYS = (
    *(
        "app",
        "range",
        "from",
        "to",
        "name",
        "status",
        "subject",
        "run",
        "order",
        "tab",
        "event",
        "open",
        "where",
    ),
    *("kind", "path", "source", "state", "sort", "reason", "version", "draft", "as", "search"),
)
_QUERIES = (
    *(
        urlencode(dict.fromkeys(_KEYS, value))
        for value in (
            "",
            "\0",
            "-1",
            "9" * 400,
            "'; DROP TABLE event; --",
            "%",
            "x" * 5_000,
            "custom",
            "9999w",
        )
    ),
    "&".join(f"{key}={number}" for key in _KEYS for number in range(120)),
    "range=custom&from=0001-01-01T00:00%2B14:00&to=9999-12-31T23:59-14:00",
    "app=%ED%A0%80&name=%ff",
    "&=&",
)


@pytest.mark.parametrize(
    "path", ["/", "/live", "/explore", "/issues", "/coverage", "/plan", "/rejected", "/system"]
)
def test_a_tampered_query_falls_back_to_what_a_page_can_show(site: Site, path: str) -> None:
    for query in _QUERIES:
        site.check(site.post(_CALLBACK, _going(path, f"?{query}")), query, frozenset({200}))
