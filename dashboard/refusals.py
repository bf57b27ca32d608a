"""Requests that no page makes: refused in words, where Dash and Flask have HTML or a 500 for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from dash import Dash, Output
from dash.exceptions import DependencyException
from flask import Flask, Response, request
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError
from werkzeug.exceptions import HTTPException, NotFound

from dashboard.api.answers import as_json, in_words
from dashboard.ids import Ids

_API = "/api/"
_CALLBACK = "/_dash-update-component"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_Path = Annotated[str, StringConstraints(pattern="^/")]
#: What callbacks of the server are called with, by component and property.
_VALUES: Mapping[tuple[str, str], TypeAdapter[Any]] = {
    (Ids.OPENED.value, "data"): TypeAdapter(dict[str, Any] | None),
    ("_pages_location", "pathname"): TypeAdapter(_Path | None),
    ("_pages_location", "search"): TypeAdapter(str | None),
}


class _Property(BaseModel):
    id: str
    name: str = Field(alias="property")
    value: Any = None

    @property
    def place(self) -> tuple[str, str]:
        return self.id, self.name


class _Call(BaseModel):
    """A call of a callback, as Dash's renderer makes it."""

    output: str
    #: A callback of one output names it alone, and not in a list.
    outputs: list[_Property] | _Property
    inputs: list[_Property]
    state: list[_Property] = Field(default_factory=list)
    changed: list[str] = Field(alias="changedPropIds")


def refuse(app: Dash) -> None:
    """Adds the refusals to the app's server."""
    server: Flask = app.server
    server.register_error_handler(HTTPException, _worded)
    server.register_error_handler(DependencyException, lambda _: _worded(NotFound("There is no such file.")))
    server.add_url_rule(f"{_API}<path:rest>", f"{_API}<path:rest>", _no_route, methods=_METHODS)
    server.before_request(lambda: _refused_call(app) if request.path == _CALLBACK else None)


def _no_route(rest: str) -> Response:
    return as_json({"error": "not_found", "message": f"{_API}{rest} is not asked by {request.method}"}, 404)


def _worded(error: HTTPException) -> Response | HTTPException:
    """As the page's scripts read it where they ask; what a person opens stays as it is."""
    if request.method == "GET" and not request.path.startswith(("/api/", "/_dash-")):
        return error
    code = error.name.lower().replace(" ", "_")
    answer = as_json({"error": code, "message": error.description}, error.code or 500)
    # Such as Allow, by which a 405 tells the methods that there are.
    answer.headers.extend((name, value) for name, value in error.get_headers() if name not in answer.headers)
    return answer


def _refused_call(app: Dash) -> Response | None:
    """What is wrong with a call of a callback; None: Dash may answer it."""
    if request.mimetype != "application/json":
        return _bad("the request's Content-Type must be application/json")
    try:
        call = _Call.model_validate_json(request.get_data())
        for given in call.inputs:
            _VALUES[given.place].validate_python(given.value)
    except ValidationError as error:
        return _bad(in_words(error))
    except KeyError:
        return _bad("inputs: no callback of the server has such an input")
    return None if _is_known(app, call) else _bad("output: the server has no such callback")


def _is_known(app: Dash, call: _Call) -> bool:
    """Whether it names a callback of the server, with its own outputs, inputs and states."""
    known = app.callback_map.get(call.output, {})
    return (
        "callback" in known
        and _places(call.outputs) == _outputs(known["output"])
        and _places(call.inputs) == _inputs(known["inputs"])
        and _places(call.state) == _inputs(known["state"])
    )


def _places(given: list[_Property] | _Property) -> Any:
    return [each.place for each in given] if isinstance(given, list) else given.place


def _outputs(known: Sequence[Output] | Output) -> Any:
    """As `_places`: Dash knows several as a list, and one by itself."""
    if isinstance(known, Output):
        return known.component_id_str(), known.component_property
    return [_outputs(each) for each in known]


def _inputs(known: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    return [(str(each["id"]), each["property"]) for each in known]


def _bad(message: str) -> Response:
    return as_json({"error": "bad_request", "message": message}, 400)
