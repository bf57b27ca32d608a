"""A draft of a planned event, inferred from the fields that its events had; and fields of several types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracking_plan.formats.yaml_writer import write_yaml
from tracking_plan.json_values import pointer_segments

#: Stands for every array index, as in the catalog.
_ITEM = "*"
#: Types that go together: an integer is a number, and null says "no value".
_NUMBERS = {"integer", "number"}


@dataclass(frozen=True, slots=True)
class SeenField:
    """A field that events had: its JSON Pointer, one of its JSON types, and in how many events."""

    path: str
    json_type: str
    count: int


@dataclass(slots=True)
class _Node:
    types: dict[str, int] = field(default_factory=dict)
    children: dict[str, "_Node"] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.types.values())


def collisions(fields: Iterable[SeenField]) -> Mapping[str, Mapping[str, int]]:
    """Paths that came with types that do not go together; per path the types, most frequent first."""
    by_path: dict[str, dict[str, int]] = {}
    for seen in fields:
        by_path.setdefault(seen.path, {})[seen.json_type] = seen.count
    return {
        path: dict(sorted(types.items(), key=lambda item: -item[1]))
        for path, types in by_path.items()
        if len(_merged(types.keys() - {"null"})) > 1
    }


def infer_schema(fields: Iterable[SeenField], events: int) -> dict[str, Any]:
    """The JSON Schema that all these events meet, which had these fields.

    A property of an object is required where every such object had it; inside arrays, where the catalog
    counts events and not items, none is.
    """
    root = _Node()
    for seen in fields:
        node = root
        for segment in pointer_segments(seen.path):
            node = node.children.setdefault(segment, _Node())
        node.types[seen.json_type] = seen.count
    # Fields were counted before events were by their names: there may seem to be fewer of those.
    root.types = {"object": max([events, *(child.count for child in root.children.values())])}
    return _schema(root, counts_objects=True)


def plan_snippet(name: str, fields: Iterable[SeenField], events: int) -> str:
    """The event as a part of a native plan's `events`, in YAML."""
    event = {name: {"schema": infer_schema(fields, events)}}
    readable = all(char.isprintable() for char in name)
    return write_yaml(event, readable=readable)


def _schema(node: _Node, *, counts_objects: bool) -> dict[str, Any]:
    types = _merged(node.types)
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    children = dict(sorted(node.children.items()))
    if "array" in types and (items := children.pop(_ITEM, None)):
        schema["items"] = _schema(items, counts_objects=False)
    if "object" in types and children:
        objects = node.types.get("object", 0)
        required = [key for key, child in children.items() if counts_objects and child.count >= objects]
        schema |= {"required": required} if required else {}
        schema["properties"] = {
            key: _schema(child, counts_objects=counts_objects) for key, child in children.items()
        }
    return schema


def _merged(types: Iterable[str]) -> list[str]:
    """The types, `integer` within `number`, null last."""
    found = set(types)
    if found >= _NUMBERS:
        found.discard("integer")
    return sorted(found, key=lambda name: (name == "null", name))
