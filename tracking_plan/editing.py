"""Changes of a plan's document as a form makes them: each gives a new document, none touches the old one."""

from copy import deepcopy
from typing import Any

from tracking_plan.formats.native import DOCUMENT_VERSION, SWITCHES, name_problems
from tracking_plan.json_values import pointer_segments
from tracking_plan.model import Formats, UnplannedEvents, UnplannedProperties
from tracking_plan.problems import PlanError, Problem
from tracking_plan.property_form import PropertyForm, fill, listed, refused, stated_types
from tracking_plan.schema_document import Schema
from tracking_plan.schema_places import ITEM

Document = dict[str, Any]


def new_document(name: str) -> Document:
    """A plan without events."""
    return {"version": DOCUMENT_VERSION, "name": name, "events": {}}


def with_settings(
    document: Document,
    name: str,
    formats: Formats,
    unplanned_events: UnplannedEvents,
    unplanned_properties: UnplannedProperties,
) -> Document:
    """With the plan's own name and switches. Raises PlanError for a blank name."""
    if not name.strip():
        raise PlanError([Problem(pointer="/name", what="the plan's name is blank", mend="give it a name")])
    switches = (formats, unplanned_events, unplanned_properties)
    return {
        **document,
        "name": name,
        **{key: each.value for key, each in zip(SWITCHES, switches, strict=True)},
    }


def with_event(document: Document, name: str, description: str, schema: Schema | None = None) -> Document:
    """With one more event, which has no property yet unless a schema is given. Raises PlanError."""
    _check_name(document, name)
    return _with_events(
        document, {**document["events"], name: _content(schema or {"type": "object"}, description)}
    )


def renamed_event(document: Document, name: str, new_name: str, description: str) -> Document:
    """With another name and description of an event, at its place. Raises PlanError."""
    content = _event(document, name)
    if new_name != name:
        _check_name(document, new_name)
    changed = _content(content.get("schema", {"type": "object"}), description)
    events = {new_name if key == name else key: value for key, value in document["events"].items()}
    return _with_events(document, events | {new_name: changed})


def without_event(document: Document, name: str) -> Document:
    """Without an event. Raises PlanError."""
    _event(document, name)
    return _with_events(document, {key: value for key, value in document["events"].items() if key != name})


def with_property(
    document: Document, event: str, form: PropertyForm, replaces: str | None = None
) -> Document:
    """With a property of an event, new or in the place of the one at the path `replaces`.

    Objects and arrays on its way are made. Raises PlanError for what the form says wrongly.
    """
    schema = _schema_to_change(document, event)
    path = _path(event, form.path)
    old = _held(event, replaces) if replaces is not None else path
    node = deepcopy(_found(schema, old)) if replaces is not None else {}
    if (replaces is None or path != old) and _found(schema, path) is not None:
        raise refused(event, path, "there is a property of this path already", "change that one")
    if replaces is not None and node is None:
        raise _gone(event, old)
    if node is False:
        mend = "correct it in the text, or remove it and add it anew"
        raise refused(event, old, "the plan says that it must not come", mend)
    if not isinstance(node, dict):
        # true is a whole schema, which asks nothing.
        node = {}
    fill(event, path, node, form)
    if path != old:
        _remove(schema, old)
    _put(event, schema, path, node, required=form.required)
    return _with_schema(document, event, schema)


def without_property(document: Document, event: str, path: str) -> Document:
    """Without a property of an event. Raises PlanError."""
    schema = _schema_to_change(document, event)
    steps = _held(event, path)
    if not _remove(schema, steps):
        raise _gone(event, steps)
    return _with_schema(document, event, schema)


def _check_name(document: Document, name: str) -> None:
    problems = list(name_problems(name))
    if name in document["events"]:
        problems.append(
            Problem(event=name, what="there is an event of this name already", mend="choose another")
        )
    if problems:
        raise PlanError(problems)


def _content(schema: Any, description: str) -> dict[str, Any]:
    return ({"description": description} if description else {}) | {"schema": schema}


def _event(document: Document, name: str) -> dict[str, Any]:
    content = document["events"].get(name)
    if not isinstance(content, dict):
        raise PlanError([Problem(event=name, what="the plan has no such event", mend="choose another one")])
    return content


def _schema_to_change(document: Document, event: str) -> Schema:
    schema = deepcopy(_event(document, event).get("schema"))
    if not isinstance(schema, dict):
        raise PlanError([Problem(event=event, what="its schema is no object", mend="correct it in the text")])
    return schema


def _with_events(document: Document, events: dict[str, Any]) -> Document:
    return {**document, "events": events}


def _with_schema(document: Document, event: str, schema: Schema) -> Document:
    content = {**document["events"][event], "schema": schema}
    return _with_events(document, {**document["events"], event: content})


def _path(event: str, text: str) -> list[str]:
    steps = pointer_segments(text if text.startswith("/") else f"/{text}")
    if not all(step.strip() for step in steps) or steps[0] == ITEM:
        mend = "write a name, or names with slashes between: total, /customer/email, /items/*/price"
        raise PlanError([Problem(event=event, pointer=text, what="this is no path of a property", mend=mend)])
    return steps


def _held(event: str, text: str) -> list[str]:
    """The path of a property that the event is said to have."""
    steps = pointer_segments(text)
    if not steps:
        raise _gone(event, steps)
    return steps


def _gone(event: str, path: list[str]) -> PlanError:
    return refused(event, path, "there is no such property any more", "look at the event again")


def _found(schema: Schema, path: list[str]) -> Any:
    """What stands at a path; None where nothing does."""
    node: Any = schema
    for step in path:
        if not isinstance(node, dict):
            return None
        holder = node.get("items") if step == ITEM else node.get("properties")
        if step == ITEM:
            node = holder if isinstance(holder, dict) else None
        else:
            node = holder.get(step) if isinstance(holder, dict) else None
    return node


def _remove(schema: Schema, path: list[str]) -> bool:
    holder = _found(schema, path[:-1])
    if _found(schema, path) is None or not isinstance(holder, dict):
        return False
    if path[-1] == ITEM:
        del holder["items"]
        return True
    del holder["properties"][path[-1]]
    _require(holder, path[-1], required=False)
    return True


def _require(holder: Schema, name: str, *, required: bool) -> None:
    names = listed(holder, "required")
    if required and name not in names:
        holder["required"] = [*names, name]
    elif not required and name in names:
        left = [each for each in names if each != name]
        # Draft 4 knows no empty list here.
        holder |= {"required": left}
        if not left:
            del holder["required"]


def _put(event: str, schema: Schema, path: list[str], node: Schema, *, required: bool) -> None:
    holder = schema
    for index, step in enumerate(path[:-1]):
        holder = _entered(event, holder, step, path[: index + 1], path[index + 1])
    _make_room(event, holder, path)
    if path[-1] == ITEM:
        holder["items"] = node
        return
    holder.setdefault("properties", {})[path[-1]] = node
    _require(holder, path[-1], required=required)


def _entered(event: str, holder: Schema, step: str, place: list[str], following: str) -> Schema:
    """The schema at a step of the way, made where it is not there."""
    _make_room(event, holder, place)
    made = {"type": "array" if following == ITEM else "object"}
    entered = (
        holder.setdefault("items", made)
        if step == ITEM
        else holder.setdefault("properties", {}).setdefault(step, made)
    )
    if not isinstance(entered, dict):
        raise refused(event, place, "its schema is true or false", "correct it in the text")
    return entered


def _make_room(event: str, holder: Schema, place: list[str]) -> None:
    """Refuses properties of what is no object, and items of what is no array."""
    wanted = "array" if place[-1] == ITEM else "object"
    types = stated_types(holder)
    if types and wanted not in types:
        mend = f"make it an {wanted} first, or choose another path"
        raise refused(event, place[:-1], f"it is {' or '.join(types)}, not an {wanted}", mend)
