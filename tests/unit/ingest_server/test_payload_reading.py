"""Which payloads are taken, and why the others are not."""

from typing import Any

import orjson
import pytest

from ingest_server.limits import DecodeLimits
from ingest_server.payload import read_payload
from ingest_server.refusal import Refused
from storage.reasons import Reason

LIMITS = DecodeLimits(max_payload_bytes=10_000, max_depth=8, max_keys=100)


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (b"{}", {}),
        (b' {"a" : 1}\n', {"a": 1}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"":"","a":null}', {"": "", "a": None}),
        (b'{"a":18446744073709551615}', {"a": 2**64 - 1}),
        (b'{"a":-9223372036854775808}', {"a": -(2**63)}),
        (b'{"a":9223372036854775808}', {"a": 2**63}),
        (b'{"a":"99999999999999999999"}', {"a": "9" * 20}),
        (b'{"a":0.12345678901234567890123}', {"a": 0.12345678901234567890123}),
        (b'{"a":12345678901234567890123.0}', {"a": 12345678901234567890123.0}),
        (b'{"a":1e308,"b":1E-5000,"c":-0.0}', {"a": 1e308, "b": 0.0, "c": -0.0}),
        (b'{"a":1e-00000000000000000000001}', {"a": 0.1}),
        (rb'{"a":"\\u0000"}', {"a": r"\u0000"}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"a":"\t\r\n\\."}', {"a": "\t\r\n\\."}),
        ('{"ключ":"значение \u2028"}'.encode(), {"ключ": "значение \u2028"}),
        (b'{"a":"[[[[[[[[[[{{{{"}', {"a": "[[[[[[[[[[{{{{"}),
        (b'{"a":[[],[],[],[],[],[],[],[],[]]}', {"a": [[]] * 9}),
    ],
)
def test_is_taken(raw: bytes, meant: dict[str, Any]) -> None:
    assert read_payload(raw, LIMITS) == meant


@pytest.mark.parametrize(
    ("raw", "reason", "hint"),
    [
        (b"", Reason.PAYLOAD_NOT_JSON, "zero-length"),
        (b"{", Reason.PAYLOAD_NOT_JSON, "column 2"),
        (b'{"a":1}x', Reason.PAYLOAD_NOT_JSON, "column 8"),
        (b'{"a":1}\0', Reason.PAYLOAD_NOT_JSON, "column 8"),
        (b'{"a":"\0"}', Reason.PAYLOAD_NOT_JSON, "control character"),
        (b'\xef\xbb\xbf{"a":1}', Reason.PAYLOAD_NOT_JSON, "BOM"),
        (b'{"a":"\xff"}', Reason.PAYLOAD_NOT_UTF8, "byte 6"),
        (b'{"a":"\xed\xa0\x80"}', Reason.PAYLOAD_NOT_UTF8, "byte 6"),
        (b"[1]", Reason.PAYLOAD_NOT_OBJECT, "a list"),
        (b'"a"', Reason.PAYLOAD_NOT_OBJECT, "a string"),
        (b"7", Reason.PAYLOAD_NOT_OBJECT, "a number"),
        (b"null", Reason.PAYLOAD_NOT_OBJECT, "null"),
        (rb'{"a":"x\u0000"}', Reason.PAYLOAD_HAS_NUL, r"\u0000"),
        (rb'{"\u0000":1}', Reason.PAYLOAD_HAS_NUL, r"\u0000"),
        (rb'{"a":"\\\u0000"}', Reason.PAYLOAD_HAS_NUL, r"\u0000"),
        (rb'{"a":"\u0000","a":1}', Reason.PAYLOAD_HAS_NUL, r"\u0000"),
        (rb'{"a":"\ud800"}', Reason.PAYLOAD_HAS_LONE_SURROGATE, r"\ud800"),
        (rb'{"a":"\udc00\ud800"}', Reason.PAYLOAD_HAS_LONE_SURROGATE, r"\udc00"),
        (rb'{"a":"\ud83d\ude00 \ud83d."}', Reason.PAYLOAD_HAS_LONE_SURROGATE, r"\ud83d"),
        (b'{"a":18446744073709551616}', Reason.INTEGER_BEYOND_64_BITS, "18446744073709551616"),
        (b'{"a":-9223372036854775809}', Reason.INTEGER_BEYOND_64_BITS, "-9223372036854775809"),
        (b'{"a":1' + b"0" * 400 + b"}", Reason.INTEGER_BEYOND_64_BITS, "1000"),
        (b'{"a":99999999999999999999,"a":1}', Reason.INTEGER_BEYOND_64_BITS, "99999999999999999999"),
        (b'{"a":1e5000}', Reason.NUMBER_BEYOND_DOUBLE, "1e5000"),
        (b'{"a":-1.5E+309}', Reason.NUMBER_BEYOND_DOUBLE, r"-1.5E\+309"),
        (b'{"a":' + b"9" * 400 + b".5}", Reason.NUMBER_BEYOND_DOUBLE, "999"),
        (b'{"a":NaN}', Reason.NUMBER_NOT_FINITE, "NaN"),
        (b'{"a":-Infinity}', Reason.NUMBER_NOT_FINITE, "Infinity"),
        (nested(9), Reason.PAYLOAD_TOO_DEEP, "8 levels"),
        (nested(1_500), Reason.PAYLOAD_TOO_DEEP, "8 levels"),
        (b'{"a":' + nested(8) + b',"a":1}', Reason.PAYLOAD_TOO_DEEP, "8 levels"),
        (b'{"a":"' + b"x" * 10_000 + b'"}', Reason.PAYLOAD_TOO_LARGE, "10008 bytes"),
        (orjson.dumps({str(n): n for n in range(101)}), Reason.PAYLOAD_TOO_MANY_KEYS, "100 properties"),
    ],
)
def test_is_refused(raw: bytes, reason: Reason, hint: str) -> None:
    with pytest.raises(Refused, match=hint.replace("\\", r"\\") if "\\u" in hint else hint) as refused:
        read_payload(raw, LIMITS)
    assert refused.value.reason is reason


@pytest.mark.parametrize("levels", [1, 8])
def test_depth_up_to_the_limit_is_taken(levels: int) -> None:
    assert list(read_payload(nested(levels), LIMITS)) == ["a"]


def test_keys_up_to_the_limit_are_taken() -> None:
    raw = orjson.dumps({f"key-{n}": {} for n in range(100)})
    assert len(read_payload(raw, LIMITS)) == 100
    assert len(raw) > 5 * LIMITS.max_keys, "the close look is what this tests"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"' + b'\\"' * 500_000,
        b'{"a":"' + b"\\" * 1_000_001 + b'u0000"}',
        b'{"a":' + b"1" * 1_000_000,
        b'{"a":' + b"1e11" * 250_000,
        b"[" * 1_000_000,
    ],
    ids=["unclosed string", "backslashes", "long number", "numbers run together", "brackets"],
)
def test_hostile_bytes_cost_linear_time(raw: bytes) -> None:
    limits = DecodeLimits(max_payload_bytes=2 * len(raw))
    with pytest.raises(Refused):  # in quadratic time this would be hours
        read_payload(raw, limits)
