"""`lvd tail`: events as they come in."""

from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any

import typer

from cli.context import open_context
from cli.errors import BadUsage
from cli.feed import Wanted, follow
from cli.groups import new_group
from cli.options import AppName, AsJson, DatabaseUrl, DataDir
from cli.output import json_line, say, tell, visible
from storage.readers import EventRow
from tracking_plan.verdict import STORED, Verdict

cli = new_group()

_STATUSES = {status.word: status for status in STORED}


@cli.command()
def tail(
    app: AppName,
    status: Annotated[
        list[str] | None, typer.Option(help=f"Only these: {', '.join(_STATUSES)}; may be repeated.")
    ] = None,
    name: Annotated[list[str] | None, typer.Option(help="Only events of this name; may be repeated.")] = None,
    last: Annotated[int, typer.Option(min=0, max=500, help="Begin with so many that came before.")] = 10,
    limit: Annotated[
        int | None, typer.Option(min=1, help="End after so many.", show_default="go on until Ctrl-C")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show an app's events as they come in; with --json one object per line."""
    wanted = Wanted(tuple(name or ()), tuple(map(_status, status or ())))
    with open_context(data_dir, database_url) as context:
        app_id = context.apps.get(app).app_id
        for row in islice(follow(context.reader, app_id, wanted, last=last, say=say), limit):
            tell(json_line(_document(row)) if as_json else _in_words(row))


def _status(word: str) -> Verdict:
    if word not in _STATUSES:
        raise BadUsage(f"--status {word!r}: use one of {', '.join(_STATUSES)}")
    return _STATUSES[word]


def _document(row: EventRow) -> dict[str, Any]:
    return {**asdict(row), "status": row.status.word}


def _in_words(row: EventRow) -> str:
    parts = [
        f"{row.received_at:%H:%M:%S}",
        f"#{row.seq}",
        row.status.word.ljust(9),
        row.name,
        row.subject or "-",
        *(
            f"{each.path or '/'}: expected {each.expected}, got {each.received}"
            for each in row.violations[:1]
        ),
    ]
    return visible("  ".join(parts))
