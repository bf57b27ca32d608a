"""Why an event could not be stored as one: stable codes, each with words for a person."""

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A rejection's code, and the sentence that goes with it: what is wrong, where, and how to mend it.

    The codes are part of the contract and are stored: never reuse or rename one.
    """

    _template: str

    def __new__(cls, code: str, template: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member._template = template
        return member

    def message(self, **details: object) -> str:
        """The sentence for a person. Takes exactly the details that it names."""
        return self._template.format(**details)

    EVENT_NOT_READABLE = (
        "event_not_readable",
        "the event's bytes are no livevalidation.v1.Event message: build events with the generated stubs",
    )
    SOURCE_NOT_READABLE = (
        "source_not_readable",
        "the batch's source is no livevalidation.v1.Source message: build it with the generated stubs",
    )
    NAME_MISSING = "name_missing", "name is not given: every event needs the name that the plan gives it"
    TEXT_NOT_UTF8 = "text_not_utf8", "{field} is not UTF-8 from byte {position} on: encode it as UTF-8"
    TEXT_HAS_NUL = "text_has_nul", "{field} holds a NUL character, which cannot be stored: leave it out"
    TEXT_TOO_LONG = "text_too_long", "{field} is {size} bytes long, at most {limit} are taken: shorten it"
    OCCURRED_AT_OUT_OF_RANGE = (
        "occurred_at_out_of_range",
        "occurred_at is no time of the years 1 to 9999 with nanos from 0 to 999999999:"
        " seconds and nanos count from 1970-01-01T00:00:00Z",
    )
    PAYLOAD_MISSING = (
        "payload_missing",
        "the event has no payload: give payload_json or payload, at least {{}}",
    )
    PAYLOAD_TOO_LARGE = (
        "payload_too_large",
        "the payload is {size} bytes long, at most {limit} are taken: send less in one event",
    )
    PAYLOAD_NOT_UTF8 = (
        "payload_not_utf8",
        "the payload is not UTF-8 from byte {position} on: encode it as UTF-8",
    )
    PAYLOAD_NOT_JSON = "payload_not_json", "the payload is no JSON: {problem}"
    PAYLOAD_NOT_OBJECT = (
        "payload_not_object",
        'the payload is {received}, not a JSON object: wrap it in one, like {{"value": …}}',
    )
    PAYLOAD_NOT_STRUCT = (
        "payload_not_struct",
        "the payload is no google.protobuf.Struct that can be read ({problem}): check it, or send JSON in"
        " payload_json",
    )
    PAYLOAD_TOO_DEEP = (
        "payload_too_deep",
        "the payload nests objects and lists more than {limit} levels deep: flatten it",
    )
    PAYLOAD_TOO_MANY_KEYS = (
        "payload_too_many_keys",
        "the payload has more than {limit} properties: send less in one event",
    )
    PAYLOAD_HAS_NUL = (
        "payload_has_nul",
        "the payload holds a NUL character (\\u0000), which cannot be stored: leave it out",
    )
    PAYLOAD_HAS_LONE_SURROGATE = (
        "payload_has_lone_surrogate",
        "the payload holds half a character ({escape} without its other half): cut texts between characters",
    )
    INTEGER_BEYOND_64_BITS = (
        "integer_beyond_64_bits",
        "the payload holds {number}, an integer beyond -2^63…2^64-1: send it as a string",
    )
    NUMBER_BEYOND_DOUBLE = (
        "number_beyond_double",
        "the payload holds {number}, a number that no double holds: send it as a string",
    )
    NUMBER_NOT_FINITE = (
        "number_not_finite",
        "the payload holds NaN or Infinity, which JSON does not know: leave it out or send null",
    )

    ID_CONFLICT = (
        "id_conflict",
        "an event of the same identity (occurred_at, event_id, run_id) is stored with another content:"
        " give each event an event_id of its own, and send retries unchanged",
    )
    OCCURRED_IN_FUTURE = (
        "occurred_in_future",
        "occurred_at lies further ahead of the server's clock than is allowed: check the producer's clock",
    )
    OCCURRED_TOO_OLD = (
        "occurred_too_old",
        "occurred_at lies before the time for which the server keeps events: check the producer's clock",
    )
    UNPLANNED_EVENT = (
        "unplanned_event",
        "the plan takes no events of this name: correct the name, or add the event to the plan",
    )
    NOT_STORABLE = (
        "not_storable",
        "the database does not take this event's values: see the kept bytes for what is unusual in them",
    )


#: Reasons that lie in the plan, the clock or the limits in force, not in the event's bytes alone: the same
#: bytes may be taken another day.
MAY_PASS_LATER = frozenset(
    {
        Reason.UNPLANNED_EVENT,
        Reason.OCCURRED_IN_FUTURE,
        Reason.OCCURRED_TOO_OLD,
        Reason.PAYLOAD_TOO_LARGE,
        Reason.PAYLOAD_TOO_DEEP,
        Reason.PAYLOAD_TOO_MANY_KEYS,
        Reason.NOT_STORABLE,
    }
)
