"""Rows of `event` in the format of COPY … (FORMAT binary), as pure bytes.

Binary spares both sides the text: no escaping (a row `\\.` cannot end the COPY), no parsing of times and
numbers. A row is a head (seq and received_at, known only under the ledger lock) and a tail (all else,
made before). Format: PostgreSQL documentation, COPY, "Binary Format".
"""

from collections.abc import Iterable, Sequence
from struct import Struct

import orjson

from storage.model import NewEvent
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Violation

#: In the order of the fields that `head` and `tails` write.
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
_LENGTH = Struct(">i").pack
_NULL = _LENGTH(-1)
_HEAD = Struct(">hiqiq").pack
_DATED = Struct(">iqiqi16s").pack
_UNDATED = Struct(">iiqi16s").pack
_BATCH = Struct(">iiiiii").pack
_STATUS = tuple(Struct(">ih").pack(2, verdict) for verdict in Verdict)
#: Lengths of short texts, made once: packing one costs more than the text's own bytes.
_LENGTHS = tuple(_LENGTH(length) for length in range(1_024))


def head(seq: int, received_us: int) -> bytes:
    """The fields that are known under the lock; `received_us`: microseconds since 1970."""
    return _HEAD(_FIELD_COUNT, 8, seq, 8, received_us - _EPOCH_US)


def interleaved(heads: Sequence[bytes], tails: Sequence[bytes]) -> bytes:
    """The bytes of whole rows."""
    pieces = [b""] * (2 * len(heads))
    pieces[::2], pieces[1::2] = heads, tails
    return b"".join(pieces)


def tails(
    events: Iterable[NewEvent], app_id: int, source_id: int, plan_version: int, run_id: str | None
) -> list[bytes]:
    """All other fields of each event of a batch.

    One loop without calls of ours: this runs for every event that comes in.
    """
    batch = _BATCH(4, app_id, 4, source_id, 4, plan_version)
    statuses = [batch + status for status in _STATUS]
    run = _text_field(run_id)
    names: dict[str, bytes] = {}
    rows = []
    for event in events:
        _, name, subject, event_id, occurred_us, key, content, verdict, violations, payload, *_ = event
        name_field = names.get(name)
        if name_field is None:
            name_field = names[name] = _text_field(name)
        rows.append(
            b"".join(
                (
                    _UNDATED(-1, 8, content, 16, key)
                    if occurred_us is None
                    else _DATED(8, occurred_us - _EPOCH_US, 8, content, 16, key),
                    statuses[verdict],
                    name_field,
                    _NULL if event_id is None else _text_field(event_id),
                    _NULL if subject is None else _text_field(subject),
                    run,
                    _bytes_field(violations_json(violations)) if violations else _NULL,
                    _LENGTH(len(payload)),
                    payload,
                )
            )
        )
    return rows


def _text_field(text: str | None) -> bytes:
    """A field of type text; None is NULL."""
    return _NULL if text is None else _bytes_field(text.encode())


def violations_json(violations: Iterable[Violation]) -> bytes:
    """A JSON array of {path, kind, expected, received, value}."""
    return orjson.dumps(violations if isinstance(violations, tuple) else tuple(violations))


def _bytes_field(raw: bytes) -> bytes:
    length = len(raw)
    return (_LENGTHS[length] if length < len(_LENGTHS) else _LENGTH(length)) + raw
