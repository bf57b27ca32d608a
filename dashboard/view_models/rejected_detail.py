"""One rejected event for its drawer; pure."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.view_models.facts import Fact, source_facts, text_fact, time_fact
from dashboard.visible_text import bytes_as_text, hex_dump, visible
from storage.readers import RejectedRow

#: Bytes that the hexadecimal view shows.
MAX_HEX_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class RejectedModel:
    """What the drawer of a rejected event shows."""

    title: str
    message: str
    facts: tuple[Fact, ...]
    text: str
    hexadecimal: str
    #: What is missing from the bytes shown.
    note: str


def rejected_model(row: RejectedRow, zone: ZoneInfo) -> RejectedModel:
    """The row in words."""
    return RejectedModel(
        title=f"Rejected: {row.reason}",
        message=visible(row.message),
        facts=(
            text_fact("Reason", row.reason),
            text_fact("Event", row.name),
            Fact("Count", formats.number(row.count)),
            time_fact("First seen", row.first_seen_at, zone),
            time_fact("Last seen", row.last_seen_at, zone),
            text_fact("Run", row.run_id),
            *source_facts(row.source),
            Fact("Size", formats.counted(row.raw_bytes, "byte")),
            Fact("SHA-256", row.sha256),
        ),
        text=bytes_as_text(row.raw),
        hexadecimal=hex_dump(row.raw[:MAX_HEX_BYTES]),
        note=_note(row),
    )


def _note(row: RejectedRow) -> str:
    kept = len(row.raw)
    notes = [
        f"The first {formats.number(kept)} of {formats.number(row.raw_bytes)} bytes were kept."
        if kept < row.raw_bytes
        else "",
        f"The hexadecimal view ends after {formats.number(MAX_HEX_BYTES)} bytes."
        if kept > MAX_HEX_BYTES
        else "",
    ]
    return " ".join(filter(None, notes))
