"""What the readers must answer, said by one plain query and filtered in Python."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

from sqlalchemy import Engine, text

from storage.readers import (
    After,
    Comparison,
    EventRow,
    Filters,
    Page,
    PageQuery,
    Property,
    Reader,
    RowNumber,
    View,
)
from tests.support.seeding import SOURCES
from tracking_plan.verdict import Verdict

_ROWS = text(
    "SELECT seq, received_at, name, status, subject, run_id, source_id,"
    " coalesce(violations, '[]')::text, payload::text FROM event"
    " WHERE app_id = :app_id ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """What filters ask of a row."""

    seq: int
    received_at: datetime
    name: str
    status: int
    subject: str | None
    run_id: str | None
    source_id: int
    violations: str
    payload: str


def stored_rows(engine: Engine, app_id: int) -> list[StoredRow]:
    """Every row of the app, oldest first."""
    with engine.connect() as conn:
        return [StoredRow(*row) for row in conn.execute(_ROWS, {"app_id": app_id})]


def matches(row: StoredRow, filters: Filters) -> bool:
    """Whether a row of tests.support.seeding meets the filters, one by one as their words say it."""
    sdk, app_version, platform, environment = SOURCES[row.source_id - 1]
    return all(
        (
            not filters.names or row.name in filters.names,
            row.name not in filters.names_not,
            not filters.statuses or Verdict(row.status) in filters.statuses,
            Verdict(row.status) not in filters.statuses_not,
            filters.subject is None or row.subject == filters.subject,
            filters.run_id is None or row.run_id == filters.run_id,
            not filters.source_ids or row.source_id in filters.source_ids,
            not filters.app_versions or app_version in filters.app_versions,
            not filters.platforms or platform in filters.platforms,
            not filters.environments or environment in filters.environments,
            not filters.sdks or sdk in filters.sdks,
            not filters.subjects or row.subject in filters.subjects,
            row.subject not in filters.subjects_not,
            not filters.run_ids or row.run_id in filters.run_ids,
            row.run_id not in filters.run_ids_not,
            row.source_id not in filters.source_ids_not,
            app_version not in filters.app_versions_not,
            platform not in filters.platforms_not,
            environment not in filters.environments_not,
            sdk not in filters.sdks_not,
            _violates(row, filters),
            all(_has(row, wanted) for wanted in filters.properties),
            filters.start is None or row.received_at >= filters.start,
            filters.end is None or row.received_at < filters.end,
        )
    )


def _violates(row: StoredRow, filters: Filters) -> bool:
    found = [(item["kind"], item["path"]) for item in json.loads(row.violations)]
    wanted = not (filters.kinds or filters.paths) or any(
        (not filters.kinds or kind in filters.kinds) and (not filters.paths or path in filters.paths)
        for kind, path in found
    )
    return wanted and not any(kind in filters.kinds_not or path in filters.paths_not for kind, path in found)


_COMPARE: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.IS: eq,
    Comparison.IS_NOT: eq,
    Comparison.LESS: lt,
    Comparison.AT_MOST: le,
    Comparison.MORE: gt,
    Comparison.AT_LEAST: ge,
}


def _has(row: StoredRow, wanted: Property) -> bool:
    compare = _COMPARE[wanted.comparison]
    found = any(
        type(one) is type(value) and compare(one, value)
        for one in _values(json.loads(row.payload, parse_float=Decimal, parse_int=Decimal), wanted.steps)
        for value in wanted.values
    )
    return found is not (wanted.comparison is Comparison.IS_NOT)


def _values(document: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if not steps:
        yield document
    elif isinstance(document, dict) and steps[0] in document:
        yield from _values(document[steps[0]], steps[1:])
    elif isinstance(document, list) and steps[0] == "*":
        for item in document:
            yield from _values(item, steps[1:])
    elif isinstance(document, list) and steps[0].isdecimal() and int(steps[0]) < len(document):
        yield from _values(document[int(steps[0])], steps[1:])


def wanted_seqs(rows: list[StoredRow], filters: Filters, *, newest_first: bool) -> list[int]:
    """The seqs of all matching rows in the asked order."""
    seqs = [row.seq for row in rows if matches(row, filters)]
    return seqs[::-1] if newest_first else seqs


def seqs_of(rows: tuple[EventRow, ...]) -> list[int]:
    """The rows' seqs in their order."""
    return [row.seq for row in rows]


def read_to_the_end(reader: Reader, query: PageQuery, check: Callable[[Page], None]) -> list[int]:
    """The seqs of all pages of one view, each asked for behind the one before; `check` sees each page."""
    page, seqs = reader.page(query), list[int]()
    while True:
        check(page)
        seqs += seqs_of(page.rows)
        if not page.more:
            return seqs
        last = page.scanned_to if page.scanned_to is not None else page.rows[-1].seq
        page = reader.page(following(query, After(last, page.view)))


def page_at_row(reader: Reader, query: PageQuery, offset: int, view: View) -> Page:
    """The page at a row number of a view."""
    return reader.page(following(query, RowNumber(offset, view)))


def following(query: PageQuery, at: After | RowNumber) -> PageQuery:
    """The same question at another place."""
    return PageQuery(query.app_id, query.filters, query.newest_first, query.limit, at)
