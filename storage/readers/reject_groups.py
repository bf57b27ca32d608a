"""Rejected events grouped by reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from storage.readers.ledgers import read_ledger
from storage.readers.minutes import check_range
from storage.readers.spans import Span

#: Most rejected events that are grouped, last seen first: some 30 ms of an index and its rows.
MAX_GROUPED = 20_000

#: By rejected_event_by_last_seen; the outer query adds up at most MAX_GROUPED rows.
_GROUPS = text("""
SELECT reason, date_bin(CAST(:step AS interval), last_seen_at, '1970-01-01T00:00:00Z') AS bucket,
    count(*), sum(count)::bigint, min(first_seen_at), max(last_seen_at)
FROM (
    SELECT reason, first_seen_at, last_seen_at, count FROM rejected_event WHERE app_id = :app_id
    AND last_seen_at >= coalesce(CAST(:start AS timestamptz), '-infinity')
    AND last_seen_at < coalesce(CAST(:end AS timestamptz), 'infinity')
    ORDER BY app_id, last_seen_at DESC, sha256, reason LIMIT :most
) AS newest
GROUP BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class RejectedBar:
    """Rejected events of one reason that were last seen in one bar of time."""

    reason: str
    start: datetime
    #: Different bytes.
    kinds: int
    #: How often they came, on the days on which they did.
    times: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class RejectedGroups:
    """What was last seen in a range; `complete` False: only the last MAX_GROUPED of it."""

    bars: tuple[RejectedBar, ...]
    complete: bool


def read_rejected_groups(conn: Connection, app_id: int, span: Span, step: timedelta) -> RejectedGroups:
    """Raises NotFound, BadRequest."""
    check_range(span.start, span.end)
    read_ledger(conn, app_id)
    asked = {"app_id": app_id, "start": span.start, "end": span.end, "step": step, "most": MAX_GROUPED}
    bars = tuple(RejectedBar(*row) for row in conn.execute(_GROUPS, asked))
    return RejectedGroups(bars, sum(bar.kinds for bar in bars) < MAX_GROUPED)
