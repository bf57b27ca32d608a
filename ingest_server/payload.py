"""A payload's bytes to the object that they mean, or why they cannot be stored. Pure.

orjson refuses what is no JSON, but lets through what a reader of the stored text could not take or would
read otherwise: NUL, integers beyond 64 bits (it makes them floats), any number of keys. A scan of the bytes,
0.3 µs for 140 of them, decides which payloads are looked at closely; it may suspect too many, never too few.
"""

import re
from itertools import accumulate
from math import isinf
from typing import Any

import orjson

from ingest_server.limits import DecodeLimits
from ingest_server.refusal import Refused
from storage.reasons import Reason

Document = dict[str, Any]

_JSON_WORDS: dict[type, str] = {
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}

#: For the scan: every digit is a 0, every bracket that opens a [.
_SIMPLER = bytes.maketrans(b"0123456789{", b"0" * 10 + b"[")
#: As a number: `in` takes 0.01 µs for it, 0.18 for bytes, which it tries as a number first.
_BACKSLASH = ord("\\")
#: The smallest integer that may lie beyond 64 bits, -2^63 - 1, has 19 digits.
_LONG_NUMBER = b"0" * 19
#: The shortest property, `"":1,`, has so many bytes.
_MIN_PROPERTY_BYTES = 5

#: Behind an even number of backslashes: an odd one escapes the backslash before the u.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
#: Every escape in turn, so that the second half of `\\` is not taken for the start of one.
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
#: An unclosed string reaches to the end: else each quote in it would be tried in turn, in quadratic time.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_LONG_INTEGER = re.compile(rb"(?<![0-9.eE+-])-?[0-9]{19,}+(?![.eE])")
#: Numbers that may be beyond a double: 309 digits before the point, or an exponent of two digits or more.
_LARGE_NUMBER = re.compile(
    rb"(?<![0-9.eE+-])-?(?:[0-9]{309,}+(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
    rb"|[0-9]++(?:\.[0-9]++)?[eE]\+?[0-9]{2,}+)"
)
_NOT_FINITE = re.compile(rb"\b(?:NaN|Infinity)\b")
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_LEVELS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_MAX_SHOWN_DIGITS = 40


def read_payload(raw: bytes, limits: DecodeLimits) -> Document:
    """The JSON object that the bytes mean; of equal keys the last one counts. Raises Refused."""
    if len(raw) > limits.max_payload_bytes:
        raise Refused(Reason.PAYLOAD_TOO_LARGE, size=len(raw), limit=limits.max_payload_bytes)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _diagnose(raw, limits, error) from None
    if type(document) is not dict:
        raise Refused(Reason.PAYLOAD_NOT_OBJECT, received=_JSON_WORDS[type(document)])
    simpler = raw.translate(_SIMPLER)
    if (
        simpler.find(_LONG_NUMBER) >= 0
        or simpler.count(b"[") > limits.max_depth
        or (_BACKSLASH in raw and b"\\u0000" in raw)
        or len(raw) > limits.max_keys * _MIN_PROPERTY_BYTES
    ):
        _look_closely(raw, limits)
    return document


def _look_closely(raw: bytes, limits: DecodeLimits) -> None:
    """Exact checks of valid JSON, on its text: a value hidden by an equal key is stored as well."""
    if _NUL.search(raw):
        raise Refused(Reason.PAYLOAD_HAS_NUL)
    skeleton = _STRING.sub(b"", raw)
    if _depth(skeleton) > limits.max_depth:
        raise Refused(Reason.PAYLOAD_TOO_DEEP, limit=limits.max_depth)
    if skeleton.count(b":") > limits.max_keys:
        raise Refused(Reason.PAYLOAD_TOO_MANY_KEYS, limit=limits.max_keys)
    if number := _beyond_64_bits(skeleton):
        raise Refused(Reason.INTEGER_BEYOND_64_BITS, number=_shown(number))


def _diagnose(raw: bytes, limits: DecodeLimits, error: orjson.JSONDecodeError) -> Refused:
    """Why the parser refused the bytes: the first reason that we have words for, else its own."""
    try:
        raw.decode()
    except UnicodeDecodeError as bad:
        return Refused(Reason.PAYLOAD_NOT_UTF8, position=bad.start)
    half = _lone_surrogate(raw)
    if half is not None:
        return Refused(Reason.PAYLOAD_HAS_LONE_SURROGATE, escape=f"\\u{half:04x}")
    skeleton = _STRING.sub(b"", raw)
    if _depth(skeleton) > limits.max_depth:
        return Refused(Reason.PAYLOAD_TOO_DEEP, limit=limits.max_depth)
    if _NOT_FINITE.search(skeleton):
        return Refused(Reason.NUMBER_NOT_FINITE)
    return _number_too_large(skeleton) or Refused(Reason.PAYLOAD_NOT_JSON, problem=str(error))


def _number_too_large(skeleton: bytes) -> Refused | None:
    if number := _beyond_64_bits(skeleton):
        return Refused(Reason.INTEGER_BEYOND_64_BITS, number=_shown(number))
    if number := _beyond_double(skeleton):
        return Refused(Reason.NUMBER_BEYOND_DOUBLE, number=_shown(number))
    return None


def _beyond_64_bits(skeleton: bytes) -> bytes | None:
    return next((n for n in _LONG_INTEGER.findall(skeleton) if not _fits_64_bits(n)), None)


def _beyond_double(skeleton: bytes) -> bytes | None:
    return next((n for n in _LARGE_NUMBER.findall(skeleton) if isinf(float(n))), None)


def _fits_64_bits(integer: bytes) -> bool:
    # Twenty digits and a sign hold every such integer; int() is quadratic in the digits of longer ones.
    return len(integer) <= 21 and -(2**63) <= int(integer) < 2**64


def _shown(number: bytes) -> str:
    text = number.decode()
    return text if len(text) <= _MAX_SHOWN_DIGITS else text[:_MAX_SHOWN_DIGITS] + "…"


def _lone_surrogate(raw: bytes) -> int | None:
    """The first escaped half of a surrogate pair that does not stand beside its other half."""
    high, high_ends = None, -1
    for match in _ESCAPE.finditer(raw):
        code = int(match[1], 16) if match[1] else 0
        completes = high is not None and match.start() == high_ends and 0xDC00 <= code < 0xE000
        if high is not None and not completes:
            return high
        if 0xDC00 <= code < 0xE000 and not completes:
            return code
        high, high_ends = (code, match.end()) if 0xD800 <= code < 0xDC00 else (None, -1)
    return high


def _depth(skeleton: bytes) -> int:
    """How many brackets are open at once."""
    brackets = skeleton.translate(None, _ALL_BUT_BRACKETS)
    return max(accumulate(map(_LEVELS.__getitem__, brackets)), default=0)
