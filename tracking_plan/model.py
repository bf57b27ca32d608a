"""A tracking plan as data: which events an app sends, and what each must look like."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: More names than any person plans; keeps the rollups, which are per name, small.
MAX_EVENTS = 5_000
#: Longest event name, in bytes of UTF-8. Storage cuts nothing: a longer name cannot be stored.
MAX_NAME_BYTES = 256
#: Largest plan document, in bytes. A plan of 66 real webhook events has 1.2 MB.
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
#: Levels of a plan document. Schemas take half of them, and Python can recurse through twice as many.
MAX_NESTING = 500


class Formats(StrEnum):
    """What JSON Schema's `format` does."""

    #: A value that breaks its format makes the event invalid.
    ASSERT = "assert"
    #: `format` is documentation.
    ANNOTATE = "annotate"


class UnplannedEvents(StrEnum):
    """What an event is told whose name is not in the plan."""

    FLAG = "flag"
    ALLOW = "allow"
    REJECT = "reject"


class UnplannedProperties(StrEnum):
    """What happens to a root property on which an event's schema says nothing."""

    FLAG = "flag"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """One event of a plan."""

    name: str
    description: str = ""
    #: JSON Schema of the payload, draft 4 to 2020-12. Read-only: plans and validators share it.
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingPlan:
    """An app's events, by name, and how to treat what they do not mention. Treat it as read-only."""

    name: str
    formats: Formats = Formats.ASSERT
    unplanned_events: UnplannedEvents = UnplannedEvents.FLAG
    unplanned_properties: UnplannedProperties = UnplannedProperties.FLAG
    #: By event name, in the order of the document.
    events: Mapping[str, PlannedEvent]


def planned_event_names(plan: TrackingPlan) -> frozenset[str]:
    """The names against which coverage is counted."""
    return frozenset(plan.events)
