"""The two questions that cost most, asked over HTTP as a page asks them, without a browser."""

from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from threading import Event
from typing import Any

import orjson

from benchmarks.servers import Dashboard
from benchmarks.viewing.connection import AnswerFailed
from dashboard.api.exports import EXPORT
from dashboard.api.routes import EXPLORE_ROWS

#: Longer than any answer, in seconds.
_PATIENCE = 120
_CHUNK = 1 << 16


def search(page: Dashboard, app_id: int, value: str) -> int:
    """Looks into every payload, from the newest, for a property that none has, until the dashboard's time for
    it is over; how many events it looked into. For a value that was asked before the dashboard may know the
    answer. Raises AnswerFailed, OSError."""
    view = {"app_id": app_id, "range_key": "all", "where": [f"/nothing = {value}"]}
    found = _ask(page, EXPLORE_ROWS, {"view": view, "limit": 100})
    return int(found["seq"] - (found["after"] - 1 if found["stopped"] else 0))


def export(page: Dashboard, app_id: int, *, over: Event | None = None) -> int:
    """Fetches a file of all events of an app, or what of it came until it was `over`; its bytes.

    Raises AnswerFailed, OSError.
    """
    view = {"app_id": app_id, "range_key": "all"}
    token = _ask(page, EXPLORE_ROWS, {"view": view, "limit": 1})["token"]
    address = _ask(page, EXPORT, {"view": view, "token": token, "format": "csv"})["address"]
    with closing(HTTPConnection(page.host, page.port, timeout=_PATIENCE)) as connection:
        connection.request("GET", address)
        answer = _checked(connection.getresponse())
        return sum(iter(lambda: 0 if over and over.is_set() else len(answer.read(_CHUNK)), 0))


def _ask(page: Dashboard, path: str, body: dict[str, Any]) -> dict[str, Any]:
    with closing(HTTPConnection(page.host, page.port, timeout=_PATIENCE)) as connection:
        connection.request("POST", path, orjson.dumps(body), {"Content-Type": "application/json"})
        found: dict[str, Any] = orjson.loads(_checked(connection.getresponse()).read())
        return found


def _checked(answer: HTTPResponse) -> HTTPResponse:
    if answer.status != 200:
        raise AnswerFailed(f"HTTP {answer.status}: {answer.read(200).decode(errors='replace')}")
    return answer
