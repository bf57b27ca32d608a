"""One event for its drawer: its fields against the plan, its payload as it came, its facts; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.json_text import indented
from dashboard.view_models.explanation import Explained, explanation
from dashboard.view_models.facts import Fact, source_facts, text_fact, time_fact
from dashboard.visible_text import visible
from storage.readers import EventDetail, EventRow
from tracking_plan.field_ledger import FieldCheck, FieldStatus
from tracking_plan.verdict import Verdict

#: Characters of a payload that the drawer shows.
MAX_PAYLOAD_CHARS = 200_000
#: Fields that the drawer shows; those that break the plan come first.
MAX_FIELDS = 500

_UNREADABLE = "The plan version that judged this event cannot be read by this version of the product."
#: The verdict whose mark and colour a field's status borrows; none for what may be absent.
_LOOKS: Mapping[FieldStatus, Verdict | None] = {
    FieldStatus.VALID: Verdict.VALID,
    FieldStatus.INVALID: Verdict.INVALID,
    FieldStatus.MISSING: Verdict.INVALID,
    FieldStatus.UNPLANNED: Verdict.UNPLANNED,
    FieldStatus.NOT_RECEIVED: None,
}


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One field in words."""

    path: str
    value: str
    expected: str
    received: str
    status: str
    #: None: it is absent, as it may be.
    look: Verdict | None
    #: It breaks a rule.
    broken: bool


@dataclass(frozen=True, slots=True)
class EventModel:
    """What the drawer of an event shows."""

    title: str
    status: Verdict
    received: str
    #: Empty for an event that breaks no rule.
    explanation: tuple[Explained, ...]
    fields: tuple[FieldModel, ...]
    fields_note: str
    payload: str
    payload_note: str
    facts: tuple[Fact, ...]


def event_model(detail: EventDetail, fields: Sequence[FieldCheck] | None, zone: ZoneInfo) -> EventModel:
    """The event in words; broken fields first, then the others, each in the order of the payload's paths.

    `fields` None: the plan that judged it cannot be read.
    """
    row = detail.row
    payload = detail.payload.decode("utf-8", "backslashreplace")
    ordered = sorted(fields or (), key=lambda check: not check.kinds)
    return EventModel(
        title=visible(row.name),
        status=row.status,
        received=f"received {formats.moment(row.received_at, zone)}",
        explanation=explanation(detail, fields),
        fields=tuple(map(_field, ordered[:MAX_FIELDS])),
        fields_note=_UNREADABLE if fields is None else _cut_note(len(fields), MAX_FIELDS, "fields"),
        payload=visible(indented(payload[:MAX_PAYLOAD_CHARS]), keep_layout=True),
        payload_note=_cut_note(len(payload), MAX_PAYLOAD_CHARS, "characters"),
        facts=tuple(_facts(row, zone)),
    )


def _field(check: FieldCheck) -> FieldModel:
    return FieldModel(
        path=visible(check.path or "(the payload)"),
        value=visible(check.value),
        expected=visible(check.expected),
        received=visible(check.received),
        status=check.status.value,
        look=_LOOKS[check.status],
        broken=bool(check.kinds),
    )


def _facts(row: EventRow, zone: ZoneInfo) -> Iterable[Fact]:
    yield Fact("Seq", formats.number(row.seq))
    yield time_fact("Received", row.received_at, zone)
    yield time_fact("Occurred", row.occurred_at, zone)
    yield text_fact("Event id", row.event_id)
    yield text_fact("Subject", row.subject)
    yield text_fact("Run", row.run_id)
    yield from source_facts(row.source)
    yield Fact("Plan version", str(row.plan_version) if row.plan_version else "no plan")


def _cut_note(found: int, shown: int, what: str) -> str:
    return f"The first {formats.number(shown)} of {formats.number(found)} {what}." if found > shown else ""
