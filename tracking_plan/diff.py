"""What differs between two plans: event by event, property by property, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracking_plan.formats.native import SWITCHES
from tracking_plan.json_values import MISSING, Path, cut, json_text, pointer, same_json
from tracking_plan.model import PlannedEvent, TrackingPlan
from tracking_plan.schema_document import MAPS_OF_SCHEMAS, Schema, SchemaDocument, children
from tracking_plan.schema_places import ITEM
from tracking_plan.words import expected_words, type_words, value_words

#: Characters of a value in a clause.
_MAX_VALUE_CHARS = 80
#: Values of an enum that a clause names.
_MAX_NAMED = 10
_PROPERTIES = "properties"


class Change(StrEnum):
    """What happened to an event or a property."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """A property, or another part of an event's schema, that differs."""

    #: JSON Pointer of the property, `*` for the items of an array; "" is the payload itself. Parts that are
    #: no properties are named by their keyword: `/$defs/money`.
    path: str
    change: Change
    #: What is or was asked of it; of a changed one a clause per rule: `minimum: 0 → 1`.
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventChange:
    """An event that differs."""

    name: str
    change: Change
    #: Clauses on the event itself.
    words: tuple[str, ...] = ()
    #: Of a changed event; in the order of the schema after the change, removed ones last.
    properties: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """All that differs; false where nothing does. The order of events, properties and keys is none of it."""

    #: Clauses on the plan itself: its name and switches.
    words: tuple[str, ...]
    #: Added and changed events in the order of the new plan, then the removed ones.
    events: tuple[EventChange, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.events)

    def count(self, change: Change) -> int:
        """How many events were added, removed or changed."""
        return sum(event.change is change for event in self.events)


def plan_diff(before: TrackingPlan | None, after: TrackingPlan) -> PlanDiff:
    """What makes `before` into `after`; None: there was no plan."""
    events = before.events if before else {}
    changes = [*_kept_and_added(events, after.events), *_removed(events, after.events)]
    return PlanDiff(tuple(_plan_words(before, after)) if before else (), tuple(changes))


def _plan_words(before: TrackingPlan, after: TrackingPlan) -> Iterator[str]:
    for key in ("name", *SWITCHES):
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            yield f"{key}: {_short(old)} → {_short(new)}"


def _short(text: str) -> str:
    return cut(str(text), _MAX_VALUE_CHARS)


def _kept_and_added(
    before: Mapping[str, PlannedEvent], after: Mapping[str, PlannedEvent]
) -> Iterator[EventChange]:
    for name, event in after.items():
        if name not in before:
            yield EventChange(name, Change.ADDED, (_properties_words(event.schema),))
        elif change := _event_change(before[name], event):
            yield change


def _removed(before: Mapping[str, PlannedEvent], after: Mapping[str, PlannedEvent]) -> Iterator[EventChange]:
    for name, event in before.items():
        if name not in after:
            yield EventChange(name, Change.REMOVED, (_properties_words(event.schema),))


def _properties_words(schema: Any) -> str:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    count = len(properties) if isinstance(properties, dict) else 0
    return "1 property" if count == 1 else f"{count} properties"


def _event_change(before: PlannedEvent, after: PlannedEvent) -> EventChange | None:
    words: tuple[str, ...] = ()
    if before.description != after.description:
        words = (_changed_words("description", before.description, after.description),)
    properties = tuple(_schema_changes(before.schema, after.schema))
    return EventChange(after.name, Change.CHANGED, words, properties) if words or properties else None


@dataclass(frozen=True, slots=True)
class _Part:
    """A place in a schema: what stands there (MISSING: nothing), and whether it must come."""

    node: Any = MISSING
    required: bool = False

    @property
    def is_there(self) -> bool:
        return self.node is not MISSING or self.required


_NOTHING = _Part()


def _schema_changes(before: Any, after: Any) -> Iterator[PropertyChange]:
    if same_json(before, after):
        return
    documents = SchemaDocument(before), SchemaDocument(after)
    removed: list[PropertyChange] = []
    pending: list[tuple[Path, _Part, _Part]] = [((), _Part(before), _Part(after))]
    while pending:
        path, old, new = pending.pop()
        if not new.is_there:
            removed.append(_whole(path, Change.REMOVED, documents[0], old))
        elif not old.is_there:
            yield _whole(path, Change.ADDED, documents[1], new)
        else:
            if words := tuple(_part_words(old, new)):
                yield PropertyChange(pointer(path), Change.CHANGED, words)
            pending.extend(_pairs(path, old.node, new.node))
    yield from removed


def _whole(path: Path, change: Change, document: SchemaDocument, part: _Part) -> PropertyChange:
    asked = expected_words(document, part.node) if isinstance(part.node, dict) else _opaque(part.node)
    return PropertyChange(pointer(path), change, (asked, *(["required"] if part.required else [])))


def _opaque(node: Any) -> str:
    """A part that is no schema with keywords: true, false, a list of names, or nothing said."""
    return "any value" if node is MISSING or node is True else json_text(node, _MAX_VALUE_CHARS)


def _pairs(path: Path, before: Any, after: Any) -> list[tuple[Path, _Part, _Part]]:
    """The parts below a place of both schemas, in reverse: the last is looked at first."""
    old, new = _parts(before), _parts(after)
    steps = [*new, *(each for each in old if each not in new)]
    return [
        ((*path, *_shown(each)), old.get(each, _NOTHING), new.get(each, _NOTHING)) for each in reversed(steps)
    ]


def _parts(node: Any) -> dict[Path, _Part]:
    """By keyword and key: a property may be called as a keyword is."""
    if not isinstance(node, dict):
        return {}
    required = _required(node)
    found = {steps: _Part(child, _is_asked(steps, required)) for steps, child in children(node)}
    asked = {(_PROPERTIES, name): _Part(MISSING, True) for name in sorted(required)}
    return found | {steps: part for steps, part in asked.items() if steps not in found}


def _is_asked(steps: Path, required: frozenset[str]) -> bool:
    return steps[0] == _PROPERTIES and steps[1] in required


def _shown(steps: Path) -> Path:
    """As a pointer of the payload where it is one: a property by its name, items by `*`."""
    if steps[0] == _PROPERTIES:
        return steps[1:]
    return (ITEM,) if steps == ("items",) else steps


def _required(node: Schema) -> frozenset[str]:
    names = node.get("required")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return frozenset(names)
    return frozenset()


def _own(node: Schema) -> dict[str, Any]:
    """Keywords that stand for themselves: neither subschemas nor `required`, nor empty maps of them."""
    inside = {path[0] for path, _ in children(node)}
    return {
        keyword: value
        for keyword, value in node.items()
        if keyword not in inside
        and not (keyword == "required" and (value == [] or _required(node)))
        and not (keyword in MAPS_OF_SCHEMAS and value == {})
    }


def _part_words(old: _Part, new: _Part) -> Iterator[str]:
    if old.required != new.required:
        yield "now required" if new.required else "no longer required"
    if isinstance(old.node, dict) and isinstance(new.node, dict):
        before, after = _own(old.node), _own(new.node)
        for keyword in dict.fromkeys((*after, *before)):
            if not _same_own(before.get(keyword, MISSING), after.get(keyword, MISSING)):
                yield _keyword_words(keyword, before.get(keyword, MISSING), after.get(keyword, MISSING))
    elif not _same_own(old.node, new.node):
        yield f"{_opaque_or_rules(old.node)} → {_opaque_or_rules(new.node)}"


def _same_own(one: Any, other: Any) -> bool:
    return one is other or (MISSING not in (one, other) and same_json(one, other))


def _opaque_or_rules(node: Any) -> str:
    return "rules" if isinstance(node, dict) else _opaque(node)


def _keyword_words(keyword: str, before: Any, after: Any) -> str:
    if keyword == "enum" and isinstance(before, list) and isinstance(after, list):
        return _enum_words(before, after)
    if keyword == "type" and MISSING not in (before, after):
        return f"type: {_type(before)} → {_type(after)}"
    return _changed_words(keyword, before, after)


def _type(types: Any) -> str:
    return types if isinstance(types, str) else type_words(list(map(str, types)))


def _enum_words(before: list[Any], after: list[Any]) -> str:
    told = [
        f"{what} {_named(value for value in values if not any(same_json(value, each) for each in others))}"
        for what, values, others in (("added", after, before), ("removed", before, after))
        if any(not any(same_json(value, each) for each in others) for value in values)
    ]
    return f"enum: {'; '.join(told) or 'order or repetition of values'}"


def _named(values: Iterable[Any]) -> str:
    listed = list(values)
    more = f" … ({len(listed)} in all)" if len(listed) > _MAX_NAMED else ""
    return ", ".join(map(value_words, listed[:_MAX_NAMED])) + more


def _changed_words(keyword: str, before: Any, after: Any) -> str:
    if before is MISSING or before == "":
        return f"{keyword} added: {_value(after)}"
    if after is MISSING or after == "":
        return f"{keyword} removed: {_value(before)}"
    old, new = _value(before), _value(after)
    return f"{keyword}: {old} → {new}" if old != new else f"{keyword} changed"


def _value(value: Any) -> str:
    return cut(value, _MAX_VALUE_CHARS) if isinstance(value, str) else json_text(value, _MAX_VALUE_CHARS)
