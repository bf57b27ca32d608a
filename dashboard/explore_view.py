"""The page Explore as its URL words it: which app, range and filters; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dashboard import property_text
from dashboard.address_faults import moment_faults, range_faults
from dashboard.filters import MAX_VALUE_CHARS, MAX_VALUES, BadFilter, status_words
from dashboard.query import Query, many, one, texts
from dashboard.time_ranges import DEFAULT_HISTORY, EXAMPLES, TimeRange, is_range
from dashboard.view_state import Order, minute_of
from storage.readers import MAX_PROPERTIES, Filters
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind


class Field(StrEnum):
    """What can be filtered by, beside properties of the payload."""

    NAME = "name"
    STATUS = "status"
    KIND = "kind"
    PATH = "path"
    SUBJECT = "subject"
    RUN = "run"
    SOURCE = "source"
    VERSION = "version"
    ENVIRONMENT = "environment"
    PLATFORM = "platform"
    SDK = "sdk"


#: Behind a field's name in URLs: none of these values.
NOT = "_not"
#: The key of properties in URLs.
WHERE = "where"

#: Filters of the reader by field; each has a twin with the suffix NOT.
_READER: Mapping[Field, str] = {
    Field.NAME: "names",
    Field.STATUS: "statuses",
    Field.KIND: "kinds",
    Field.PATH: "paths",
    Field.SUBJECT: "subjects",
    Field.RUN: "run_ids",
    Field.SOURCE: "source_ids",
    Field.VERSION: "app_versions",
    Field.ENVIRONMENT: "environments",
    Field.PLATFORM: "platforms",
    Field.SDK: "sdks",
}
#: Largest id of a source.
_MAX_ID = 2**31 - 1

Values = Mapping[Field, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: each field has one of its values and none of the unwanted ones."""

    values: Values = field(default_factory=dict)
    unwanted: Values = field(default_factory=dict)
    #: Texts of dashboard.property_text; each is met.
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExploreView:
    """What a URL of the page says. Wrong ranges fall back, wrong filters stay; the page tells both."""

    app: str | None = None
    range_key: str = DEFAULT_HISTORY
    custom: TimeRange = field(default_factory=TimeRange)
    wanted: Wanted = field(default_factory=Wanted)
    order: Order = Order.NEWEST
    #: What it says wrongly of the range, in sentences.
    faults: tuple[str, ...] = ()


def from_query(query: Query) -> ExploreView:
    """The view that a URL's query names; repeated keys come as lists."""
    range_key = one(query, "range")
    custom = TimeRange(start=minute_of(one(query, "from")), end=minute_of(one(query, "to")))
    return ExploreView(
        app=one(query, "app") or None,
        range_key=range_key if is_range(range_key) else DEFAULT_HISTORY,
        custom=custom,
        wanted=Wanted(
            {found: values for found in Field if (values := texts(query, found))},
            {found: values for found in Field if (values := texts(query, found + NOT))},
            tuple(text[: property_text.MAX_CHARS] for text in many(query, WHERE)),
        ),
        order=Order.OLDEST if one(query, "order") == Order.OLDEST else Order.NEWEST,
        faults=(
            *range_faults(query, is_range, DEFAULT_HISTORY, EXAMPLES),
            *moment_faults(query, custom),
        ),
    )


def to_reader(wanted: Wanted, span: TimeRange) -> Filters:
    """The reader's filters; raises BadFilter."""
    if len(wanted.where) > MAX_PROPERTIES:
        raise BadFilter(f"at most {MAX_PROPERTIES} properties can be filtered by, not {len(wanted.where)}")
    chosen: dict[str, Any] = {
        _READER[found] + suffix: _parsed(found, values)
        for suffix, part in (("", wanted.values), (NOT, wanted.unwanted))
        for found, values in part.items()
    }
    properties = tuple(property_text.parse(text) for text in wanted.where)
    return Filters(**chosen, properties=properties, start=span.start, end=span.end)


def _parsed(found: Field, values: Sequence[str]) -> tuple[Any, ...]:
    if len(values) > MAX_VALUES:
        raise BadFilter(f"{found}: at most {MAX_VALUES} values, not {len(values)}")
    if any(len(value) > MAX_VALUE_CHARS or "\0" in value for value in values):
        raise BadFilter(f"{found}: a value has at most {MAX_VALUE_CHARS} characters and no NUL character")
    return tuple(dict.fromkeys(map(_PARSERS.get(found, str), values)))


def _status(word: str) -> Verdict:
    if word not in status_words():
        raise BadFilter(f"status {word[:40]!r} cannot be filtered by; it may be {', '.join(status_words())}")
    return Verdict[word.upper()]


def _kind(word: str) -> Kind:
    if word not in set(Kind):
        raise BadFilter(f"kind {word[:40]!r} is none: it may be {', '.join(Kind)}")
    return Kind(word)


def _source(number: str) -> int:
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= _MAX_ID):
        raise BadFilter(f"source {number[:40]!r} is none: sources are chosen by their number")
    return int(number)


_PARSERS: Mapping[Field, Callable[[str], Any]] = {
    Field.STATUS: _status,
    Field.KIND: _kind,
    Field.SOURCE: _source,
}
