"""The native plan document: `version: 1`, `name`, `events` and three switches (docs/design.md §6)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, TypeVar

from tracking_plan.json_values import json_text, pointer
from tracking_plan.model import (
    MAX_EVENTS,
    MAX_NAME_BYTES,
    Formats,
    PlannedEvent,
    TrackingPlan,
    UnplannedEvents,
    UnplannedProperties,
)
from tracking_plan.problems import PlanError, Problem

DOCUMENT_VERSION = 1
#: The keys of the document that choose between ways to treat events.
SWITCHES: dict[str, type[StrEnum]] = {
    "formats": Formats,
    "unplanned_events": UnplannedEvents,
    "unplanned_properties": UnplannedProperties,
}
_PLAN_KEYS = ("version", "name", *SWITCHES, "events")
_EVENT_KEYS = ("description", "schema")
_Switch = TypeVar("_Switch", bound=StrEnum)


def plan_from_document(document: Any) -> TrackingPlan:
    """The plan that a parsed document describes. Schemas are not looked into yet.

    Raises PlanError with every problem of form.
    """
    if not isinstance(document, dict):
        what = f"the document is {json_text(document, 40)}, not a mapping"
        raise PlanError([Problem(what=what, mend="begin with `version: 1`, `name:` and `events:`")])
    problems = [*_head_problems(document), *_events_problems(document.get("events"))]
    if problems:
        raise PlanError(problems)
    return TrackingPlan(
        name=document["name"],
        formats=_switch(document, "formats", Formats.ASSERT),
        unplanned_events=_switch(document, "unplanned_events", UnplannedEvents.FLAG),
        unplanned_properties=_switch(document, "unplanned_properties", UnplannedProperties.FLAG),
        events={name: _event(name, each) for name, each in document["events"].items()},
    )


def to_document(plan: TrackingPlan) -> dict[str, Any]:
    """The native document of a plan, every switch written out; `plan_from_document` reads it back."""
    return {
        "version": DOCUMENT_VERSION,
        "name": plan.name,
        "formats": plan.formats.value,
        "unplanned_events": plan.unplanned_events.value,
        "unplanned_properties": plan.unplanned_properties.value,
        "events": {
            name: ({"description": event.description} if event.description else {}) | {"schema": event.schema}
            for name, event in plan.events.items()
        },
    }


def _event(name: str, content: dict[str, Any]) -> PlannedEvent:
    return PlannedEvent(name=name, description=content.get("description", ""), schema=content["schema"])


def _switch(document: dict[str, Any], key: str, default: _Switch) -> _Switch:
    return type(default)(document.get(key, default))


def _head_problems(document: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(document, _PLAN_KEYS)
    if document.get("version") != DOCUMENT_VERSION or isinstance(document.get("version"), bool):
        yield _wrong("version", document, "write `version: 1`, the only version of this format")
    if not isinstance(document.get("name"), str) or not document["name"].strip():
        yield _wrong("name", document, "give the plan a name, for example `name: Shop`")
    for key, switch in SWITCHES.items():
        if key in document and document[key] not in list(switch):
            yield _wrong(key, document, f"write one of: {', '.join(switch)}")


def _wrong(key: str, document: dict[str, Any], mend: str) -> Problem:
    what = f"`{key}` is {json_text(document[key], 40)}" if key in document else f"`{key}` is missing"
    return Problem(pointer=pointer((key,)), what=what, mend=mend)


def _unknown_keys(
    holder: dict[str, Any], known: tuple[str, ...], event: str | None = None
) -> Iterator[Problem]:
    for key in holder.keys() - set(known):
        yield Problem(
            event=event,
            pointer=None if event is not None else pointer((key,)),
            what=f"unknown key `{key}`",
            mend=f"remove it; known keys are {', '.join(known)}",
        )


def _events_problems(events: Any) -> Iterator[Problem]:
    if not isinstance(events, dict):
        what = "`events` is missing" if events is None else f"`events` is {json_text(events, 40)}"
        yield Problem(
            pointer="/events", what=what, mend="map each event's name to its description and schema"
        )
        return
    if len(events) > MAX_EVENTS:
        mend = "split the plan, or put variable parts of names into properties"
        yield Problem(
            pointer="/events", what=f"{len(events):,} events, at most {MAX_EVENTS:,} fit", mend=mend
        )
    for name, content in events.items():
        yield from name_problems(name)
        yield from _content_problems(name, content)


def name_problems(name: str) -> Iterator[Problem]:
    """What keeps a text from being an event's name."""
    if not name.strip():
        yield Problem(event=name, what="the name is blank", mend="give the event a name")
    if not name.isprintable():
        yield Problem(event=name, what="the name has unprintable characters", mend="remove them")
    elif (size := len(name.encode())) > MAX_NAME_BYTES:
        what = f"the name has {size} bytes, at most {MAX_NAME_BYTES} fit"
        yield Problem(event=name[:40] + "…", what=what, mend="shorten it")


def _content_problems(name: str, content: Any) -> Iterator[Problem]:
    if not isinstance(content, dict):
        what = f"the event is {json_text(content, 40)}, not a mapping"
        yield Problem(event=name, what=what, mend="give it a `schema`, for example {type: object}")
        return
    yield from sorted(_unknown_keys(content, _EVENT_KEYS, name), key=lambda problem: problem.what)
    if not isinstance(content.get("description", ""), str):
        what = f"`description` is {json_text(content['description'], 40)}, not text"
        yield Problem(event=name, what=what, mend="write a text, in quotes if need be")
    if "schema" not in content:
        what = "the event has no `schema`"
        yield Problem(event=name, what=what, mend="add one, for example `schema: {type: object}`")
