"""Payloads sent as google.protobuf.Struct."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

from ingest_server.limits import DecodeLimits
from ingest_server.refusal import Refused
from ingest_server.struct_payload import read_struct
from storage.reasons import Reason

LIMITS = DecodeLimits()


def struct(**values: Value) -> bytes:
    return Struct(fields=values).SerializeToString()


def number(value: float) -> Value:
    return Value(number_value=value)


def delimited(number: int, value: bytes) -> bytes:
    """A length-delimited field; protobuf itself makes none this deep."""
    length = len(value)
    return bytes([number << 3 | 2, length & 0x7F | 0x80, length >> 7]) + value


def levels(count: int) -> bytes:
    raw = b""
    for _ in range(count - 1):
        raw = delimited(1, delimited(1, b"a") + delimited(2, delimited(5, raw)))
    return raw


def test_every_kind_of_value_becomes_its_json() -> None:
    raw = struct(
        text=Value(string_value="é"),
        yes=Value(bool_value=True),
        nothing=Value(null_value=NULL_VALUE),
        items=Value(list_value=ListValue(values=[number(0.5), Value(struct_value=Struct())])),
    )
    payload, document = read_struct(raw, LIMITS)
    assert payload == '{"items":[0.5,{}],"nothing":null,"text":"é","yes":true}'.encode()
    assert document == {"text": "é", "yes": True, "nothing": None, "items": [0.5, {}]}


@pytest.mark.parametrize(
    ("double", "json"),
    [
        (3.0, b"3"),
        (-(2.0**53), b"-9007199254740992"),
        (2.0**53 + 2, b"9007199254740994.0"),
        (1e300, b"1e+300"),
        (-0.0, b"-0.0"),
        (0.1, b"0.1"),
    ],
)
def test_integral_doubles_become_integers_as_far_as_they_are_exact(double: float, json: bytes) -> None:
    assert read_struct(struct(a=number(double)), LIMITS)[0] == b'{"a":' + json + b"}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (struct(a=number(float("nan"))), Reason.NUMBER_NOT_FINITE),
        (struct(a=number(float("-inf"))), Reason.NUMBER_NOT_FINITE),
        (struct(a=Value()), Reason.PAYLOAD_NOT_STRUCT),
        (struct(a=Value(string_value="\0")), Reason.PAYLOAD_HAS_NUL),
        (b"\x0a\x05\x0a\x01\xff\x12\x00", Reason.PAYLOAD_NOT_STRUCT),
        (b"\xff", Reason.PAYLOAD_NOT_STRUCT),
        (levels(60), Reason.PAYLOAD_NOT_STRUCT),
    ],
    ids=["NaN", "infinity", "no kind", "NUL", "bad UTF-8", "no message", "60 levels"],
)
def test_is_refused(raw: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        read_struct(raw, LIMITS)
    assert refused.value.reason is reason


def test_thirty_levels_are_taken() -> None:
    document: Any = read_struct(levels(30), LIMITS)[1]
    for _ in range(29):
        document = document["a"]
    assert document == {}


def test_its_size_is_limited() -> None:
    with pytest.raises(Refused, match="at most 100 are taken"):
        read_struct(struct(a=Value(string_value="x" * 100)), DecodeLimits(max_payload_bytes=100))
