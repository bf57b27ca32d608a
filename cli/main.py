"""The entry: `lvd`."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, ClassVar, NoReturn

import typer

from cli.ending import ending_in_order
from cli.errors import CommandFailed
from cli.groups import LazyGroup, new_group
from cli.output import say
from livevalidation.errors import SendFailed
from storage.errors import StorageError
from tracking_plan.problems import PlanError

_HELP = """Live Validation Dashboard: judge streamed analytics events against a tracking plan, store each
once, and watch them live.

Begin with `lvd up --demo`. Exit codes: 0 done, 1 failed, 2 wrongly used.
"""


class _Commands(LazyGroup):
    #: Everyday ones first.
    summaries: ClassVar = {
        "up": "Run everything: database, ingest server, web page.",
        "send": "Send events from JSON lines, and say how they were judged.",
        "replay": "Send rejected events again that would be taken now.",
        "tail": "Show an app's events as they come in.",
        "app": "Tracked applications.",
        "key": "API keys, by which producers send events to an app.",
        "plan": "Tracking plans: push, show, check and compare them.",
        "demo": "Send synthetic traffic of a shop.",
        "ingest": "Serve producers over gRPC.",
        "dashboard": "Serve the web page.",
        "db": "The database: its schema, state, age limit and backups.",
        "bench": "Benchmarks, each in a database of its own.",
    }


cli = new_group(_HELP, cls=_Commands)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"lvd {_version()}")
        raise typer.Exit


@cli.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line (default: this process's) and exits.

    Exit codes: 0 done, 1 failed, 2 wrongly used; 128 + n ended by signal n (130: by Ctrl-C).
    """
    _open_stderr()
    try:
        with ending_in_order():
            cli(arguments, prog_name="lvd")
    except (CommandFailed, StorageError, PlanError, SendFailed) as error:
        say(f"lvd: {error}")
        sys.exit(error.exit_code if isinstance(error, CommandFailed) else 1)
    except OSError as error:  # the system's word on a file or a stream, which no command foresaw
        say(f"lvd: {_in_words(error)}")
        sys.exit(1)
    sys.exit(0)


def _open_stderr() -> None:
    """Where it is closed (`2>&-`): what is said there is lost, and no other file takes its number."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the process's life


def _in_words(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _version() -> str:
    try:
        return version("live-validation-dashboard")
    except PackageNotFoundError:
        return "(not installed: run from its sources)"
