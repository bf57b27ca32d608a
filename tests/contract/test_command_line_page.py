"""docs/command-line.md against the commands: each is in its table, and no document names one that is not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from cli.main import cli

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


COMMANDS = dict(commands(get_command(cli)))


def in_the_table() -> Iterator[str]:
    """The commands of its rows: `lvd app create NAME`, `list` are `app create` and `app list`."""
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for row in re.findall(r"^\| (`lvd .+?`) \|", page, re.MULTILINE):
        group = ""
        for own, first, second in re.findall(r"`(lvd )?([a-z]+)(?: ([a-z]+))?", row):
            if own:
                group = first
                yield first if first in COMMANDS else f"{first} {second}"
            else:
                yield f"{group} {first}"


def test_every_command_is_in_the_table_and_no_other() -> None:
    assert sorted(in_the_table()) == sorted(COMMANDS)


def command_lines(document: Path) -> Iterator[str]:
    """What a document tells people to type."""
    text = document.read_text(encoding="utf-8")
    for block in re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from (line for line in block.splitlines() if line.startswith("lvd "))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_commands_and_options_that_there_are(document: Path) -> None:
    for line in command_lines(document):
        words = line.split()
        command = COMMANDS.get(" ".join(words[1:3])) or COMMANDS.get(words[1])
        assert command is not None, line
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        assert set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", line)) <= known, line
