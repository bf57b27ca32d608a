"""A property of the payload and what it must be, as people write it: `/total > 100`; pure."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from dashboard.filters import BadFilter
from storage.readers import Comparison, Property, Scalar

#: Longest such text, in characters.
MAX_CHARS = 500

#: A JSON Pointer, in quotes where it holds a comparison itself; then the comparison, and the rest.
_PARTS = re.compile(
    r'\s*(?P<path>"(?:[^"\\]|\\.)*"|/.*?)\s*(?:(?P<sign>!=|>=|<=|=|>|<)|\s(?P<list>in)\s)\s*(?P<values>.+?)\s*',
    re.DOTALL,
)
#: No text without quotes begins with these: they are the rest of a sign that there is not (`==`, `<>`), or
#: quotes of another kind.
_OF_SIGNS = tuple("=<>'")
_HOW = 'write it like /total > 100, /currency = "EUR" or /currency in "EUR", "USD"'


def parse(text: str) -> Property:
    """The property that the text asks for; raises BadFilter."""
    found = _PARTS.fullmatch(text) if len(text) <= MAX_CHARS else None
    if found is None:
        raise BadFilter(f"property {text[:60]!r} cannot be read: {_HOW}")
    comparison = Comparison.IS if found["list"] else Comparison(found["sign"])
    values = _listed(found["values"]) if found["list"] else (_value(found["values"]),)
    return Property(_steps(found["path"]), comparison, values)


def _steps(path: str) -> tuple[str, ...]:
    """Of a JSON Pointer (RFC 6901), unescaped."""
    pointer = _json(path) if path.startswith('"') else path
    if not isinstance(pointer, str) or not pointer.startswith("/") or re.search("~(?![01])", pointer):
        raise BadFilter(f"property {path[:60]!r} is no path: it begins with /, like /items/0/price")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def _listed(text: str) -> tuple[Scalar, ...]:
    """`"EUR", "USD"`, also in brackets, also without quotes."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return tuple(_scalars(_json(f"[{inner}]")))
    except ValueError:
        return tuple(_value(part.strip()) for part in inner.split(","))


def _value(text: str) -> Scalar:
    """A JSON value; what is none is a text without its quotes."""
    try:
        (value,) = _scalars([_json(text)])
    except json.JSONDecodeError:
        if '"' in text or not text or text.startswith(_OF_SIGNS):
            raise BadFilter(f"value {text[:60]!r} cannot be read: {_HOW}") from None
        return text
    return value


def _scalars(values: Iterable[Any]) -> Iterable[Scalar]:
    for value in values:
        if isinstance(value, (dict, list)):
            raise BadFilter(f"a property is compared with a number, a text, true, false or null: {_HOW}")
        yield value


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except ArithmeticError:
        raise BadFilter("a property is compared with a number that no event can hold") from None


def _no_number(name: str) -> Any:
    raise BadFilter(f"{name} is no JSON number")
