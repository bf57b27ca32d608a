"""Prepares the demo: its apps, their plan, and the keys by which it sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from cli.context import Context
from cli.demo_key import read_demo_key, write_demo_key
from cli.errors import CommandFailed
from cli.plan_push import push_if_changed
from demo.releases import APPS
from storage.errors import Conflict
from storage.keys import key_prefix, matches
from storage.plans import PlanStore
from tracking_plan.formats import load_plan, to_document

#: The app whose key is kept.
DEMO_APP = APPS[0].name
_LABEL = "demo traffic"
_NOTE = "the demo's plan"


def prepare_apps(context: Context) -> dict[str, int]:
    """The demo's apps by name, made if missing; the first one's key is kept.

    The demo's plan judges them, unless somebody gave them another one.
    """
    plan = files("demo") / "plan.yaml"
    document = to_document(load_plan(plan.read_bytes(), plan.name))
    app_ids = {app.name: _ensure_app(context, app.name) for app in APPS}
    for app_id in app_ids.values():
        _ensure_plan(context.plans, app_id, document)
    _ensure_kept_key(context, app_ids[DEMO_APP])
    return app_ids


@contextmanager
def sending_keys(context: Context, app_ids: dict[str, int]) -> Iterator[dict[str, str]]:
    """A key by app: the kept one, and for the other apps keys that end with the `with` block."""
    kept = read_demo_key(context.settings.data_dir)
    if kept is None:
        raise CommandFailed("The demo's key is gone from the data folder: start the demo again")
    others = [name for name in app_ids if name != DEMO_APP]
    made = {name: context.keys.create(app_ids[name], _LABEL) for name in others}
    try:
        yield {DEMO_APP: kept, **{name: key.key for name, key in made.items()}}
    finally:
        for name, key in made.items():
            context.keys.revoke(app_ids[name], key.prefix)


def _ensure_app(context: Context, name: str) -> int:
    try:
        return context.apps.create(name)
    except Conflict:
        return context.apps.get(name).app_id


def _ensure_plan(plans: PlanStore, app_id: int, document: dict[str, Any]) -> None:
    in_force = plans.in_force(app_id)
    if not in_force.version or in_force.note == _NOTE:
        push_if_changed(plans, app_id, document, _NOTE)


def _ensure_kept_key(context: Context, app_id: int) -> None:
    data_dir = context.settings.data_dir
    kept = read_demo_key(data_dir)
    if kept is None or not _is_active(context, kept):
        write_demo_key(data_dir, context.keys.create(app_id, "kept in the data folder").key)


def _is_active(context: Context, key: str) -> bool:
    """Whether the kept key is one of this database: its data folder may have served another one."""
    prefix = key_prefix(key)
    return any(
        stored.prefix == prefix and stored.app_name == DEMO_APP and matches(key, stored.sha256)
        for stored in context.keys.active()
    )
