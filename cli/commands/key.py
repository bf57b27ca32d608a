"""`lvd key`: the API keys by which producers send."""

from typing import Annotated

import typer

from cli.context import open_context
from cli.groups import new_group
from cli.options import AppName, AsJson, DatabaseUrl, DataDir
from cli.output import answer, say, table

cli = new_group("API keys, by which producers send events to an app.")


@cli.command()
def create(
    app: AppName,
    label: Annotated[str, typer.Option(help="A note on who uses it.", show_default=False)] = "",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it: the only time that it is shown, as only its hash is kept."""
    with open_context(data_dir, database_url) as context:
        key = context.keys.create(context.apps.get(app).app_id, label)
    answer(as_json, {"key": key.key, "prefix": key.prefix, "app": app}, key.key)
    say("Keep the key: it is not shown again.")


@cli.command("list")
def list_keys(
    app: AppName, data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False
) -> None:
    """List an app's keys by their prefixes, revoked ones too."""
    with open_context(data_dir, database_url) as context:
        keys = context.keys.list(context.apps.get(app).app_id)
    document = [
        {
            "prefix": key.prefix,
            "label": key.label,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        for key in keys
    ]
    rows = [
        (
            key.prefix,
            f"{key.created_at:%Y-%m-%d %H:%M} UTC",
            "revoked" if key.revoked_at else "active",
            key.label,
        )
        for key in keys
    ]
    answer(as_json, {"app": app, "keys": document}, table(("PREFIX", "MADE", "STATE", "LABEL"), rows))


@cli.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The key's prefix, as `lvd key list` shows it.")],
    app: AppName,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """End a key: running servers refuse it within a second."""
    with open_context(data_dir, database_url) as context:
        context.keys.revoke(context.apps.get(app).app_id, prefix)
    answer(as_json, {"app": app, "prefix": prefix, "revoked": True}, f"Revoked the key {prefix}.")
