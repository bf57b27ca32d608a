"""A tracking plan ready to judge: one compiled validator per event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from tracking_plan.chosen_values import Choosers
from tracking_plan.explain import as_violation, sort_key
from tracking_plan.json_values import (
    PayloadTooDeepError,
    exceeds_depth,
    json_text,
    unjudgeable,
)
from tracking_plan.leaf_words import NOT_PLANNED, Leaf
from tracking_plan.model import (
    Formats,
    PlannedEvent,
    TrackingPlan,
    UnplannedEvents,
    UnplannedProperties,
)
from tracking_plan.narrowing import EventExplainer
from tracking_plan.problems import PlanError, Problem
from tracking_plan.recursion import is_recursive
from tracking_plan.root_properties import RootProperties
from tracking_plan.schema_check import schema_problems
from tracking_plan.schema_document import SchemaDocument, validator_for
from tracking_plan.verdict import Verdict
from tracking_plan.violation import MAX_VIOLATIONS, Kind, Violation


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one event is told. `violations` is empty for a valid one, sorted by path otherwise."""

    verdict: Verdict
    violations: tuple[Violation, ...]


#: Shared by all valid events: making one would cost as much as judging a small payload.
VALID = Judgement(Verdict.VALID, ())

#: Of an invalid payload in which no broken rule is found.
_UNEXPLAINED = Leaf((), Kind.SCHEMA, "a payload that the schema takes (which rule is broken is not known)")

_VERDICT_OF_UNPLANNED = {
    UnplannedEvents.FLAG: Verdict.UNPLANNED,
    UnplannedEvents.ALLOW: Verdict.VALID,
    UnplannedEvents.REJECT: Verdict.REJECTED,
}


class CompiledEvent:
    """One planned event's validator. Costs a valid payload 0.6 µs over jsonschema_rs."""

    __slots__ = ("_explainer", "_is_valid", "_known", "_needs_depth_check", "_root", "document", "planned")

    def __init__(self, planned: PlannedEvent, plan: TrackingPlan) -> None:
        assert_formats = plan.formats is Formats.ASSERT
        flag_properties = plan.unplanned_properties is UnplannedProperties.FLAG
        self.planned = planned
        self.document = SchemaDocument(planned.schema)
        self._is_valid = validator_for(planned.schema, assert_formats=assert_formats).is_valid
        self._explainer = EventExplainer(self.document, assert_formats=assert_formats)
        self._root = RootProperties(self.document) if flag_properties else None
        self._known = self._root.names if self._root else None
        self._needs_depth_check = is_recursive(self.document)

    def judge(self, payload: dict[str, Any]) -> Judgement:
        """See CompiledPlan.judge."""
        if self._needs_depth_check and exceeds_depth(payload):
            raise PayloadTooDeepError
        try:
            valid = self._is_valid(payload)
        except ValueError as error:
            raise unjudgeable(payload) from error
        # The common case: a valid event of planned properties.
        if valid and (self._known is None or self._known.issuperset(payload)):
            return VALID
        return self._explained(payload, valid=valid)

    def _explained(self, payload: dict[str, Any], *, valid: bool) -> Judgement:
        found = [] if valid else self._broken_rules(payload)
        found += [as_violation(leaf, payload) for leaf in self._unplanned(payload)]
        if not found:
            return VALID
        return Judgement(Verdict.INVALID, tuple(sorted(found, key=sort_key)[:MAX_VIOLATIONS]))

    def _broken_rules(self, payload: dict[str, Any]) -> list[Violation]:
        """Of an invalid payload: never none, or it would be told as valid."""
        return self._explainer.violations(payload) or [as_violation(_UNEXPLAINED, payload)]

    def _unplanned(self, payload: dict[str, Any]) -> list[Leaf]:
        names = self._root.unplanned(payload) if self._root else []
        return [Leaf((name,), Kind.UNPLANNED_PROPERTY, NOT_PLANNED) for name in names]


class CompiledPlan:
    """Judges events against one version of a plan. Immutable; safe to share between threads.

    1.0 counts as an integer (JSON Schema since draft 6), but for events whose `$schema` is draft 4.
    """

    __slots__ = ("_events", "_unplanned_verdict", "choosers", "plan", "version")

    def __init__(self, plan: TrackingPlan, version: int, events: Mapping[str, CompiledEvent]) -> None:
        self.plan = plan
        self.version = version
        self._events = dict(events)
        self._unplanned_verdict = _VERDICT_OF_UNPLANNED[plan.unplanned_events]
        self.choosers = Choosers({name: event.document for name, event in events.items()})

    def judge(self, name: str, payload: dict[str, Any]) -> Judgement:
        """The verdict (VALID, INVALID, UNPLANNED or REJECTED) on an event and the reasons.

        `payload` holds what orjson makes of JSON. Raises PayloadError for anything else, and its subclass
        PayloadTooDeepError for a payload of more than MAX_DEPTH levels that cannot be judged for it.
        """
        event = self._events.get(name)
        return event.judge(payload) if event is not None else self._unplanned_event(name)

    def event(self, name: str) -> CompiledEvent | None:
        """The planned event of that name."""
        return self._events.get(name)

    def _unplanned_event(self, name: str) -> Judgement:
        if self._unplanned_verdict is Verdict.VALID:
            return VALID
        received = f"event {json_text(name)}"
        violation = Violation("", Kind.UNPLANNED_EVENT, "an event of the plan", received, json_text(name))
        return Judgement(self._unplanned_verdict, (violation,))


def compile_plan(plan: TrackingPlan, version: int) -> CompiledPlan:
    """The plan, ready to judge. 66 events of 1.2 MB of schemas take 0.2 s.

    Raises PlanError with every unusable schema.
    """
    events: dict[str, CompiledEvent] = {}
    problems: list[Problem] = []
    for name, event in plan.events.items():
        try:
            events[name] = CompiledEvent(event, plan)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            found = schema_problems(name, event.schema)
            if not found:
                raise
            problems += found
    if problems:
        raise PlanError(problems)
    return CompiledPlan(plan, version, events)


#: For an app without a plan: every event is unplanned.
NO_PLAN = compile_plan(TrackingPlan(name="", events={}), version=0)
