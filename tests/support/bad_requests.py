"""Messages, plans and requests that nobody should send, and what each is answered.

docs/bad-input.md shows these tables; tests/integration/test_bad_requests.py sends them, and keeps the docs
equal. The events' table is in bad_input.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import grpc

from dashboard.api.routes import EVENT, EXPLORE, EXPLORE_ROWS, FEED, ISSUES, PLAN, PLAN_SAVE, REJECTED, ROWS
from tests.support.bad_input import event
from tests.support.bad_input import field as message_field

_INVALID, _EXHAUSTED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED
_UNKNOWN_KEY = grpc.StatusCode.UNAUTHENTICATED
#: Of an app, as every request names one; the tests put a real one in its place.
APP = 0


@dataclass(frozen=True)
class Message:
    """What a producer sends as one message of a stream."""

    what: str
    raw: bytes
    code: grpc.StatusCode
    #: A part of what the producer is told.
    words: str


MESSAGES = (
    Message("random bytes", b"\xff\xfe", _INVALID, "livevalidation.v1.EventBatch"),
    Message("a length beyond the end", b"\x12\x7fcut off", _INVALID, "livevalidation.v1.EventBatch"),
    Message("groups nested 1,000 levels deep", b"\x0b" * 1_000, _INVALID, "livevalidation.v1.EventBatch"),
    Message("cut off", message_field(2, event())[:-1], _INVALID, "livevalidation.v1.EventBatch"),
    Message("a group that is not closed", b"\x13", _INVALID, "livevalidation.v1.EventBatch"),
    Message("field number 0", b"\x00\x01", _INVALID, "livevalidation.v1.EventBatch"),
    Message("JSON instead of protobuf", b'{"events":[]}', _INVALID, "livevalidation.v1.EventBatch"),
    Message("5,001 events", b"\x12\x00" * 5_001, _INVALID, "holds 5001 events, at most 5000"),
    Message("2,000,000 empty events", b"\x12\x00" * 2_000_000, _INVALID, "holds 2000000 events"),
    Message("4 MiB and a byte", b"x" * (4 * 1024 * 1024 + 1), _EXHAUSTED, "at most 4194304"),
    Message("more than 8 MiB", b"x" * (8 * 1024 * 1024 + 1), _EXHAUSTED, "larger than max"),
)


@dataclass(frozen=True)
class Call:
    """The metadata of a call."""

    what: str
    metadata: tuple[tuple[str, str], ...]
    code: grpc.StatusCode
    words: str


_NO_KEY = "lvd key list"
CALLS = (
    Call("no key", (), _UNKNOWN_KEY, _NO_KEY),
    Call("`Bearer` without a key", (("authorization", "Bearer"),), _UNKNOWN_KEY, _NO_KEY),
    Call("a scheme other than Bearer", (("authorization", "Basic abc"),), _UNKNOWN_KEY, _NO_KEY),
    Call(
        "an unknown key",
        (("authorization", f"Bearer lvd_{'x' * 12}_{'y' * 32}"),),
        _UNKNOWN_KEY,
        _NO_KEY,
    ),
    Call("a key of 4,000 characters", (("authorization", f"Bearer {'x' * 4_000}"),), _UNKNOWN_KEY, _NO_KEY),
    Call("SQL as a key", (("authorization", "Bearer lvd_' OR 1=1 --_x"),), _UNKNOWN_KEY, _NO_KEY),
    Call("a second key, unknown, before a good one", (("authorization", "Bearer x"),), _UNKNOWN_KEY, _NO_KEY),
    Call("20 kB of metadata", (("x-filler", "x" * 20_000),), _EXHAUSTED, "metadata"),
)


@dataclass(frozen=True)
class Plan:
    """A tracking plan as a file, given to `lvd plan push` or the page Plan."""

    what: str
    text: bytes
    words: str
    filename: str = "plan.yaml"


def _of_event(what: str, content: str, words: str) -> Plan:
    return Plan(what, f"{{version: 1, name: Shop, events: {{Order: {content}}}}}".encode(), words)


PLANS = (
    Plan("nothing", b"", "not a mapping"),
    Plan("a list", b"[]", "not a mapping"),
    Plan("bytes that are not UTF-8", b"version: 1\nname: \xff\n", "not UTF-8"),
    Plan("a NUL", b"version: 1\nname: a\0b\n", "control characters are not allowed"),
    Plan("broken YAML", b"events: [", "line 2, column 1"),
    Plan(
        "the same YAML key twice",
        b"{version: 1, version: 1, name: Shop, events: {}}",
        "stands here a second time",
    ),
    Plan(
        "an alias bomb",
        b"a: &a [x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c + 1, c + 1, b",".join([b"*%c" % c] * 8)) for c in range(97, 105)),
        "more than 1,000,000 values after alias expansion",
    ),
    Plan("a Python object in YAML", b"!!python/object/apply:os.system [id]", "plans hold only JSON values"),
    Plan("JSON that is 3,000 levels deep", b'{"a":' * 3_000, "depth limit exceeded", "plan.json"),
    Plan(
        "JSON that is 1,000 levels deep",
        b'{"version": 1, "name": "Shop", "events": ' + b"[" * 1_000 + b"]" * 1_000 + b"}",
        "nested more than 500 levels deep",
        "plan.json",
    ),
    Plan("NaN in JSON", b'{"version": NaN}', "expected a JSON value", "plan.json"),
    Plan("more than 16 MB", b" " * (16 * 1000 * 1000 + 1000 * 1000), "larger than 16 MB"),
    Plan(
        "another version of the format",
        b"{version: 2, name: Shop, events: {}}",
        "the only version of this format",
    ),
    Plan("no name", b"{version: 1, events: {}}", "`name` is missing"),
    Plan("an unknown key", b"{version: 1, name: Shop, evnts: {}, events: {}}", "unknown key `evnts`"),
    Plan(
        "an unknown switch",
        b"{version: 1, name: Shop, formats: maybe, events: {}}",
        "write one of: assert, annotate",
    ),
    _of_event("an event that is a number", "3", "not a mapping"),
    _of_event("an event without a schema", "{}", "no `schema`"),
    _of_event("a schema that is `true`", "{schema: true}", "the schema is true"),
    _of_event("an unknown type", "{schema: {properties: {a: {type: nummer}}}}", "/properties/a"),
    _of_event("a pattern that is none", "{schema: {properties: {a: {pattern: '('}}}}", "/properties/a"),
    _of_event(
        "a reference to another site",
        "{schema: {$ref: 'http://e.test/s.json'}}",
        "no reference is ever fetched",
    ),
    _of_event(
        "a reference to a file", "{schema: {$ref: 'file:///etc/passwd'}}", "no reference is ever fetched"
    ),
    _of_event("a reference to nothing", "{schema: {$ref: '#/$defs/none'}}", "names nothing in this schema"),
    _of_event("an unknown draft", "{schema: {$schema: 'http://e.test/draft'}}", "$schema"),
    Plan(
        "an event name of 258 bytes",
        b'{"version": 1, "name": "Shop", "events": {"%s": {"schema": {}}}}' % ("é" * 129).encode(),
        "258 bytes",
        "plan.json",
    ),
)


@dataclass(frozen=True)
class Request:
    """A POST to the dashboard; `body` is its JSON, bytes are sent as they are."""

    what: str
    route: str
    body: Any
    words: str
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict)


def _rows(what: str, words: str, **changes: Any) -> Request:
    return Request(what, ROWS, {"offset": 0, "limit": 100, "view": {"app_id": APP}} | changes, words)


def _view(what: str, words: str, **view: Any) -> Request:
    return Request(what, EXPLORE, {"view": {"app_id": APP, "range_key": "all", **view}}, words)


REQUESTS = (
    _rows("a grid's offset that is SQL", "offset: ", offset="0; DROP TABLE event"),
    _rows("a negative offset", "offset: ", offset=-1),
    _rows("a block of a million rows", "limit: ", limit=1_000_000),
    _rows("names that are a number", "view.names: ", view={"app_id": APP, "names": 5}),
    _rows("a status that is SQL", "status ", view={"app_id": APP, "statuses": ["' OR 1=1"]}),
    _rows(
        "an order by a column of the sender's", "view.orderBy: ", view={"app_id": APP, "orderBy": "payload"}
    ),
    _rows("a forged token", "the grid's view", token={"view": "1.x", "start": None, "end": None}),
    _rows("101 names", "at most 100 items", view={"app_id": APP, "names": [str(n) for n in range(101)]}),
    _rows("a NUL in a name", "no NUL", view={"app_id": APP, "names": ["a\0b"]}),
    _rows("a name of 257 characters", "at most 256", view={"app_id": APP, "names": ["n" * 257]}),
    _rows("an app that is SQL", "view.app_id: ", view={"app_id": "1 OR 1=1"}),
    Request(
        "another app", ROWS, {"offset": 0, "limit": 1, "view": {"app_id": 999_999}}, "there is no app", 404
    ),
    Request("an event of another app", EVENT, {"app_id": 999_999, "seq": 1}, "there is no app", 404),
    _view("a filter by an unknown column", "values.payload", values={"payload": ["x"]}),
    _view("a value that is no list", "values.name", values={"name": "x"}),
    _view("an order that nobody offers", "view.sort: Extra inputs", sort="x"),
    _view("a property without an operator", "/total > 100", where=["total"]),
    _view("a comparison with null", "one number or one text", where=["/a > null"]),
    _view("1e999999999 in a filter", "no event can hold", where=["/a = 1e999999999"]),
    _view("six filters by properties", "where", where=["/a = 1"] * 6),
    _view("a lone surrogate in a filter", "body: Invalid JSON", values={"subject": ["\ud800"]}),
    _view("an unknown range", "range_key", range_key="5y"),
    _view(
        "a range that ends before it begins",
        "must end after it begins",
        range_key="custom",
        start="2026-02-01T00:00Z",
        end="2026-01-01T00:00Z",
    ),
    Request("a page token of another page", EXPLORE_ROWS, {"view": {"app_id": APP}, "token": "x"}, "token: "),
    Request("a tag that is a list", FEED, {"view": {"app_id": APP}, "tag": ["a"]}, "tag: "),
    Request(
        "a place that is no hash", REJECTED, {"view": {"app_id": APP}, "after": {"sha256": "'"}}, "after."
    ),
    Request(
        "an issues' filter that is SQL", ISSUES, {"view": {"app_id": APP, "x": "' OR 1"}}, "view.x: Extra"
    ),
    Request("a plan's version -1", PLAN, {"app_id": APP, "version": -1}, "version: "),
    Request(
        "a plan saved without its base",
        PLAN_SAVE,
        {"app_id": APP, "text": "", "filename": "p"},
        "base_version",
    ),
    Request("no JSON", ROWS, b"offset=0", "Content-Type", headers={"Content-Type": "text/plain"}),
    Request(
        "JSON that is cut off",
        ROWS,
        b'{"offset":',
        "body: Invalid JSON",
        headers={"Content-Type": "application/json"},
    ),
    Request(
        "a JSON list",
        ROWS,
        b"[1]",
        "body: Input should be an object",
        headers={"Content-Type": "application/json"},
    ),
    Request(
        "JSON that is 100,000 levels deep",
        ROWS,
        b"[" * 100_000,
        "recursion limit exceeded",
        headers={"Content-Type": "application/json"},
    ),
    Request(
        "a body of 17 MB",
        ROWS,
        b"x" * 17_000_000,
        "a request has at most",
        413,
        headers={"Content-Type": "application/json"},
    ),
)


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        (f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {what} | {told} |" for what, told in rows))
    )


def _quoted(words: str) -> str:
    return f": “{words.strip()}”" if words else ""


def message_table() -> str:
    """Of docs/bad-input.md."""
    rows: list[Message | Call] = [*MESSAGES, *CALLS]
    return _table(
        ("message or call", "status"),
        ((each.what, f"{each.code.name}{_quoted(each.words)}") for each in rows),
    )


def plan_table() -> str:
    """Of docs/bad-input.md."""
    return _table(
        ("plan", "refused, with the place and"),
        ((each.what, _quoted(each.words)[2:] or "why") for each in PLANS),
    )


def request_table() -> str:
    """Of docs/bad-input.md."""
    return _table(
        ("request", "answer"), ((each.what, f"{each.status}{_quoted(each.words)}") for each in REQUESTS)
    )
