"""Small tracking plans of one event, `Order`."""

from typing import Any

from tracking_plan.compiled import CompiledPlan, Judgement, compile_plan
from tracking_plan.model import (
    Formats,
    PlannedEvent,
    TrackingPlan,
    UnplannedEvents,
    UnplannedProperties,
)

EVENT = "Order"


def plan_of(
    schema: dict[str, Any],
    *,
    formats: Formats = Formats.ASSERT,
    unplanned_events: UnplannedEvents = UnplannedEvents.FLAG,
    unplanned_properties: UnplannedProperties = UnplannedProperties.ALLOW,
) -> TrackingPlan:
    """A plan whose only event has this schema; unplanned properties pass unless asked otherwise."""
    return TrackingPlan(
        name="Shop",
        formats=formats,
        unplanned_events=unplanned_events,
        unplanned_properties=unplanned_properties,
        events={EVENT: PlannedEvent(name=EVENT, schema=schema)},
    )


def compiled(schema: dict[str, Any], **switches: Any) -> CompiledPlan:
    """`plan_of`, compiled as version 1."""
    return compile_plan(plan_of(schema, **switches), version=1)


def judged(schema: dict[str, Any], payload: dict[str, Any], **switches: Any) -> Judgement:
    """The judgement of one payload against one schema."""
    return compiled(schema, **switches).judge(EVENT, payload)


def reasons(schema: dict[str, Any], payload: dict[str, Any], **switches: Any) -> list[tuple[str, str]]:
    """(path, kind) of each violation, in order."""
    return [(each.path, each.kind.value) for each in judged(schema, payload, **switches).violations]
