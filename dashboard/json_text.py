"""A JSON text laid out for reading, with every token as its producer wrote it."""

import re
from collections.abc import Iterator
from itertools import pairwise

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+|"')
_INDENT = "  "
_OPENING = "[{"
_CLOSING = "]}"


def indented(text: str) -> str:
    """The text with one member per line; numbers, escapes, key order and repeated keys stay as they are.

    Expects valid JSON; of anything else the tokens are still shown, in their order.
    """
    return "".join(_pieces(_TOKEN.findall(text)))


def _pieces(tokens: list[str]) -> Iterator[str]:
    depth = 0
    for part, following in pairwise((*tokens, "")):
        if part in _CLOSING:
            depth = max(depth - 1, 0)
        elif part in _OPENING:
            depth += 1
        yield part
        yield _gap(part, following, depth)


def _gap(part: str, following: str, depth: int) -> str:
    """What stands between two tokens."""
    if part == ":":
        return " "
    if not following or following in ",:" or (part in _OPENING and following in _CLOSING):
        return ""
    if following in _CLOSING:
        return "\n" + _INDENT * max(depth - 1, 0)
    return "\n" + _INDENT * depth if part in _OPENING or part == "," else ""
