"""Answers of the data routes: JSON, and one table from errors to statuses."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from dash.development.base_component import Component
from flask import Request, Response
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard import formats
from dashboard.access import NotAllowed
from dashboard.filters import BadFilter
from dashboard.services import ZONE_COOKIE, Services, cookie, zone_of
from storage.errors import BadRequest, Conflict, NotFound, Unavailable
from storage.readers import Gap
from tracking_plan.problems import PlanError

M = TypeVar("M", bound=BaseModel)

#: What a request that went wrong is answered, by the error's type; the first that matches decides.
STATUS_BY_ERROR: tuple[tuple[type[Exception], int, str], ...] = (
    (Gap, 409, "gap"),
    (BadFilter, 400, "bad_request"),
    (BadRequest, 400, "bad_request"),
    (ValidationError, 400, "bad_request"),
    (PlanError, 400, "unusable_plan"),
    (NotAllowed, 403, "not_allowed"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (RequestEntityTooLarge, 413, "too_large"),
    (Unavailable, 503, "database_unavailable"),
)
#: Most problems that one message names.
_MOST_PROBLEMS = 3


class WrongContentType(BadRequest):
    """The body is not declared as JSON: no plain form of another site can make such a request."""


def as_json(body: Any, status: int = 200) -> Response:
    """A JSON answer that nobody keeps."""
    answer = Response(orjson.dumps(body, as_dash_does), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def as_dash_does(value: object) -> Any:
    """Components in an answer, as Dash serialises them."""
    if isinstance(value, Component):
        return value.to_plotly_json()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def asked(request: Request, schema: type[M]) -> M:
    """The request's body as `schema`; raises ValidationError or WrongContentType."""
    if request.mimetype != "application/json":
        raise WrongContentType("the request's Content-Type must be application/json")
    return schema.model_validate_json(request.get_data())


def answered(services: Services, request: Request, answer: Callable[[], Any]) -> Response:
    """The answer as JSON, or what went wrong as the table words it; other errors are passed on."""
    return streamed(services, request, lambda: as_json(answer()))


def streamed(services: Services, request: Request, answer: Callable[[], Response]) -> Response:
    """The answer as it is, or what went wrong before it began as the table words it."""
    try:
        return answer()
    except tuple(kind for kind, _, _ in STATUS_BY_ERROR) as error:
        status, code = next((s, c) for kind, s, c in STATUS_BY_ERROR if isinstance(error, kind))
        return as_json({"error": code, "message": _message(services, request, error)}, status)


def _message(services: Services, request: Request, error: Exception) -> str:
    if isinstance(error, Unavailable):
        return away_message(services, request)
    if isinstance(error, RequestEntityTooLarge):
        return f"a request has at most {request.max_content_length:,} bytes"
    if isinstance(error, PlanError):
        return "\n".join(str(problem) for problem in error.problems[:_MOST_PROBLEMS])
    return in_words(error) if isinstance(error, ValidationError) else str(error)


def in_words(error: ValidationError) -> str:
    """Where a request is wrong, and how."""
    problems = error.errors(include_input=False, include_url=False)
    return "; ".join(_problem(problem) for problem in problems[:_MOST_PROBLEMS])


def _problem(problem: ErrorDetails) -> str:
    """A BadFilter says itself what is wrong; others follow the place that they are about."""
    own = problem.get("ctx", {}).get("error")
    if isinstance(own, BadFilter):
        return str(own)
    # Pydantic begins the message of a validator's own error with the error's kind.
    what = own if isinstance(own, ValueError) else problem["msg"]
    return f"{'.'.join(map(str, problem['loc'])) or 'body'}: {what}"


def away_message(services: Services, request: Request) -> str:
    """Since when the database is away, in the viewer's time."""
    since = services.health.away_since
    zone = zone_of(cookie(request, ZONE_COOKIE))
    return f"Database not reachable since {formats.clock(since, zone)}" if since else "Database not reachable"
