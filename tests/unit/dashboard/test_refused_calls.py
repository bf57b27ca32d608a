"""Calls of callbacks: those that the page makes pass, others are refused in words."""

from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash, Input, Output, html
from flask.testing import FlaskClient

from dashboard.refusals import refuse

_INPUT = {"id": "_pages_location", "property": "pathname", "value": "/live"}
_ONE = {"id": "one", "property": "children"}
_OTHER = {"id": "other", "property": "children"}


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    """Of an app with a callback of one output, and one of two."""
    app = Dash("dashboard", use_async=False, suppress_callback_exceptions=True)
    app.layout = html.Div()
    page = Input("_pages_location", "pathname")
    app.callback(Output("one", "children"), page)(lambda path: path)
    app.callback([Output("one", "title"), Output("other", "title")], page)(lambda path: (path, path))
    refuse(app)
    with app.server.test_client() as made:
        yield made


def call(output: str, outputs: Any) -> dict[str, Any]:
    changed = ["_pages_location.pathname"]
    return {"output": output, "outputs": outputs, "inputs": [_INPUT], "changedPropIds": changed}


def titles(*ids: str) -> list[dict[str, str]]:
    return [{"id": each, "property": "title"} for each in ids]


@pytest.mark.parametrize(
    ("output", "outputs", "status"),
    [
        ("one.children", _ONE, 200),
        ("..one.title...other.title..", titles("one", "other"), 200),
        ("one.children", _OTHER, 400),
        ("one.children", [_ONE], 400),
        ("one.children", [], 400),
        ("other.children", _OTHER, 400),
        ("..one.title...other.title..", titles("one")[0], 400),
        ("..one.title...other.title..", titles("other", "one"), 400),
        ("..one.title...other.title..", titles("one"), 400),
    ],
)
def test_a_call_passes_with_the_callbacks_own_outputs_only(
    client: FlaskClient, output: str, outputs: Any, status: int
) -> None:
    answer = client.post("/_dash-update-component", json=call(output, outputs))
    assert answer.status_code == status
    if status == 400:
        assert answer.json == {"error": "bad_request", "message": "output: the server has no such callback"}
