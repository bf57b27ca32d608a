"""The plan in force against what came."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from storage.readers.condition import Condition
from storage.readers.ledgers import read_ledger, read_plan
from storage.readers.minutes import HOUR, check_range, floor
from storage.readers.results import Coverage, NameCount, PlannedEvent
from storage.readers.rollup_counts import by_name, counted, rows_only
from storage.readers.spans import Span, cut
from tracking_plan.verdict import STORED, Verdict

#: The last minute of each name within the hour where it was last counted: 60 probes of rollup_minute_pkey
#: per name at most, newest first.
_LAST_MINUTES = text("""
SELECT wanted.name, last.minute
FROM unnest(CAST(:names AS text[]), CAST(:hours AS timestamptz[])) AS wanted (name, hour)
CROSS JOIN LATERAL (
    SELECT found.minute FROM generate_series(59, 0, -1) AS past
    JOIN LATERAL (
        SELECT minute FROM rollup_minute WHERE app_id = :app_id
        AND minute = wanted.hour + past * interval '1 minute' AND name = wanted.name
        AND status = ANY(:statuses)
        AND minute >= coalesce(CAST(:start AS timestamptz), '-infinity')
        AND minute < coalesce(CAST(:end AS timestamptz), 'infinity') LIMIT 1
    ) AS found ON true
    LIMIT 1
) AS last
""")


def read_coverage(conn: Connection, app_id: int, start: datetime | None, end: datetime | None) -> Coverage:
    """The plan in force, if there is one, against what came in the range. Raises NotFound, BadRequest."""
    check_range(start, end)
    ledger = read_ledger(conn, app_id)
    plan = read_plan(conn, app_id, ledger.plan_version)
    planned: list[str] = sorted(plan["events"]) if plan is not None else []
    parts = cut(start, end)
    counts = by_name(conn, app_id, parts, rows_only(Condition()))
    last_seen = _last_seen(conn, app_id, Span(start, end))
    none = dict.fromkeys(Verdict, 0)
    return Coverage(
        ledger.plan_version,
        tuple(PlannedEvent(name, counts.get(name, none), last_seen.get(name)) for name in planned),
        _unplanned(counts, set(planned)),
    )


def _unplanned(counts: Mapping[str, Mapping[Verdict, int]], planned: set[str]) -> tuple[NameCount, ...]:
    found = [NameCount(name, counts[name], None) for name in counts.keys() - planned]
    return tuple(sorted(found, key=lambda name: (-name.stored, name.name)))


def _last_seen(conn: Connection, app_id: int, span: Span) -> dict[str, datetime]:
    """The minute of each name's last stored event in the range."""
    found = counted(app_id, cut(span.start, span.end), rows_only(Condition()))
    if found is None:
        return {}
    last = conn.execute(select(found.c.name, func.max(found.c.bucket)).group_by(found.c.name)).all()
    parameters = {
        "app_id": app_id,
        "names": [name for name, _ in last],
        "hours": [floor(bucket, HOUR) for _, bucket in last],
        "statuses": [int(status) for status in STORED],
        "start": span.start,
        "end": span.end,
    }
    return {row.name: row.minute for row in conn.execute(_LAST_MINUTES, parameters)}
