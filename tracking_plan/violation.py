"""One reason why an event is not valid."""

from dataclasses import dataclass
from enum import StrEnum

#: An event keeps at most this many violations; the rest says nothing new.
MAX_VIOLATIONS = 50
#: Longest `value`, in characters.
MAX_VALUE_CHARS = 256


class Kind(StrEnum):
    """What sort of rule was broken."""

    MISSING_REQUIRED = "missing_required"
    WRONG_TYPE = "wrong_type"
    UNPLANNED_PROPERTY = "unplanned_property"
    NOT_IN_ENUM = "not_in_enum"
    PATTERN = "pattern"
    RANGE = "range"
    LENGTH = "length"
    FORMAT = "format"
    CONDITION = "condition"
    UNPLANNED_EVENT = "unplanned_event"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule at one place of a payload, in words a person understands."""

    #: JSON Pointer (RFC 6901); "" is the payload itself; a missing property is pointed at itself.
    path: str
    kind: Kind
    #: What the plan asks for: `number ≥ 0`.
    expected: str
    #: What came: `string "12"`, `missing`.
    received: str
    #: The offending value as JSON, cut at MAX_VALUE_CHARS characters; "" where there is none.
    value: str
