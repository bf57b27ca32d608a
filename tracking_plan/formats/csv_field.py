"""Fields of a prototype CSV as JSON Schema: types, nested paths, required."""

import re
from typing import Any

Schema = dict[str, Any]
#: Names from the root down, an array's followed by ITEMS: items[].price → ("items", "[]", "price").
FieldPath = tuple[str, ...]
ITEMS = "[]"
#: Most steps of a path. Each is two levels of a schema, of which tracking_plan.schema_check takes 250.
MAX_STEPS = 100

#: Data type of the CSV → JSON Schema. A float may come as an integer. A date may have a time.
TYPES: dict[str, Schema] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "float": {"type": "number"},
    "date": {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]},
    "boolean": {"type": "boolean"},
}


_STEP = re.compile(r"(?P<name>[^\[\]]*[^\[\]\s])(?P<items>(\[\])*)")


class PathError(ValueError):
    """A path or condition that cannot be meant; the message is one clause."""


def parse_path(text: str) -> FieldPath:
    """The steps of `items[].price`. Raises PathError."""
    steps: list[str] = []
    for part in text.split("."):
        step = _STEP.fullmatch(part.strip())
        if step is None:
            wrong = "items are written as [], without a number" if "[" in part else "a step is empty"
            raise PathError(wrong)
        steps.extend([step["name"], *[ITEMS] * step["items"].count(ITEMS)])
    if len(steps) > MAX_STEPS:
        raise PathError(f"it has {len(steps)} steps, at most {MAX_STEPS} fit")
    return tuple(steps)


def path_text(path: FieldPath) -> str:
    """The inverse of `parse_path`."""
    return ".".join(path).replace(f".{ITEMS}", ITEMS)


def add_field(schema: Schema, path: FieldPath, field: Schema, *, required: bool) -> None:
    """Put a field into an object schema; required makes each parent required too (an array may stay empty).

    Raises PathError for a second row of one field, and for a field that is both a value and a container.
    """
    holder = schema
    for index, step in enumerate(path):
        place = path_text(path[: index + 1])
        is_last = index == len(path) - 1
        child = dict(field) if is_last else _container(path[index + 1])
        if is_last and _has(holder, step):
            raise PathError(f"the field {place} has a row above")
        holder = _enter(holder, step, child, place, required=required)


def descend(schema: Schema, path: FieldPath) -> Schema:
    """The schema at a path. Raises PathError where the event has no such field."""
    node = schema
    for index, step in enumerate(path):
        child = node.get("items") if step == ITEMS else node.get("properties", {}).get(step)
        if child is None:
            raise PathError(f"the event has no field {path_text(path[: index + 1])}")
        node = child
    return node


def _container(next_step: str) -> Schema:
    return {"type": "array"} if next_step == ITEMS else {"type": "object", "properties": {}}


def _has(holder: Schema, step: str) -> bool:
    return "items" in holder if step == ITEMS else step in holder.get("properties", {})


def _enter(holder: Schema, step: str, child: Schema, place: str, *, required: bool) -> Schema:
    if step == ITEMS:
        entered: Schema = holder.setdefault("items", child)
    else:
        entered = holder["properties"].setdefault(step, child)
        if required and step not in holder.setdefault("required", []):
            holder["required"].append(step)
    if entered["type"] != child["type"]:
        raise PathError(f"the field {place} is {entered['type']} in a row above, {child['type']} here")
    return entered
