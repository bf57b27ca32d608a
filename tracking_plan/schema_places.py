"""The places of an event's schema, the payload and every property below it, with what is asked there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracking_plan.json_values import as_json
from tracking_plan.schema_document import Schema, SchemaDocument

#: Places of one event; a person reads no more.
MAX_PLACES = 500
#: Properties within properties are listed this deep.
MAX_LEVELS = 12
#: What alternatives within alternatives always ask for is looked for this deep.
_MAX_ALTERNATIVES = 4
#: Stands for every item of an array, as in the catalog.
ITEM = "*"
#: Keywords of schemas of which one at least holds.
ALTERNATIVES = ("oneOf", "anyOf")
#: Keywords of schemas that hold where a property is there.
_DEPENDENT = ("dependentSchemas", "dependencies")


class Requirement(StrEnum):
    """Whether a property must come."""

    ALWAYS = "yes"
    #: Some of the schema's alternatives ask for it.
    SOMETIMES = "in some cases"
    NEVER = "no"


@dataclass(frozen=True, slots=True)
class Place:
    """One property of an event, or its payload."""

    #: ITEM for the items of an array; () is the payload itself.
    path: tuple[str, ...]
    #: The schemas that may be asked of the value; several where alternatives differ.
    nodes: tuple[Any, ...]
    #: Those of them that are asked whichever alternatives of the schemas above hold.
    sure: tuple[Any, ...]
    required: Requirement
    #: Schemas above it: a schema that names itself is not followed.
    above: frozenset[int]

    @property
    def must_not_come(self) -> bool:
        """Whether the schema forbids it."""
        return self.nodes == (False,)


def places(document: SchemaDocument) -> list[Place]:
    """The payload, then its properties in the schema's order, each before those below it.

    At most MAX_PLACES; `is_cut` tells.
    """
    root = (document.root,)
    pending, found = [Place((), root, root, Requirement.ALWAYS, frozenset())], list[Place]()
    while pending and len(found) < MAX_PLACES:
        place = pending.pop()
        found.append(place)
        pending.extend(_children(document, place)[::-1])
    return found


def is_cut(listed: Sequence[object]) -> bool:
    """Whether there are more places than are listed; the payload need not be among them."""
    return len(listed) >= MAX_PLACES - 1


def branches(parts: Sequence[Schema]) -> Iterator[Any]:
    """What may be asked of the same value beside."""
    for part in parts:
        yield from (branch for keyword in ALTERNATIVES for branch in as_list(part, keyword))
        yield from (part[keyword] for keyword in ("then", "else") if keyword in part)
        # Those of `dependencies` that are lists name properties.
        dependent = (rule for keyword in _DEPENDENT for rule in _map(part, keyword).values())
        yield from (rule for rule in dependent if not isinstance(rule, list))


def as_list(part: Schema, keyword: str) -> list[Any]:
    """The list under a keyword; empty where there is none."""
    value = part.get(keyword)
    return value if isinstance(value, list) else []


def _children(document: SchemaDocument, place: Place) -> list[Place]:
    asked = [part for node in place.nodes for part in document.in_place(node)]
    if len(place.path) >= MAX_LEVELS or any(id(part) in place.above for part in asked):
        return []
    parts = _with_branches(document, asked)
    sure = [part for node in place.sure for part in document.in_place(node)]
    above = place.above | {id(part) for part in parts}
    always = frozenset.intersection(*(_always(document, node) for node in place.nodes or ({},)))
    found = [
        Place(
            (*place.path, name),
            _asked(name, parts),
            _asked(name, sure),
            _requirement(name, always, parts),
            above,
        )
        for name in _names(parts)
    ]
    items = _items(parts)
    if items:
        found.append(Place((*place.path, ITEM), items, _items(sure), Requirement.NEVER, above))
    return found


def _with_branches(document: SchemaDocument, asked: Sequence[Schema]) -> list[Schema]:
    """Also those of alternatives within alternatives, each once."""
    parts = {id(part): part for part in asked}
    pending = list(asked)
    while pending:
        found = [part for branch in branches([pending.pop(0)]) for part in document.in_place(branch)]
        pending += (part for part in found if id(part) not in parts)
        parts |= {id(part): part for part in found}
    return list(parts.values())


def _always(document: SchemaDocument, node: Any, level: int = 0) -> frozenset[str]:
    """Properties that a schema asks for whichever of its alternatives holds."""
    parts = list(document.in_place(node))
    found = frozenset(name for part in parts for name in as_list(part, "required"))
    if level == _MAX_ALTERNATIVES:
        return found
    for alternatives in (as_list(part, keyword) for part in parts for keyword in ALTERNATIVES):
        needed = [_always(document, alternative, level + 1) for alternative in alternatives]
        found |= frozenset.intersection(*needed) if needed else frozenset()
    return found


def _names(parts: Sequence[Schema]) -> list[str]:
    named = [*(_map(part, "properties") for part in parts), *(as_list(part, "required") for part in parts)]
    return list(dict.fromkeys(name for names in named for name in names if isinstance(name, str)))


def _asked(name: str, parts: Sequence[Schema]) -> tuple[Any, ...]:
    return _distinct(_map(part, "properties")[name] for part in parts if name in _map(part, "properties"))


def _items(parts: Sequence[Schema]) -> tuple[Any, ...]:
    return _distinct(part["items"] for part in parts if isinstance(part.get("items"), dict))


def _requirement(name: str, always: frozenset[str], parts: Sequence[Schema]) -> Requirement:
    if name in always:
        return Requirement.ALWAYS
    sometimes = any(name in as_list(part, "required") for part in parts)
    return Requirement.SOMETIMES if sometimes else Requirement.NEVER


def _map(part: Schema, keyword: str) -> dict[str, Any]:
    value = part.get(keyword)
    return value if isinstance(value, dict) else {}


def _distinct(nodes: Iterator[Any]) -> tuple[Any, ...]:
    """Each schema once: alternatives often share one by `$ref`. By their text: in Python 1 is True."""
    found: dict[str, Any] = {}
    for node in nodes:
        found.setdefault(as_json(node), node)
    return tuple(found.values())
