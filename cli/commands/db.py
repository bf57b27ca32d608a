"""`lvd db`: the database."""

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import make_url

from cli.context import Context, open_context
from cli.errors import CommandFailed
from cli.groups import new_group
from cli.options import AsJson, DatabaseUrl, DataDir
from cli.output import answer, say, table
from storage import migrate
from storage.backup import dump
from storage.backup import restore as restore_backup
from storage.database import translate_errors
from storage.partitions import attached
from storage.readers import AppInfo
from storage.restore import raise_epochs
from storage.retention import retain as drop_aged

cli = new_group("The database: its schema, its state, its age limit.")


@cli.command()
def upgrade(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Bring the database to the schema of this version. Running servers go on."""
    with open_context(data_dir, database_url, create=True) as context:
        before = migrate.status(context.engine)
        migrate.upgrade(context.url)
    done = "was up to date" if before.is_usable else f"now has schema {before.head}"
    answer(as_json, {"before": before.current, "schema": before.head}, f"The database {done}.")


@cli.command()
def status(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Show where the database stands: schema, partitions, apps, and whether every minute adds up."""
    with open_context(data_dir, database_url) as context:
        schema = migrate.status(context.engine)
        document: dict[str, Any] = {
            "database": make_url(context.url).render_as_string(hide_password=True),
            "embedded": context.settings.database_url is None,
            "schema": {
                "current": schema.current,
                "head": schema.head,
                "up_to_date": schema.up_to_date,
                "newer": schema.is_newer,
            },
        }
        if schema.is_usable:
            document |= _contents(context)
    answer(as_json, document, _in_words(document))


@cli.command()
def retain(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Drop the days that are older than LVD_RETENTION_DAYS. The ingest server does so by itself."""
    with open_context(data_dir, database_url) as context:
        days = context.settings.retention_days
        dropped = [
            partition.day for partition in drop_aged(context.engine, context.settings.retention).dropped
        ]
    answer(
        as_json,
        {"retention_days": days, "dropped": dropped},
        f"Dropped {len(dropped)} days; {days} days are kept.",
    )


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, readable by you alone.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write the database, as of one moment, to FILE. Servers go on; a former FILE is replaced at the end."""
    with open_context(data_dir, database_url) as context:
        dump(context.url, file)
    size = file.stat().st_size
    answer(as_json, {"file": str(file), "bytes": size}, f"Wrote {size:,} bytes to {file}.")


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `lvd db backup` wrote.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty database from FILE, and do what `lvd db restored` does."""
    if not file.is_file():
        raise CommandFailed(f"There is no backup {file}")
    with open_context(data_dir, database_url, create=True) as context:
        restore_backup(context.engine, context.url, file)
        _after_restore(context, as_json)


@cli.command()
def restored(data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """To be run once after a database was put back by other means, before its servers start.

    Begins a new epoch of every app: dashboards and feeds forget what they know of the time after the backup.
    Brings the schema up to date.
    """
    with open_context(data_dir, database_url) as context:
        _after_restore(context, as_json)


def _after_restore(context: Context, as_json: bool) -> None:
    migrate.upgrade(context.url)
    count = raise_epochs(context.engine)
    answer(as_json, {"apps": count}, f"A new epoch began for {count} apps.")
    say("Keys that were revoked after the backup are active again: see `lvd key list`, revoke them anew.")


def _contents(context: Context) -> dict[str, Any]:
    with translate_errors(), context.engine.connect() as conn:
        partitions = attached(conn)
    return {
        "partitions": {
            "count": len(partitions),
            "first": partitions[0].day if partitions else None,
            "last": partitions[-1].day if partitions else None,
        },
        "apps": [_app(context, app) for app in context.reader.apps()],
    }


def _app(context: Context, app: AppInfo) -> dict[str, Any]:
    checks = context.reader.minutes_check(app.app_id, None, None)
    ledger = app.ledger
    return {
        "app": app.name,
        "stored": ledger.last_seq - ledger.first_seq + 1,
        "first_seq": ledger.first_seq,
        "last_seq": ledger.last_seq,
        "last_received_at": ledger.last_received_at,
        "plan_version": ledger.plan_version,
        "received": sum(check.received for check in checks),
        "minutes_that_do_not_add_up": [check.minute for check in checks if not check.agrees],
    }


def _in_words(document: dict[str, Any]) -> str:
    schema = document["schema"]
    lines = [
        f"Database    {document['database']}{' (embedded)' if document['embedded'] else ''}",
        f"Schema      {schema['current'] or 'none yet'}{_missing(schema)}",
    ]
    if "partitions" in document:
        partitions = document["partitions"]
        lines += [
            f"Partitions  {partitions['count']} days, {partitions['first']} to {partitions['last']}",
            "",
        ]
        lines.append(table(("APP", "STORED", "RECEIVED", "PLAN", "MINUTES"), map(_app_row, document["apps"])))
    return "\n".join(lines)


def _missing(schema: dict[str, Any]) -> str:
    if schema["newer"]:
        return f", newer than this lvd's {schema['head']}, which can work with it"
    return "" if schema["up_to_date"] else f", needs {schema['head']}: lvd db upgrade"


def _app_row(app: dict[str, Any]) -> tuple[object, ...]:
    wrong = len(app["minutes_that_do_not_add_up"])
    minutes = f"{wrong} do not add up" if wrong else "all add up"
    return app["app"], app["stored"], app["received"], app["plan_version"] or "none", minutes
