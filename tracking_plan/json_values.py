"""JSON values as the room's other modules name, point at and show them."""

import json
from collections.abc import Iterable
from typing import Any

import orjson

from tracking_plan.violation import MAX_VALUE_CHARS

#: Deepest payload that can be judged: the validator copies values only down to 255 levels, and
#: orjson, which writes the canonical payload, stops at 254.
MAX_DEPTH = 250
#: Longest value inside `received`, in characters; the whole value stands in the violation's `value`.
_MAX_WORD_CHARS = 60

#: Names and indices from the root down.
Path = tuple[str | int, ...]

_TYPE_NAMES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
}


class PayloadError(ValueError):
    """A payload cannot be judged: it holds something that JSON has no word for."""

    def __init__(
        self, message: str = "The payload is not JSON: it holds a value or key that JSON cannot express."
    ) -> None:
        super().__init__(message)


class PayloadTooDeepError(PayloadError):
    """A payload is nested deeper than MAX_DEPTH levels."""

    def __init__(self) -> None:
        super().__init__(
            f"The payload is nested more than {MAX_DEPTH} levels deep; flatten it before sending."
        )


def unjudgeable(payload: object) -> PayloadError:
    """The error for a payload that the validator refuses."""
    return PayloadTooDeepError() if exceeds_depth(payload) else PayloadError()


class _Missing:
    """Marks a place at which a payload has no value (None is JSON's null)."""


MISSING = _Missing()


def json_type(value: object) -> str:
    """JSON type of a parsed value; `integer` for an int, `number` for a float (also for 1.0)."""
    return type_name(type(value))


def type_name(python_type: type) -> str:
    """JSON type for a type that orjson makes."""
    return _TYPE_NAMES[python_type]


def pointer_token(segment: str | int) -> str:
    """One step of a JSON Pointer, escaped as RFC 6901 §3 asks."""
    return str(segment).replace("~", "~0").replace("/", "~1")


def pointer(segments: Iterable[str | int]) -> str:
    """JSON Pointer (RFC 6901) of a path; "" is the root."""
    return "".join(f"/{pointer_token(segment)}" for segment in segments)


def pointer_segments(text: str) -> list[str]:
    """Unescaped steps of a JSON Pointer; the inverse of `pointer` but for array indices, which stay text."""
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def value_at(value: Any, segments: Iterable[str | int]) -> Any:
    """The value under a path, or MISSING."""
    for segment in segments:
        if isinstance(value, dict):
            value = value.get(segment, MISSING)
        elif isinstance(value, list) and isinstance(segment, int):
            value = value[segment] if segment < len(value) else MISSING
        else:
            return MISSING
    return value


def json_text(value: object, max_chars: int = MAX_VALUE_CHARS) -> str:
    """A value as JSON, cut at `max_chars` characters (the last one is then `…`); "" for MISSING."""
    if value is MISSING:
        return ""
    if isinstance(value, str):
        # Every character of a string is at least one of its JSON text: the rest cannot be shown.
        value = value[:max_chars]
    return cut(as_json(value), max_chars)


def as_json(value: object) -> str:
    """The whole value as JSON."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return _slow_dumps(value)


def _slow_dumps(value: object) -> str:
    """For what orjson refuses: integers beyond 64 bits, lone surrogates, more than 254 levels."""
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return f"({json_type(value)})"


def cut(text: str, max_chars: int) -> str:
    """`text`, or its beginning and `…`, in at most `max_chars` characters."""
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}…"


def same_json(one: object, other: object) -> bool:
    """Whether two JSON values are equal; Python alone takes true for 1, and 1.0 for 1."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def received_words(value: object, text: str) -> str:
    """What came, in short: `missing`, `null`, `string "12"`, `integer 3`, `object`, `array of 2`.

    `text` is the value's `json_text`.
    """
    if value is MISSING:
        return "missing"
    if isinstance(value, list):
        return f"array of {len(value)}"
    kind = json_type(value)
    return kind if value is None or kind == "object" else f"{kind} {cut(text, _MAX_WORD_CHARS)}"


def exceeds_depth(value: object, limit: int = MAX_DEPTH) -> bool:
    """Whether containers are nested more than `limit` levels deep. Needs no stack of its own."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True
