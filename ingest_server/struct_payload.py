"""A payload sent as google.protobuf.Struct to the JSON object that it means. Pure.

A Struct has one kind of number, the double, so it cannot say 1 apart from 1.0: integral values up to 2^53 in
size, which a double holds exactly, become JSON integers, as in protobuf's own JSON mapping; a plan that asks
for an integer is met. Larger ones and -0.0 stay floats. Properties are sorted, since a Struct has no order.

By hand and not by json_format, whose parser escapes its own recursion limit (CVE-2026-0994) and takes ten
times as long; protobuf's parser takes Structs of at most 33 levels or so, which bounds the recursion here.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any

import orjson
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import ListValue, Struct, Value

from ingest_server.limits import DecodeLimits
from ingest_server.payload import Document, read_payload
from ingest_server.refusal import Refused
from storage.reasons import Reason

#: The largest integer to which every smaller one is a double of its own.
_MAX_EXACT = 2.0**53


def read_struct(raw: bytes, limits: DecodeLimits) -> tuple[bytes, Document]:
    """The payload as JSON, and the object that it means. Raises Refused."""
    if len(raw) > limits.max_payload_bytes:
        raise Refused(Reason.PAYLOAD_TOO_LARGE, size=len(raw), limit=limits.max_payload_bytes)
    try:
        message = Struct.FromString(raw)
    except DecodeError:
        problem = "broken, nested too deep, or its texts are not UTF-8"
        raise Refused(Reason.PAYLOAD_NOT_STRUCT, problem=problem) from None
    payload = orjson.dumps(_object(message), option=orjson.OPT_SORT_KEYS)
    return payload, read_payload(payload, limits)


def _object(message: Struct) -> Document:
    return {key: _value(value) for key, value in message.fields.items()}


def _list(message: ListValue) -> list[Any]:
    return [_value(value) for value in message.values]


def _value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind is None:
        raise Refused(Reason.PAYLOAD_NOT_STRUCT, problem="a value of it is of no kind")
    return _READERS[kind](value)


def _number(value: Value) -> float | int:
    number = value.number_value
    if not isfinite(number):
        raise Refused(Reason.NUMBER_NOT_FINITE)
    if number.is_integer() and abs(number) <= _MAX_EXACT and str(number) != "-0.0":
        return int(number)
    return number


_READERS: dict[str, Callable[[Value], Any]] = {
    "null_value": lambda _: None,
    "number_value": _number,
    "string_value": lambda value: value.string_value,
    "bool_value": lambda value: value.bool_value,
    "struct_value": lambda value: _object(value.struct_value),
    "list_value": lambda value: _list(value.list_value),
}
