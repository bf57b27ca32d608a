"""The events next to an opened one."""

from dataclasses import dataclass

from dashboard.viewer import Viewer
from storage.model import Ledger
from storage.readers import EventRow, Filters


@dataclass(frozen=True, slots=True)
class Neighbours:
    """seqs on both sides; None: there is none."""

    older: int | None
    newer: int | None


def neighbours(ledger: Ledger, seq: int) -> Neighbours:
    """Of the app: seqs are dense, so no reading is needed."""
    return Neighbours(seq - 1 if seq > ledger.first_seq else None, seq + 1 if seq < ledger.last_seq else None)


def neighbours_of_subject(viewer: Viewer, app_id: int, row: EventRow) -> Neighbours | None:
    """Of the event's subject, by event_by_subject; None: it has no subject."""
    if row.subject is None:
        return None
    same = Filters(subject=row.subject)
    return Neighbours(
        viewer.neighbour(app_id, same, row.seq, newer=False),
        viewer.neighbour(app_id, same, row.seq, newer=True),
    )
