"""A message's bytes to events that can be judged, or why they cannot be stored. Pure.

What is wrong with one event rejects that one; what is wrong with the batch's source or run_id, which hold for
every event, rejects every event; only what is no batch at all is refused as a whole.
"""

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from ingest_server import wire
from ingest_server.errors import TooManyEvents
from ingest_server.limits import DecodeLimits
from ingest_server.payload import Document, read_payload
from ingest_server.refusal import Refused
from ingest_server.struct_payload import read_struct
from storage.identity import canonical, content_hash, event_key
from storage.model import Rejection, Source
from storage.reasons import Reason
from storage.schema import MAX_TEXT_BYTES

#: 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds since 1970, as google.protobuf.Timestamp has them.
_MIN_SECONDS = -62_135_596_800
_MAX_SECONDS = 253_402_300_799

_SOURCE_FIELDS = ("sdk", "app_version", "platform", "environment")
#: As a number, by which `in` finds a byte fastest.
_NUL = 0
_EVENT_TEXTS = ("name", "event_id", "subject")


#: An event that can be stored, not judged yet: position, name, subject, event_id, occurred_us, event_key,
#: content_hash, payload and raw as in storage.model.NewEvent, with the object that the payload means before
#: raw. A bare tuple, since it lives for a moment only and a named one takes 0.4 µs to make.
ReadEvent = tuple[int, str, str | None, str | None, int | None, bytes, int, bytes, Document, bytes]


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """A message, read; `events` and `rejections` together are the `received` events."""

    batch_id: int
    source: Source
    run_id: str | None
    received: int
    events: list[ReadEvent]
    rejections: list[Rejection]


def decode_batch(message: bytes, limits: DecodeLimits) -> DecodedBatch:
    """Reads a serialised EventBatch. Raises EnvelopeUnreadable, TooManyEvents; nothing else on any bytes."""
    envelope = wire.parse_batch(message)
    received = len(envelope.events)
    if received > limits.max_events:
        raise TooManyEvents(received, limits.max_events)
    try:
        source = _source(envelope.source)
        run_id = _run_id(envelope.run_id)
    except Refused as refused:
        rejections = [_rejection(position, raw, refused) for position, raw in enumerate(envelope.events)]
        return DecodedBatch(envelope.batch_id, Source(), None, received, [], rejections)
    batch = DecodedBatch(envelope.batch_id, source, run_id, received, [], [])
    for position, raw in enumerate(envelope.events):
        try:
            batch.events.append(_event(position, raw, run_id, limits))
        except Refused as refused:
            batch.rejections.append(_rejection(position, raw, refused))
    return batch


def _event(position: int, raw: bytes, run_id: str | None, limits: DecodeLimits) -> ReadEvent:
    try:
        message = wire.parse_event(raw)
    except DecodeError:
        raise _unreadable(raw) from None
    name, subject, event_id = message.name, message.subject or None, message.event_id or None
    # A NUL anywhere in the message, or a long message, is a reason to look; the usual event has neither.
    if not name or _NUL in raw or len(raw) - len(message.payload_json) > MAX_TEXT_BYTES:
        _check_texts(name, subject or "", event_id or "")
    occurred_us = _occurred_us(message)
    payload, document = _payload(message, limits)
    same = canonical(document)
    key = event_key(event_id, name, subject, run_id, same)
    hashed = content_hash(name, subject, same)
    return position, name, subject, event_id, occurred_us, key, hashed, payload, document, raw


def _payload(message: wire.EventMessage, limits: DecodeLimits) -> tuple[bytes, Document]:
    payload = message.payload_json
    if payload:
        return payload, read_payload(payload, limits)
    body = message.WhichOneof("body")
    if body == "payload":
        return read_struct(message.payload, limits)
    if body is None:
        raise Refused(Reason.PAYLOAD_MISSING)
    return payload, read_payload(payload, limits)


def _occurred_us(message: wire.EventMessage) -> int | None:
    """Microseconds since 1970, digits below cut off; None: not given."""
    occurred_at = message.occurred_at
    seconds, nanos = occurred_at.seconds, occurred_at.nanos
    if not seconds and not nanos and not message.HasField("occurred_at"):
        return None
    if not (_MIN_SECONDS <= seconds <= _MAX_SECONDS and 0 <= nanos < 1_000_000_000):
        raise Refused(Reason.OCCURRED_AT_OUT_OF_RANGE)
    return seconds * 1_000_000 + nanos // 1_000


def _check_texts(name: str, subject: str, event_id: str) -> None:
    if not name:
        raise Refused(Reason.NAME_MISSING)
    _check_text("name", name)
    _check_text("subject", subject)
    _check_text("event_id", event_id)


def _check_text(field: str, text: str) -> None:
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        raise Refused(Reason.TEXT_TOO_LONG, field=field, size=size, limit=MAX_TEXT_BYTES)
    if "\0" in text:
        raise Refused(Reason.TEXT_HAS_NUL, field=field)


def _run_id(raw: bytes) -> str | None:
    text = _decoded("run_id", raw)
    _check_text("run_id", text)
    return text or None


def _source(raw: bytes) -> Source:
    try:
        message = wire.parse_source(raw)
    except DecodeError:
        raise _source_unreadable(raw) from None
    source = Source(message.sdk, message.app_version, message.platform, message.environment)
    for field in _SOURCE_FIELDS:
        _check_text(f"source.{field}", getattr(source, field))
    return source


def _decoded(field: str, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(Reason.TEXT_NOT_UTF8, field=field, position=error.start) from None


def _unreadable(raw: bytes) -> Refused:
    """Why an Event cannot be parsed: one of its texts, or all of it."""
    try:
        message = wire.parse_event_as_bytes(raw)
        for field in _EVENT_TEXTS:
            _decoded(field, getattr(message, field))
    except DecodeError:
        return Refused(Reason.EVENT_NOT_READABLE)
    except Refused as refused:
        return refused
    return Refused(Reason.EVENT_NOT_READABLE)


def _source_unreadable(raw: bytes) -> Refused:
    try:
        message = wire.parse_source_as_bytes(raw)
        for field in _SOURCE_FIELDS:
            _decoded(f"source.{field}", getattr(message, field))
    except DecodeError:
        return Refused(Reason.SOURCE_NOT_READABLE)
    except Refused as refused:
        return refused
    return Refused(Reason.SOURCE_NOT_READABLE)


def _rejection(position: int, raw: bytes, refused: Refused) -> Rejection:
    return Rejection(position, refused.reason.value, refused.message, _name_as_far_as_known(raw), raw)


def _name_as_far_as_known(raw: bytes) -> str:
    """The event's name, made fit to be stored; "" where it cannot be read."""
    try:
        name: bytes = wire.parse_event_as_bytes(raw).name
    except DecodeError:
        return ""
    text = name.decode(errors="replace").replace("\0", "\ufffd")
    return text.encode()[:MAX_TEXT_BYTES].decode(errors="ignore")
