"""A stored event against the plan version that judged it, field by field; pure."""

from dataclasses import replace

import orjson

from storage.readers import EventDetail
from tracking_plan.compiled import NO_PLAN, CompiledPlan, compile_plan
from tracking_plan.field_ledger import FieldCheck, field_ledger
from tracking_plan.formats.native import plan_from_document
from tracking_plan.problems import PlanError


def field_checks(detail: EventDetail) -> tuple[FieldCheck, ...] | None:
    """Every field of the event's payload, and every planned one that did not come.

    None: the plan version that judged it was stored by a product whose format this one cannot read.
    """
    try:
        plan = _plan_of(detail)
    except PlanError:
        return None
    return field_ledger(plan, detail.row.name, orjson.loads(detail.payload))


def _plan_of(detail: EventDetail) -> CompiledPlan:
    """The plan with this one event: a large plan takes 0.2 s to compile, an event of it a few ms."""
    if detail.plan_document is None:
        return NO_PLAN
    plan = plan_from_document(detail.plan_document)
    name = detail.row.name
    only = {name: plan.events[name]} if name in plan.events else {}
    return compile_plan(replace(plan, events=only), detail.row.plan_version)
