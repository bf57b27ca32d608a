"""`lvd app`: the tracked applications."""

from typing import Annotated

import typer

from cli.context import open_context
from cli.groups import new_group
from cli.options import AsJson, DatabaseUrl, DataDir
from cli.output import answer, say, table

cli = new_group("Tracked applications.")


@cli.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name, at most 256 bytes.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make an app. A key (`lvd key create`) lets events in, a plan (`lvd plan push`) judges them."""
    with open_context(data_dir, database_url) as context:
        app_id = context.apps.create(name)
    answer(as_json, {"app": name, "app_id": app_id}, f"Made the app {name!r}.")
    say(f"Next: lvd key create --app {name!r}; lvd plan push --app {name!r} PLAN")


@cli.command("list")
def list_apps(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """List the apps, with the ids by which logs name them."""
    with open_context(data_dir, database_url) as context:
        apps = context.apps.list()
    answer(
        as_json,
        {"apps": [{"app": app.name, "app_id": app.app_id, "created_at": app.created_at} for app in apps]},
        table(
            ("APP", "MADE", "ID"),
            [(app.name, f"{app.created_at:%Y-%m-%d %H:%M} UTC", app.app_id) for app in apps],
        ),
    )
