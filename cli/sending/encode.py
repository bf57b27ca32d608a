"""A line of JSON to the event that it tells of."""

from dataclasses import dataclass

from cli.sending.members import Member, NotAnObject, read_members
from cli.sending.times import NotATime, nanos_of_number, nanos_of_text, seconds_and_nanos
from livevalidation.v1 import ingest_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Where a line says what; other fields of the line are not sent."""

    name: str = "name"
    payload: str = "payload"
    event_id: str = "event_id"
    time: str = "occurred_at"
    subject: str = "subject"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A line as an event."""

    event: ingest_pb2.Event
    #: As the line gives it; None: it gives none.
    event_id: str | None
    #: Why the line cannot be understood; None: it can.
    problem: str | None


class _Problem(ValueError):
    """Why a line cannot be understood."""


def encode_line(line: bytes, fields: Fields) -> Encoded:
    """The event of a line, with the payload's own bytes. Invents neither id nor time.

    A line that cannot be understood becomes an event without a name, with the whole line as its payload:
    the server rejects it, and keeps it.
    """
    try:
        event = _event(read_members(line), fields)
    except (_Problem, NotAnObject) as problem:
        return Encoded(ingest_pb2.Event(payload_json=line), None, str(problem))
    return Encoded(event, event.event_id or None, None)


def _event(members: dict[str, Member], fields: Fields) -> ingest_pb2.Event:
    event = ingest_pb2.Event()
    try:
        event.name = _text(members, fields.name, numbers=False)
        event.event_id = _text(members, fields.event_id)
        event.subject = _text(members, fields.subject)
    except UnicodeEncodeError:
        raise _Problem("name, id or subject is not UTF-8, or holds half a character") from None
    _set_time(event, members.get(fields.time), fields.time)
    payload = members.get(fields.payload)
    if payload is not None:
        event.payload_json = payload.text.encode("utf-8", "surrogateescape")
    return event


def _text(members: dict[str, Member], field: str, *, numbers: bool = True) -> str:
    member = members.get(field)
    if member is None or member.value is None:
        return ""
    if member.is_string or (numbers and member.is_number):
        return str(member.value)
    raise _Problem(f"`{field}` is {_cut(member.text)}: write it as a string")


def _set_time(event: ingest_pb2.Event, member: Member | None, field: str) -> None:
    if member is None or member.value is None:
        return
    try:
        if member.is_string:
            nanos = nanos_of_text(str(member.value))
        elif member.is_number:
            nanos = nanos_of_number(member.text)
        else:
            raise NotATime
    except NotATime:
        raise _Problem(
            f"`{field}` is {_cut(member.text)}: write a time like 2026-01-31T12:00:00Z, or the seconds or "
            "milliseconds since 1970"
        ) from None
    event.occurred_at.seconds, event.occurred_at.nanos = seconds_and_nanos(nanos)


def _cut(text: str) -> str:
    shown = text.encode(errors="replace").decode()
    return shown if len(shown) <= 40 else shown[:39] + "…"
