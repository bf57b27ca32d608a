"""The members of a JSON object with the very text of each value, cut out of a line of JSON."""

import json
import re
from dataclasses import dataclass

#: Numbers stay text: only their spelling is wanted, whatever their size. Control characters in strings are
#: for the server to judge.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
_BLANKS = re.compile(r"[ \t\n\r]*")
#: Nearly every key: one without escapes. Others take the long way.
_PLAIN_KEY = re.compile(r'"([^"\\]*)"[ \t\n\r]*:[ \t\n\r]*')
_SIGN = re.compile(r"[ \t\n\r]*([,}])[ \t\n\r]*")


class NotAnObject(ValueError):
    """The line is no JSON object; the message says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """A value of an object."""

    #: As it is written; bytes that are not UTF-8 are lone surrogates in it (surrogateescape).
    text: str
    #: Parsed, with numbers as text.
    value: object

    @property
    def is_string(self) -> bool:
        """Whether it is a JSON string: numbers are texts in `value`, too."""
        return self.text.startswith('"')

    @property
    def is_number(self) -> bool:
        """Whether it is a JSON number."""
        return isinstance(self.value, str) and not self.is_string


def read_members(line: bytes) -> dict[str, Member]:
    """The members of the JSON object in a line; of equal keys the last one counts. Raises NotAnObject."""
    text = line.decode("utf-8", "surrogateescape")
    try:
        members, end = _object(text, _skip(text, 0))
    except json.JSONDecodeError as error:
        raise NotAnObject(f"no JSON: {error.msg}, at character {error.pos + 1}") from None
    except RecursionError:
        raise NotAnObject("nested too deep to be read") from None
    if _skip(text, end) != len(text):
        raise NotAnObject(f"more than one JSON value: something follows at character {end + 1}")
    return members


def _object(text: str, start: int) -> tuple[dict[str, Member], int]:
    if text[start : start + 1] != "{":
        _DECODER.raw_decode(text, start)  # says what is wrong, if it is no JSON at all
        raise NotAnObject("JSON, but no object")
    members: dict[str, Member] = {}
    place = _skip(text, start + 1)
    if text[place : place + 1] == "}":
        return members, place + 1
    while True:
        key, begin = _key(text, place)
        value, end = _DECODER.raw_decode(text, begin)
        members[key] = Member(text[begin:end], value)
        sign = _SIGN.match(text, end)
        if sign is None:
            raise json.JSONDecodeError("expecting ',' or '}'", text, _skip(text, end))
        place = sign.end()
        if sign[1] == "}":
            return members, place


def _key(text: str, place: int) -> tuple[str, int]:
    """The key at this place, and the place of its value."""
    plain = _PLAIN_KEY.match(text, place)
    if plain is not None:
        return plain[1], plain.end()
    if text[place : place + 1] != '"':
        raise json.JSONDecodeError("expecting a name in double quotes", text, place)
    key, place = _DECODER.raw_decode(text, place)
    place = _skip(text, place)
    if text[place : place + 1] != ":":
        raise json.JSONDecodeError("expecting ':'", text, place)
    return key, _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    match = _BLANKS.match(text, place)
    return place if match is None else match.end()
