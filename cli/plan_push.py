"""Pushes a plan as the next version, unless it is the one in force."""

import os
from contextlib import suppress
from typing import Any

from storage.errors import Conflict
from storage.plans import PlanStore
from tracking_plan.json_values import same_json


def push_if_changed(plans: PlanStore, app_id: int, document: dict[str, Any], note: str) -> tuple[int, bool]:
    """The version in force afterwards, and whether it is a new one: CI may push at every merge."""
    author = os.environ.get("USER", "")
    while True:
        in_force = plans.in_force(app_id)
        if same_json(in_force.document, document):
            return in_force.version, False
        # Another job may push meanwhile, and perhaps the same plan.
        with suppress(Conflict):
            return plans.push(app_id, document, note=note, author=author, replaces=in_force.version), True
