"""Text of unknown origin, made safe to look at: what cannot be seen is shown as its escape."""

import re
import unicodedata

#: Controls, format characters (which turn the reading direction or have no width), lone surrogates and
#: line separators; newline and tab are for those who lay out whole documents.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LAYOUT = frozenset("\n\t")
#: Characters a row of dots may stand for before a cell gets unreadable.
MAX_CELL_CHARS = 300


def visible(text: str, *, keep_layout: bool = False) -> str:
    r"""The text with invisible characters as `\n` or `\u202e`; `keep_layout` leaves newline and tab."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char, keep_layout) for char in text)


def cell(text: str) -> str:
    """The text as a table cell shows it: visible, on one line, cut at MAX_CELL_CHARS."""
    shown = visible(text[: MAX_CELL_CHARS + 1])
    return shown if len(shown) <= MAX_CELL_CHARS else f"{shown[:MAX_CELL_CHARS]}…"


def bytes_as_text(raw: bytes) -> str:
    r"""Bytes read as UTF-8, those that are not as `\xff`, invisible characters as their escapes."""
    return visible(raw.decode("utf-8", "backslashreplace"), keep_layout=False)


_HEX_PER_LINE = 16


def hex_dump(raw: bytes) -> str:
    """Bytes as lines of offset, 16 bytes in hexadecimal, and the printable ASCII of them."""
    return "\n".join(
        _hex_line(offset, raw[offset : offset + _HEX_PER_LINE])
        for offset in range(0, len(raw), _HEX_PER_LINE)
    )


def _hex_line(offset: int, part: bytes) -> str:
    ascii_text = re.sub(r"[^ -~]", ".", part.decode("latin-1"))
    return f"{offset:08x}  {part.hex(' '):<{_HEX_PER_LINE * 3 - 1}}  {ascii_text}"


def _shown(char: str, keep_layout: bool) -> str:
    if (keep_layout and char in _LAYOUT) or unicodedata.category(char) not in _CATEGORIES:
        return char
    return char.encode("unicode_escape").decode("ascii")
