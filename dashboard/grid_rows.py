"""Rows of the grids as plain dicts; pure."""

from typing import Any
from zoneinfo import ZoneInfo

from dashboard.view_models import words
from dashboard.visible_text import bytes_as_text, cell
from storage.readers import EventRow, RejectedRow

from . import formats

Json = dict[str, Any]

#: Bytes of a rejected event that its row shows.
_PREVIEW_BYTES = 120


def event_row(event: EventRow, zone: ZoneInfo) -> Json:
    """A row of the event grid; every value is ready to be shown as text."""
    return {
        "seq": event.seq,
        "received": formats.moment(event.received_at, zone),
        "received_utc": formats.utc(event.received_at),
        "name": cell(event.name),
        "status": event.status.word,
        "subject": cell(event.subject or ""),
        # As stored: what a filter takes.
        "follow": event.subject or "",
        "follow_hint": f"Follow {cell(event.subject)}" if event.subject else "",
        "source": words.source(event.source),
        "problem": words.violations(event.violations),
    }


def rejected_row(row: RejectedRow, zone: ZoneInfo) -> Json:
    """A row of the list of rejected events."""
    return {
        "id": f"{row.day}.{row.sha256}.{row.reason}",
        "day": str(row.day),
        "sha256": row.sha256,
        "reason": row.reason,
        "message": cell(row.message),
        "name": cell(row.name),
        "count": row.count,
        "first_seen": formats.moment(row.first_seen_at, zone),
        "first_seen_utc": formats.utc(row.first_seen_at),
        "last_seen": formats.moment(row.last_seen_at, zone),
        "last_seen_utc": formats.utc(row.last_seen_at),
        "raw": cell(bytes_as_text(row.raw[:_PREVIEW_BYTES])),
    }
