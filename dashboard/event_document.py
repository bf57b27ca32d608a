"""An event as one JSON document, for who takes it elsewhere; pure."""

from dataclasses import asdict

import orjson

from dashboard import formats
from dashboard.json_text import indented
from storage.readers import EventDetail


def event_document(detail: EventDetail) -> str:
    """Laid out; the payload's tokens are those of its producer, times are UTC."""
    row = detail.row
    document = {
        "seq": row.seq,
        "name": row.name,
        "event_id": row.event_id,
        "occurred_at": None if row.occurred_at is None else formats.utc(row.occurred_at),
        "received_at": formats.utc(row.received_at),
        "subject": row.subject,
        "run_id": row.run_id,
        "source": asdict(row.source),
        "plan_version": row.plan_version or None,
        "status": row.status.word,
        "violations": [asdict(each) for each in row.violations],
        "payload": orjson.Fragment(detail.payload),
    }
    return indented(orjson.dumps(document).decode())
