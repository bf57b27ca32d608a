"""What an export holds, and how it is read: page behind page, so that no transaction and no memory grows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from dashboard.viewer import Viewer
from storage.readers import MAX_ROWS, After, EventRow, PageQuery

#: Most bytes of payloads in memory at once, but for the last one of them.
_MOST_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Exported:
    """An event as it is exported; its fields are the columns of a file, in their order."""

    seq: int
    received_at: datetime
    occurred_at: datetime | None
    name: str
    status: str
    subject: str | None
    run_id: str | None
    event_id: str | None
    sdk: str
    app_version: str
    platform: str
    environment: str
    plan_version: int
    #: A JSON array of {path, kind, expected, received, value}.
    violations: str
    #: The producer's JSON.
    payload: str


def batches(viewer: Viewer, query: PageQuery) -> Iterator[list[Exported]]:
    """All rows from the query's place on; an empty batch where a search found nothing in its time.

    Rows that retention takes meanwhile are left out. Raises what the reader raises, Gap among it.
    """
    query = replace(query, limit=MAX_ROWS)
    while True:
        page = viewer.page_to_export(query)
        yield from _with_payloads(viewer, query.app_id, page.rows)
        behind = page.rows[-1].seq if page.scanned_to is None and page.rows else page.scanned_to
        if not page.more or behind is None:
            return
        query = replace(query, at=After(behind, page.view))


def _with_payloads(viewer: Viewer, app_id: int, rows: Sequence[EventRow]) -> Iterator[list[Exported]]:
    if not rows:
        yield []
    while rows:
        payloads = viewer.payloads(app_id, [row.seq for row in rows], _MOST_BYTES)
        read = max((place for place, row in enumerate(rows, 1) if row.seq in payloads), default=len(rows))
        yield [_exported(row, payloads[row.seq]) for row in rows[:read] if row.seq in payloads]
        rows = rows[read:]


def _exported(row: EventRow, payload: bytes) -> Exported:
    return Exported(
        seq=row.seq,
        received_at=row.received_at,
        occurred_at=row.occurred_at,
        name=row.name,
        status=row.status.word,
        subject=row.subject,
        run_id=row.run_id,
        event_id=row.event_id,
        sdk=row.source.sdk,
        app_version=row.source.app_version,
        platform=row.source.platform,
        environment=row.source.environment,
        plan_version=row.plan_version,
        violations=orjson.dumps(row.violations).decode() if row.violations else "[]",
        payload=payload.decode(),
    )
