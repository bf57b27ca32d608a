"""Pushes a plan as the next version, unless it is the one in force."""

import os
from typing import Any

from storage.plans import PlanStore
from tracking_plan.json_values import same_json


def push_if_changed(plans: PlanStore, app_id: int, document: dict[str, Any], note: str) -> tuple[int, bool]:
    """The version in force afterwards, and whether it is a new one: CI may push at every merge."""
    in_force = plans.in_force(app_id)
    if same_json(in_force.document, document):
        return in_force.version, False
    return plans.push(app_id, document, note=note, author=os.environ.get("USER", "")), True
