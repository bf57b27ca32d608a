"""How the newest events of a followed subject or run fare; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.visible_text import cell
from storage.readers import EventRow
from tracking_plan.verdict import Verdict

#: Newest events that are looked at.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class FollowedEvent:
    """One of the newest events."""

    seq: int
    status: Verdict
    #: `Order Completed: invalid, at 14:02:11`.
    title: str


@dataclass(frozen=True, slots=True)
class FollowModel:
    """What is followed, and whether it passes."""

    #: `subject user-7`, `run ci-12`, or both.
    what: str
    #: `✓ passes` in words: see `passes`.
    state: str
    #: None: nothing came yet.
    passes: bool | None
    #: Oldest first, as they came.
    events: tuple[FollowedEvent, ...]


def follow_model(subject: str, run: str, newest: Sequence[EventRow], zone: ZoneInfo) -> FollowModel:
    """`newest` are the newest events of the subject or run, newest first, at most NEWEST."""
    failing = sum(row.status is not Verdict.VALID for row in newest)
    return FollowModel(
        what=" of ".join(
            f"{word} {cell(value)}" for word, value in (("run", run), ("subject", subject)) if value
        ),
        state=_state(newest, failing, zone),
        passes=None if not newest else failing == 0,
        events=tuple(_event(row, zone) for row in reversed(newest)),
    )


def _state(newest: Sequence[EventRow], failing: int, zone: ZoneInfo) -> str:
    if not newest:
        return "Nothing came yet; its first event appears here within two seconds"
    count = len(newest)
    which = "the only event" if count == 1 else f"the newest {count} events"
    said = f"{which} pass{'es' if count == 1 else ''}" if not failing else _failing(which, count, failing)
    return f"{said[0].upper()}{said[1:]} · last one at {formats.clock(newest[0].received_at, zone)}"


def _failing(which: str, count: int, failing: int) -> str:
    if count == 1:
        return f"{which} fails"
    return f"{failing} of {which} fail{'s' if failing == 1 else ''}"


def _event(row: EventRow, zone: ZoneInfo) -> FollowedEvent:
    at = formats.clock(row.received_at, zone)
    return FollowedEvent(row.seq, row.status, f"{cell(row.name)}: {row.status.word}, at {at}")
