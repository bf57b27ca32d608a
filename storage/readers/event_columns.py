"""The columns that a row of the grid is made of, its source among them; and the terms that indexes go by."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, Text, and_, cast, literal_column, select
from sqlalchemy.sql.selectable import Subquery

from storage.model import Source
from storage.readers.model import EventRow
from storage.schema import event, source
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

#: In the order of EventRow's fields.
COLUMNS = (
    event.c.seq,
    event.c.received_at,
    event.c.occurred_at,
    event.c.name,
    event.c.status,
    event.c.subject,
    event.c.run_id,
    event.c.event_id,
    event.c.source_id,
    event.c.plan_version,
    event.c.violations,
)
_SOURCE_COLUMNS = (source.c.sdk, source.c.app_version, source.c.platform, source.c.environment)
#: What each partial index asks for, by its column: the planner takes it only where the query repeats this.
_PARTIAL = {
    "status": event.c.status != literal_column("0"),
    "subject": event.c.subject.is_not(None),
    "run_id": event.c.run_id.is_not(None),
}
#: By value: calling the enums takes a quarter of what is done for each row.
_VERDICTS = {int(verdict): verdict for verdict in Verdict}
_KINDS = {kind.value: kind for kind in Kind}


def terms_of_partial(columns: Iterable[str]) -> list[ColumnElement[bool]]:
    """What the partial indexes that begin with these columns ask for."""
    return [_PARTIAL[column] for column in columns if column in _PARTIAL]


def with_sources(
    found: Subquery, app_id: ColumnElement[int], order: Iterable[ColumnElement[Any]]
) -> Select[Any]:
    """Rows of COLUMNS, each with its source."""
    *columns, violations = found.c
    its_source = and_(source.c.app_id == app_id, source.c.source_id == found.c.source_id)
    return (
        select(*columns, cast(violations, Text), *_SOURCE_COLUMNS)
        .select_from(found.outerjoin(source, its_source))
        .order_by(*order)
    )


def ordered(column: ColumnElement[Any], *, newest_first: bool) -> ColumnElement[Any]:
    """The column in the asked order of seqs."""
    return column.desc() if newest_first else column.asc()


def event_row(row: Sequence[Any]) -> EventRow:
    """Of what `with_sources` selects."""
    seq, received_at, occurred_at, name, status, subject, run_id, event_id, _, version, violations = row[:11]
    return EventRow(
        seq,
        received_at,
        occurred_at,
        name,
        _VERDICTS[status],
        subject,
        run_id,
        event_id,
        Source(*(field or "" for field in row[11:])),
        version,
        _violations(violations) if violations else (),
    )


def _violations(text: str) -> tuple[Violation, ...]:
    return tuple(
        Violation(item["path"], _KINDS[item["kind"]], item["expected"], item["received"], item["value"])
        for item in orjson.loads(text)
    )
