"""What a command says: its answer on stdout, everything else on stderr."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
import typer

from cli.errors import CommandFailed


def answer(as_json: bool, document: Mapping[str, Any], text: str) -> None:
    """The command's answer: one JSON object, or text for a person."""
    tell(json_line(document) if as_json else text)


def tell(text: str) -> None:
    """A line of the answer. Raises CommandFailed where it cannot be written, as on a full disk."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        raise  # whoever read it, like `head`, has enough
    except UnicodeEncodeError as error:
        raise CommandFailed(
            f"Standard output is {error.encoding}, which has no {error.object[error.start]!a}: set"
            " PYTHONIOENCODING=utf-8"
        ) from None
    except OSError as error:
        _let_go_of_stdout()
        raise CommandFailed(f"The answer cannot be written to standard output: {error.strerror}") from None


def _let_go_of_stdout() -> None:
    """What could not be written would be tried again while Python ends, and told with a traceback."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def json_line(document: Mapping[str, Any]) -> str:
    """A JSON object in one line; times are RFC 3339 in UTC."""
    return orjson.dumps(document, option=orjson.OPT_UTC_Z).decode()


def say(message: str) -> None:
    """A remark beside the answer. Where nobody can take it, what it is about goes on all the same."""
    with suppress(OSError):
        typer.echo(message, err=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns aligned by blanks; the last one is as long as it likes."""
    lines = [tuple(head), *(tuple(visible(str(cell)) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def visible(text: str) -> str:
    """The text with everything escaped that would steer a terminal or forge another line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
