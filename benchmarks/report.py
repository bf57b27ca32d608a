"""A benchmark's figures as tables for a person."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

#: What the run depends on, told first and in one line each.
_PREAMBLE = ("surroundings", "case", "ingest_settings", "dashboard_settings")
_WIDTH = 110


def as_text(document: Mapping[str, Any]) -> str:
    """Tables of all figures; under them, what they depend on."""
    out = StringIO()
    console = Console(file=out, width=_WIDTH)
    console.print(f"lvd bench {document['benchmark']}", highlight=False)
    scalars = _scalars(document)
    if scalars.row_count:
        console.print(scalars)
    for name, value in document.items():
        if name not in _PREAMBLE and _is_table(value):
            console.print(_table(name, value))
    for name in _PREAMBLE:
        if name in document:
            console.print(f"{name}: {_flat(document[name])}", highlight=False, soft_wrap=True)
    return out.getvalue().rstrip()


def _scalars(document: Mapping[str, Any]) -> Table:
    table = Table("figure", "value")
    for name, value in document.items():
        if name not in (*_PREAMBLE, "benchmark") and not _is_table(value):
            table.add_row(name, _flat(value))
    return table


def _is_table(value: Any) -> bool:
    rows = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return bool(rows) and all(isinstance(row, Mapping) for row in rows)


def _table(name: str, value: Any) -> Table:
    rows = value if isinstance(value, list) else [{name: key, **row} for key, row in value.items()]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = Table(*columns, title=name, title_justify="left")
    for row in rows:
        table.add_row(*(_flat(row.get(column, "")) for column in columns))
    return table


def _flat(value: Any) -> str:
    """A value in one line.

    >>> _flat({"a": 1200, "b": None})
    'a 1,200, b none'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_flat(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_flat, value))
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
