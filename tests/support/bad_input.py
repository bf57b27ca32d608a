"""Values that break pipelines, and what becomes of each: stored exactly, or rejected alone with a reason.

docs/bad-input.md shows this table; a test keeps the two equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from livevalidation.v1 import ingest_pb2
from storage.reasons import Reason


@dataclass(frozen=True)
class Case:
    """One event, as bytes of its message."""

    #: What is unusual in it, in words and where.
    what: str
    raw: bytes
    #: Why it is rejected; None: it is stored exactly as it came.
    reason: Reason | None


def varint(number: int) -> bytes:
    """Protobuf's variable-length integer."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a message; also with bytes that no stub would take."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def event(
    payload: bytes | None = b"{}",
    *,
    name: bytes = b"Probe",
    event_id: bytes = b"",
    subject: bytes = b"",
    occurred_at: bytes | None = None,
    more: bytes = b"",
) -> bytes:
    """An Event message of bytes, however wrong."""
    parts = [field(1, event_id) if event_id else b"", field(2, name) if name else b""]
    parts.append(b"" if occurred_at is None else field(3, occurred_at))
    parts.append(field(4, subject) if subject else b"")
    parts.append(b"" if payload is None else field(5, payload))
    return b"".join(parts) + more


def at(seconds: int, nanos: int = 0) -> bytes:
    """A Timestamp message."""
    return b"\x08" + varint(seconds % 2**64) + b"\x10" + varint(nanos % 2**64)


def nested(levels: int) -> bytes:
    """A JSON object of so many levels."""
    return b'{"a":' * levels + b"1" + b"}" * levels


def _year(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _struct(number: float) -> bytes:
    message = ingest_pb2.Event()
    message.payload.update({"a": number})
    return message.SerializeToString()


def _texts() -> Iterator[Case]:
    for where in ("name", "event_id", "subject"):
        yield Case(f"a NUL byte in the {where}", event(**{where: b"a\0b"}), Reason.TEXT_HAS_NUL)
        yield Case(f"bad UTF-8 in the {where}", event(**{where: b"a\xff"}), Reason.TEXT_NOT_UTF8)
        yield Case(f"257 bytes in the {where}", event(**{where: b"x" * 257}), Reason.TEXT_TOO_LONG)
    yield Case("256 bytes in the name", event(name="é".encode() * 128), None)
    yield Case("a surrogate written as UTF-8 in the name", event(name=b"\xed\xa0\x80"), Reason.TEXT_NOT_UTF8)
    yield Case(r"the name `\.`", event(name=rb"\."), None)
    yield Case(r"the name `\N`", event(name=rb"\N"), None)
    yield Case("tab, CR and LF in name and subject", event(name=b"a\tb\r\nc", subject=b"\n"), None)
    yield Case("no name", event(name=b""), Reason.NAME_MISSING)
    yield Case("a name of one space", event(name=b" "), None)
    yield Case("markup in the name", event(name=b"<img onerror=alert(1)>"), None)


def _json() -> Iterator[Case]:
    stored = {
        "empty object": b"{}",
        "empty strings as key and value": b'{"":""}',
        "blanks and line breaks around": b' {\n\t"a" : 1 }\r\n',
        "the same key twice": b'{"a":1,"a":2}',
        r"`\.` and `\N` as texts": rb'{"a":"\\.","b":"\\N"}',
        "escaped tab, CR and LF": rb'{"a":"\t\r\n"}',
        "an escaped backslash before `u0000`": rb'{"a":"\\u0000"}',
        "an escaped surrogate pair": rb'{"a":"\ud83d\ude00"}',
        "characters outside the BMP, and right-to-left marks": '{"a":"😀\u202e"}'.encode(),
        "1, 1.0, 1e2 and -0.0": b'{"a":1,"b":1.0,"c":1e2,"d":-0.0}',
        "2^53 + 1": b'{"a":9007199254740993}',
        "2^63": b'{"a":9223372036854775808}',
        "2^64 - 1": b'{"a":18446744073709551615}',
        "-2^63": b'{"a":-9223372036854775808}',
        "1e308": b'{"a":1e308}',
        "1e-5000 (reads as 0)": b'{"a":1e-5000}',
        "a fraction of 400 digits": b'{"a":0.' + b"3" * 400 + b"}",
        "64 levels": nested(64),
    }
    for what, payload in stored.items():
        yield Case(f"payload: {what}", event(payload), None)
    rejected = {
        "none": (None, Reason.PAYLOAD_MISSING),
        "zero bytes": (b"", Reason.PAYLOAD_NOT_JSON),
        "cut off": (b'{"a":', Reason.PAYLOAD_NOT_JSON),
        "two objects": (b"{}{}", Reason.PAYLOAD_NOT_JSON),
        "a byte order mark": (b"\xef\xbb\xbf{}", Reason.PAYLOAD_NOT_JSON),
        "a NUL byte in a text": (b'{"a":"\0"}', Reason.PAYLOAD_NOT_JSON),
        "a bare line break in a text": (b'{"a":"\n"}', Reason.PAYLOAD_NOT_JSON),
        "a list": (b"[1]", Reason.PAYLOAD_NOT_OBJECT),
        "null": (b"null", Reason.PAYLOAD_NOT_OBJECT),
        "bad UTF-8": (b'{"a":"\xff"}', Reason.PAYLOAD_NOT_UTF8),
        "a surrogate written as UTF-8": (b'{"a":"\xed\xa0\x80"}', Reason.PAYLOAD_NOT_UTF8),
        r"`\u0000` in a text": (rb'{"a":"\u0000"}', Reason.PAYLOAD_HAS_NUL),
        r"`\u0000` in a key": (rb'{"\u0000":1}', Reason.PAYLOAD_HAS_NUL),
        r"`\ud800` alone": (rb'{"a":"\ud800"}', Reason.PAYLOAD_HAS_LONE_SURROGATE),
        r"`\udc00` alone": (rb'{"a":"\udc00"}', Reason.PAYLOAD_HAS_LONE_SURROGATE),
        "NaN": (b'{"a":NaN}', Reason.NUMBER_NOT_FINITE),
        "-Infinity": (b'{"a":-Infinity}', Reason.NUMBER_NOT_FINITE),
        "2^64": (b'{"a":18446744073709551616}', Reason.INTEGER_BEYOND_64_BITS),
        "-2^63 - 1": (b'{"a":-9223372036854775809}', Reason.INTEGER_BEYOND_64_BITS),
        "an integer of 400 digits": (b'{"a":' + b"9" * 400 + b"}", Reason.INTEGER_BEYOND_64_BITS),
        "1e5000": (b'{"a":1e5000}', Reason.NUMBER_BEYOND_DOUBLE),
        "65 levels": (nested(65), Reason.PAYLOAD_TOO_DEEP),
        "1,000 levels": (nested(1_000), Reason.PAYLOAD_TOO_DEEP),
        "50,000 levels": (nested(50_000), Reason.PAYLOAD_TOO_DEEP),
        "10,001 properties": (
            b"{" + b",".join(b'"%d":1' % n for n in range(10_001)) + b"}",
            Reason.PAYLOAD_TOO_MANY_KEYS,
        ),
        "more than 1 MiB": (b'{"a":"' + b"x" * 1024 * 1024 + b'"}', Reason.PAYLOAD_TOO_LARGE),
    }
    for what, (bad, reason) in rejected.items():
        yield Case(f"payload: {what}", event(bad), reason)


def _structs() -> Iterator[Case]:
    name = field(2, b"Probe")
    yield Case("Struct: NaN", name + _struct(float("nan")), Reason.NUMBER_NOT_FINITE)
    yield Case("Struct: Infinity", name + _struct(float("inf")), Reason.NUMBER_NOT_FINITE)
    yield Case(
        "Struct: bad UTF-8", name + field(6, b"\x0a\x05\x0a\x01\xff\x12\x00"), Reason.PAYLOAD_NOT_STRUCT
    )
    yield Case("Struct: broken", name + field(6, b"\xff"), Reason.PAYLOAD_NOT_STRUCT)


def _times() -> Iterator[Case]:
    times = {
        "year 0": (at(_year(1) - 1), Reason.OCCURRED_AT_OUT_OF_RANGE),
        "year 1": (at(_year(1)), Reason.OCCURRED_TOO_OLD),
        "1970": (b"", Reason.OCCURRED_TOO_OLD),
        "year 9999": (at(_year(9999)), Reason.OCCURRED_IN_FUTURE),
        "year 10000": (at(253_402_300_800), Reason.OCCURRED_AT_OUT_OF_RANGE),
        "year 294277": (at(9_224_318_016_000), Reason.OCCURRED_AT_OUT_OF_RANGE),
        "the smallest int64": (at(-(2**63)), Reason.OCCURRED_AT_OUT_OF_RANGE),
        "nanos of a second or more": (at(0, 1_000_000_000), Reason.OCCURRED_AT_OUT_OF_RANGE),
        "negative nanos": (at(0, -1), Reason.OCCURRED_AT_OUT_OF_RANGE),
        "broken bytes": (b"\xff", Reason.EVENT_NOT_READABLE),
    }
    for what, (occurred_at, reason) in times.items():
        yield Case(f"occurred_at: {what}", event(occurred_at=occurred_at), reason)


def _messages() -> Iterator[Case]:
    yield Case("message: zero bytes", b"", Reason.NAME_MISSING)
    yield Case("message: cut off", event()[:-1], Reason.EVENT_NOT_READABLE)
    yield Case("message: random bytes", b"\xff\xfe\xfd", Reason.EVENT_NOT_READABLE)
    yield Case("message: groups nested 1,000 levels deep", b"\x0b" * 1_000, Reason.EVENT_NOT_READABLE)
    yield Case("message: a field that the contract does not know", event(more=b"\xfa\x7f\x03abc"), None)


CASES = (*_texts(), *_json(), *_structs(), *_times(), *_messages())


def markdown_table() -> str:
    """The cases as docs/bad-input.md shows them."""
    rows = [
        f"| {case.what} | {f'rejected: `{case.reason.value}`' if case.reason else 'stored'} |"
        for case in CASES
    ]
    return "\n".join(("| event | what becomes of it |", "|---|---|", *rows))
