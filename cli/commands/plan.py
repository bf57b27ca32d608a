"""`lvd plan`: tracking plans by version."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.context import open_context
from cli.errors import CommandFailed
from cli.groups import new_group
from cli.options import AppName, AsJson, DatabaseUrl, DataDir
from cli.output import answer, table
from cli.plan_diff import diff_text
from cli.plan_push import push_if_changed
from tracking_plan.diff import plan_diff
from tracking_plan.formats import load_plan, to_document
from tracking_plan.formats.native import plan_from_document
from tracking_plan.formats.yaml_writer import write_yaml
from tracking_plan.model import TrackingPlan

cli = new_group("Tracking plans: what events an app sends, and what each looks like.")

PlanPath = Annotated[Path, typer.Argument(metavar="PATH", help="A plan as YAML, JSON or CSV.")]


@cli.command()
def push(
    path: PlanPath,
    app: AppName,
    note: Annotated[
        str, typer.Option(help="What changed, for the list of versions.", show_default=False)
    ] = "",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make PATH the app's next plan version, in force at once; one equal to that in force is not pushed."""
    document = to_document(_read(path))
    with open_context(data_dir, database_url) as context:
        version, changed = push_if_changed(context.plans, context.apps.get(app).app_id, document, note)
    count = len(document["events"])
    done = (
        f"Version {version} of {count} events judges {app!r} now."
        if changed
        else (f"Version {version}, in force, is the same: nothing was pushed.")
    )
    answer(as_json, {"app": app, "version": version, "events": count, "changed": changed}, done)


@cli.command()
def show(
    app: AppName,
    version: Annotated[
        int | None, typer.Option(min=1, help="A version.", show_default="the one in force")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print a plan in the native format: YAML, or with --json as a part of the object."""
    with open_context(data_dir, database_url) as context:
        app_id = context.apps.get(app).app_id
        plan = context.plans.get(app_id, version) if version else context.plans.in_force(app_id)
    if plan.document is None:
        raise CommandFailed(f"The app {app!r} has no plan yet: give it one with `lvd plan push`")
    document = {
        "app": app,
        "version": plan.version,
        "note": plan.note,
        "author": plan.author,
        "created_at": plan.created_at,
        "document": plan.document,
    }
    answer(as_json, document, write_yaml(plan.document).rstrip())


@cli.command()
def check(
    path: PlanPath,
    data_dir: DataDir = None,  # noqa: ARG001 - every command takes it
    database_url: DatabaseUrl = None,  # noqa: ARG001
    as_json: AsJson = False,
) -> None:
    """Say whether PATH is a usable plan, with every problem and its place. Needs no database."""
    plan = _read(path)
    text = f"{path} is a usable plan: {plan.name!r}, {len(plan.events)} events."
    answer(as_json, {"ok": True, "name": plan.name, "events": len(plan.events)}, text)


@cli.command()
def diff(
    path: PlanPath,
    app: AppName,
    version: Annotated[
        int | None, typer.Option(min=1, help="Compare with this version.", show_default="the one in force")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Say what pushing PATH would change in the app's plan; exit code 1 if anything would."""
    plan = _read(path)
    with open_context(data_dir, database_url) as context:
        app_id = context.apps.get(app).app_id
        stored = context.plans.get(app_id, version) if version else context.plans.in_force(app_id)
    found = plan_diff(plan_from_document(stored.document) if stored.document else None, plan)
    document = {"app": app, "version": stored.version, "different": bool(found), **asdict(found)}
    answer(as_json, document, diff_text(found, app, stored.version))
    if found:
        raise typer.Exit(1)


@cli.command("list")
def list_versions(
    app: AppName, data_dir: DataDir = None, database_url: DatabaseUrl = None, as_json: AsJson = False
) -> None:
    """List an app's plan versions, newest first: the first is in force."""
    with open_context(data_dir, database_url) as context:
        plans = context.plans.list(context.apps.get(app).app_id)
    document = [
        {"version": plan.version, "note": plan.note, "author": plan.author, "created_at": plan.created_at}
        for plan in plans
    ]
    rows = [(plan.version, f"{plan.created_at:%Y-%m-%d %H:%M} UTC", plan.author, plan.note) for plan in plans]
    answer(as_json, {"app": app, "plans": document}, table(("VERSION", "PUSHED", "BY", "NOTE"), rows))


def _read(path: Path) -> TrackingPlan:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CommandFailed(f"The plan {path} cannot be read: {error.strerror}") from None
    return load_plan(text, path.name)
