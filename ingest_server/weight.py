"""How much memory a batch takes while it is in flight, for the budget. Pure."""

from collections import Counter
from collections.abc import Sequence
from sys import getsizeof

from storage.model import NewEvent
from tracking_plan.catalog import memory_of
from tracking_plan.violation import Violation

#: What an event costs beside its message and the copy of its part of it, as Python objects: measured on
#: events of 7 fields and 130 bytes, which take 1.4 kB in all, of which 2 · 220 are these bytes.
_EVENT_BYTES = 950
#: An event takes no less in a message: its tag and its length.
_LEAST_EVENT_BYTES = 2
#: Shapes of payloads with so many properties, or colons in texts, are a part of what an event costs anyway.
_USUAL_PROPERTIES = 32


def weigh(message_bytes: int, events: int) -> int:
    """Estimated memory of a batch that waits, in bytes: the message, its parts copied out, and objects."""
    return 2 * message_bytes + _EVENT_BYTES * events


def weigh_undecoded(message_bytes: int, max_events: int) -> int:
    """The most that it may weigh once it is decoded, if its events are usual ones; more are refused."""
    return weigh(message_bytes, min(message_bytes // _LEAST_EVENT_BYTES, max_events))


def weigh_unusual(events: Sequence[NewEvent]) -> int:
    """What events take beside that, in bytes: their violations, and shapes of payloads of many properties.

    Either can be many times as large as what came: 20 bytes may break fifty rules.
    """
    broken = [event.violations for event in events if event.violations]
    # The same object may stand in many events.
    distinct = {id(violation): violation for violations in broken for violation in violations}
    # Equal ones are looked at once: events of many properties are as usual as others.
    large = Counter(event.shape for event in events if event.payload.count(b":") > _USUAL_PROPERTIES)
    return (
        sum(getsizeof(violations) for violations in broken)
        + sum(map(_violation_bytes, distinct.values()))
        + sum(memory_of(shape, count) for shape, count in large.items())
    )


def _violation_bytes(violation: Violation) -> int:
    """What is expected is said by the plan, once for all events."""
    own = (violation.path, violation.received, violation.value)
    return getsizeof(violation) + sum(map(getsizeof, own))
