"""Rows of `event` in the format of COPY … (FORMAT binary), as pure bytes.

Binary spares both sides the text: no escaping (a row `\\.` cannot end the COPY), no parsing of times and
numbers. A row is a head (seq and received_at, known only under the ledger lock) and a tail (all else,
made before). Format: PostgreSQL documentation, COPY, "Binary Format".
"""

from collections.abc import Iterable
from struct import Struct

import orjson

from storage.model import NewEvent
from tracking_plan.violation import Violation

#: In the order of the fields that `head` and `tail` write.
COLUMNS = (
    "seq, received_at, occurred_at, content_hash, event_key, app_id, source_id, plan_version, status, "
    "name, event_id, subject, run_id, violations, payload"
)
_FIELD_COUNT = 15
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

#: Postgres counts microseconds from 2000-01-01T00:00Z.
_EPOCH_US = 946_684_800_000_000

# Each field is its length in bytes (int32, -1: NULL), then its bytes. All big-endian.
_HEAD = Struct(">hiqiq").pack
_DATED = Struct(">iqiqi16siiiiiiih").pack
_UNDATED = Struct(">iiqi16siiiiiiih").pack
_LENGTH = Struct(">i").pack
_NULL = _LENGTH(-1)


def head(seq: int, received_us: int) -> bytes:
    """The fields that are known under the lock; `received_us`: microseconds since 1970."""
    return _HEAD(_FIELD_COUNT, 8, seq, 8, received_us - _EPOCH_US)


def tail(event: NewEvent, app_id: int, source_id: int, plan_version: int, run_id: bytes) -> bytes:
    """All other fields; `run_id` is a field made by `text_field`."""
    fixed = (8, event.content_hash, 16, event.event_key, 4, app_id, 4, source_id, 4, plan_version, 2)
    violations = event.violations
    return b"".join(
        (
            _UNDATED(-1, *fixed, event.verdict)
            if event.occurred_us is None
            else _DATED(8, event.occurred_us - _EPOCH_US, *fixed, event.verdict),
            text_field(event.name),
            text_field(event.event_id),
            text_field(event.subject),
            run_id,
            _bytes_field(violations_json(violations)) if violations else _NULL,
            _LENGTH(len(event.payload)),
            event.payload,
        )
    )


def text_field(text: str | None) -> bytes:
    """A field of type text; None is NULL."""
    return _NULL if text is None else _bytes_field(text.encode())


def violations_json(violations: Iterable[Violation]) -> bytes:
    """A JSON array of {path, kind, expected, received, value}."""
    return orjson.dumps(violations if isinstance(violations, tuple) else tuple(violations))


def _bytes_field(raw: bytes) -> bytes:
    return _LENGTH(len(raw)) + raw
