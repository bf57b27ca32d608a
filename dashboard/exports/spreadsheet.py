"""Cells of CSV files that no spreadsheet takes for a formula; pure."""

import csv
import io
from collections.abc import Iterable

#: What Excel, LibreOffice and Google Sheets begin a formula, or its disguise, with (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would calculate it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_line(cells: Iterable[str | int]) -> bytes:
    """A line as RFC 4180 has it, in UTF-8; texts neutralised."""
    line = io.StringIO()
    csv.writer(line).writerow([neutral(each) if isinstance(each, str) else each for each in cells])
    return line.getvalue().encode("utf-8", "backslashreplace")
