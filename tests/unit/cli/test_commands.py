"""The tree of commands, without running any."""

import subprocess
import sys
from collections.abc import Iterator
from pkgutil import iter_modules
from typing import Any

import typer
from typer.main import get_command
from typer.testing import CliRunner

from cli import commands as commands_package
from cli.main import cli


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it, but for benchmarks: they make databases of their own."""
    context = typer.Context(group)
    for name in set(group.list_commands(context)) - {"bench"}:
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


TREE = dict(commands(get_command(cli)))


def test_no_promised_command_is_missing() -> None:
    assert {" ".join(words) for words in TREE} >= {
        *("up", "ingest", "dashboard", "send", "replay", "tail", "demo"),
        *("db upgrade", "db status", "db retain", "app create", "app list"),
        *("db backup", "db restore", "db restored"),
        *("key create", "key list", "key revoke"),
        *("plan push", "plan show", "plan check", "plan list"),
    }


def test_every_command_takes_the_shared_options_and_says_what_it_does() -> None:
    for words, command in TREE.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--data-dir", "--database-url", "--json"} <= options, words
        assert command.help, words
        assert all(getattr(parameter, "help", None) for parameter in command.params), words


def test_help_and_wrong_use() -> None:
    runner = CliRunner()
    told = runner.invoke(cli, ["--help"])
    assert told.exit_code == 0
    assert "Send events from JSON lines" in told.output
    assert runner.invoke(cli, ["nope"]).exit_code == 2
    assert "Did you mean 'plan'" in runner.invoke(cli, ["plna"]).output
    assert runner.invoke(cli, ["key", "create"]).exit_code == 2
    assert runner.invoke(cli, ["send", "-", "--batch-size", "0"]).exit_code == 2


def test_the_help_tells_whole_sentences_of_every_command_there_is() -> None:
    listed = {module.name for module in iter_modules(commands_package.__path__)}
    root: Any = get_command(cli)
    assert set(root.list_commands(typer.Context(root))) == listed
    for words in ((), *((name,) for name in sorted(listed))):
        told = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80).output
        assert "..." not in told.partition("Commands:")[2], words


def test_the_help_imports_no_command() -> None:
    """A person waits for it."""
    told = "import sys; from cli.main import run\ntry: run(['--help'])\nfinally: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    assert "'cli.main'" in done.stdout
    assert "cli.commands" not in done.stdout
    assert "sqlalchemy" not in done.stdout


def test_who_ingests_carries_nothing_of_the_page() -> None:
    told = "import sys, cli.commands.ingest; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert "'sqlalchemy'" in done.stdout
    assert not any(f"'{name}'" in done.stdout for name in ("dash", "flask", "plotly"))
