"""The ledger of one event: every field that came or should have come, with what was expected of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from tracking_plan.applied_schemas import AppliedSchemas
from tracking_plan.compiled import CompiledEvent, CompiledPlan
from tracking_plan.explain import path_key
from tracking_plan.json_values import MISSING, Path, cut, json_text, pointer, received_words
from tracking_plan.leaf_words import NOT_PLANNED
from tracking_plan.model import Formats
from tracking_plan.schema_document import Schema
from tracking_plan.violation import Kind, Violation
from tracking_plan.words import ANYTHING, MAX_EXPECTED_CHARS, rules_words

#: Rows of one event; a person reads no more. Violations have rows beyond it.
MAX_FIELDS = 1_000


class FieldStatus(StrEnum):
    """How a field stands to the plan."""

    VALID = "valid"
    INVALID = "invalid"
    #: Required, did not come.
    MISSING = "missing"
    #: Came, the plan does not mention it.
    UNPLANNED = "unplanned"
    #: Planned and optional, did not come.
    NOT_RECEIVED = "not received"


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """One field of one event."""

    #: JSON Pointer; "" is the payload itself.
    path: str
    #: JSON, cut; "" for a field that did not come.
    value: str
    expected: str
    received: str
    status: FieldStatus
    #: The kinds of the violations at this place; empty for a field that breaks no rule.
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A value, or MISSING, and the schemas that are asked of it; None: the plan does not know it."""

    path: Path
    value: Any
    nodes: Sequence[Any] | None


def field_ledger(compiled: CompiledPlan, name: str, payload: dict[str, Any]) -> tuple[FieldCheck, ...]:
    """Every field of an event in the order of its paths: scalars, empty containers, fields that did not come.

    Each violation of `compiled.judge(name, payload)` stands on the row of its path. At most MAX_FIELDS rows
    and those of violations. Raises PayloadError as `judge` does.
    """
    judgement = compiled.judge(name, payload)
    event = compiled.event(name)
    places = _planned_places(event, compiled, payload) if event else _places(None, _Place((), payload, None))
    rows = {check.path: check for check in islice(places, MAX_FIELDS)}
    for path, violations in _by_path(judgement.violations).items():
        rows[path] = _broken(violations)
    return tuple(sorted(rows.values(), key=lambda check: path_key(check.path)))


def _planned_places(event: CompiledEvent, compiled: CompiledPlan, payload: Any) -> Iterator[FieldCheck]:
    schemas = AppliedSchemas(event.document, assert_formats=compiled.plan.formats is Formats.ASSERT)
    return _places(schemas, _Place((), payload, [event.document.root]))


def _places(schemas: AppliedSchemas | None, root: _Place) -> Iterator[FieldCheck]:
    """The rows below a place, without recursion: payloads are deeper than Python's stack is patient."""
    pending = [root]
    while pending:
        place = pending.pop()
        if place.value is MISSING:
            yield _not_received(schemas, place)
            continue
        parts = schemas.applied(place.nodes, place.value) if schemas and place.nodes is not None else []
        children = list(_children(schemas, place, parts))
        pending.extend(reversed(children))
        if place.path and not children:
            yield _received(place, parts)


def _children(schemas: AppliedSchemas | None, place: _Place, parts: list[Schema]) -> Iterator[_Place]:
    known = schemas is not None and place.nodes is not None
    if isinstance(place.value, dict):
        for name, value in place.value.items():
            nodes = schemas.of_property(parts, name) if schemas and known else None
            yield _Place((*place.path, name), value, nodes)
        for name, nodes in _planned_properties(parts).items():
            if name not in place.value:
                yield _Place((*place.path, name), MISSING, nodes)
    elif isinstance(place.value, list):
        for index, value in enumerate(place.value):
            nodes = schemas.of_item(parts, index) if schemas and known else None
            yield _Place((*place.path, index), value, nodes)


def _planned_properties(parts: list[Schema]) -> dict[str, list[Any]]:
    planned: dict[str, list[Any]] = {}
    for part in parts:
        for name, rule in part.get("properties", {}).items():
            # {"x": false} plans that x never comes.
            if rule is not False:
                planned.setdefault(name, []).append(rule)
    return planned


def _received(place: _Place, parts: list[Schema]) -> FieldCheck:
    text = json_text(place.value)
    unplanned = place.nodes is None
    return FieldCheck(
        pointer(place.path),
        text,
        NOT_PLANNED if unplanned else cut(rules_words(parts), MAX_EXPECTED_CHARS),
        received_words(place.value, text),
        FieldStatus.UNPLANNED if unplanned else FieldStatus.VALID,
    )


def _not_received(schemas: AppliedSchemas | None, place: _Place) -> FieldCheck:
    told = [schemas.words(node) for node in place.nodes or ()] if schemas else []
    expected = next((words for words in told if words != ANYTHING), ANYTHING)
    return FieldCheck(pointer(place.path), "", expected, "missing", FieldStatus.NOT_RECEIVED)


def _by_path(violations: Sequence[Violation]) -> Mapping[str, list[Violation]]:
    grouped: dict[str, list[Violation]] = {}
    for violation in violations:
        grouped.setdefault(violation.path, []).append(violation)
    return grouped


def _broken(violations: Sequence[Violation]) -> FieldCheck:
    first = violations[0]
    return FieldCheck(
        first.path,
        first.value,
        "; ".join(dict.fromkeys(violation.expected for violation in violations)),
        first.received,
        _status(violations),
        tuple(dict.fromkeys(violation.kind for violation in violations)),
    )


def _status(violations: Sequence[Violation]) -> FieldStatus:
    if violations[0].received == "missing":
        return FieldStatus.MISSING
    kinds = {violation.kind for violation in violations}
    return FieldStatus.UNPLANNED if kinds <= _UNPLANNED_KINDS else FieldStatus.INVALID


_UNPLANNED_KINDS = {Kind.UNPLANNED_PROPERTY, Kind.UNPLANNED_EVENT}
