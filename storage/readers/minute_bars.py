"""Bars of all events of an app, by `app_minute`: a row per minute, however many names there are."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from storage.readers.spans import Span
from tracking_plan.verdict import Verdict

#: (start, status, events).
Bar = tuple[datetime, int, int]

#: By app_minute_pkey, bounded by the range: at most 1,440 rows for a day.
_BARS = text("""
SELECT date_bin(:step, minute, 'epoch') AS start, sum(received)::bigint AS received,
    sum(valid)::bigint, sum(invalid)::bigint, sum(unplanned)::bigint,
    sum(duplicate)::bigint, sum(rejected)::bigint, sum(id_conflict)::bigint
FROM app_minute WHERE app_id = :app_id AND minute >= :start AND minute < :end GROUP BY 1
""")


def minute_bars(
    conn: Connection, app_id: int, span: Span, step: timedelta, statuses: tuple[int, ...] | None
) -> list[Bar] | None:
    """The bars of a range that is bounded at both sides, of these statuses (None: all), without empty ones.

    None: a server of an older version wrote in the range, and its minutes do not tell verdicts.
    """
    parameters = {"app_id": app_id, "start": span.start, "end": span.end, "step": step}
    rows = conn.execute(_BARS, parameters).all()
    if any(received != sum(counts) for _, received, *counts in rows):
        return None
    wanted = tuple(map(int, Verdict)) if statuses is None else statuses
    return [(start, status, counts[status]) for start, _, *counts in rows for status in wanted]
