"""What grid, feed and drawer ask of the readers, and what they get."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.errors import BadRequest
from storage.model import Ledger, Source
from storage.readers.looked_into import Property
from storage.readers.minutes import check_range
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

#: Most rows of a page and of one reading of the feed.
MAX_ROWS = 500
#: Most values of one filter.
MAX_FILTER_VALUES = 200
#: A view's six numbers, the last three perhaps missing; Postgres's bigint holds 18 digits.
_TOKEN = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){2}(\.[0-9]{0,18}){3}")


@dataclass(frozen=True, slots=True)
class AppInfo:
    """An app and its change counters."""

    app_id: int
    name: str
    created_at: datetime
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events; all conditions hold at once, each is met by any of its values; an empty one asks nothing.

    Times of arrival are whole minutes [start, end) in UTC; None: open at that side.
    """

    names: tuple[str, ...] = ()
    #: VALID, INVALID or UNPLANNED: other verdicts have no rows.
    statuses: tuple[Verdict, ...] = ()
    subject: str | None = None
    run_id: str | None = None
    source_ids: tuple[int, ...] = ()
    #: Fields of the source.
    app_versions: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    sdks: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    names_not: tuple[str, ...] = ()
    statuses_not: tuple[Verdict, ...] = ()
    #: Beside `subject` and `run_id`; events without any are none of the unwanted ones.
    subjects: tuple[str, ...] = ()
    subjects_not: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    run_ids_not: tuple[str, ...] = ()
    source_ids_not: tuple[int, ...] = ()
    app_versions_not: tuple[str, ...] = ()
    platforms_not: tuple[str, ...] = ()
    environments_not: tuple[str, ...] = ()
    sdks_not: tuple[str, ...] = ()
    #: Of one violation, which has any of the kinds and is at any of the paths; `*` in a path is any index.
    kinds: tuple[Kind, ...] = ()
    paths: tuple[str, ...] = ()
    #: Of no violation at all.
    kinds_not: tuple[Kind, ...] = ()
    paths_not: tuple[str, ...] = ()
    #: Of the payload; each is met.
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """Freezes a grid at the moment of its first page: later arrivals move no row.

    Made by the reader and handed back unchanged; belongs to one app and one set of filters.
    """

    epoch: int
    #: The newest row of the view.
    snapshot_seq: int
    #: The app's oldest row at that moment.
    first_seq: int
    #: Rows of the view; None where no rollup knows the filters: such a view has no row numbers.
    total: int | None
    #: The minute of the app's last arrival, which may go on filling; None: nothing was stored.
    minute: datetime | None
    #: Rows of the view in `minute`; older minutes never change.
    in_minute: int | None

    def to_token(self) -> str:
        """The view as a short text for its way through a browser."""
        minute = None if self.minute is None else int(self.minute.timestamp()) // 60
        parts = (self.epoch, self.snapshot_seq, self.first_seq, self.total, minute, self.in_minute)
        return ".".join("" if part is None else str(part) for part in parts)

    @staticmethod
    def from_token(token: str) -> "View":
        """The view of a token; raises BadRequest."""
        try:
            if not _TOKEN.fullmatch(token):
                raise ValueError
            epoch, snapshot_seq, first_seq, total, minute, in_minute = (
                int(part) if part else None for part in token.split(".")
            )
            if epoch is None or snapshot_seq is None or first_seq is None:
                raise ValueError
            start = None if minute is None else datetime.fromtimestamp(minute * 60, UTC)
            check_range(start, None)
        except (ValueError, OverflowError, OSError):
            raise BadRequest("the grid's view cannot be read: open a new view") from None
        return View(epoch, snapshot_seq, first_seq, total, start, in_minute)


@dataclass(frozen=True, slots=True)
class RowNumber:
    """A place by its row number, from 0; above 0 only in views with a total."""

    offset: int
    view: View | None = None


@dataclass(frozen=True, slots=True)
class After:
    """The place behind the row of this seq, in the page's direction."""

    seq: int
    view: View | None = None


@dataclass(frozen=True, slots=True)
class PageQuery:
    """A page of the grid; `at` None: the first one of a new view."""

    app_id: int
    filters: Filters
    newest_first: bool
    #: 1 … MAX_ROWS
    limit: int
    at: RowNumber | After | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A stored event without its payload."""

    seq: int
    received_at: datetime
    occurred_at: datetime | None
    name: str
    status: Verdict
    subject: str | None
    run_id: str | None
    event_id: str | None
    source: Source
    plan_version: int
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a view in the asked order; fewer than asked at its end, or where retention took rows."""

    view: View
    rows: tuple[EventRow, ...]
    ledger: Ledger
    #: Whether rows may follow.
    more: bool
    #: The search stopped here for its time was up, before the page was full: After(scanned_to) goes on.
    scanned_to: int | None = None
    #: About when that row arrived; None: the search did not get ahead.
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of a view, as far as they were counted."""

    rows: int
    #: Whether these are all; else there are at least so many.
    complete: bool


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a view is at a time of arrival."""

    #: Number of its first row from there on, from 0; None: the view has no row numbers.
    row: int | None
    #: The place behind which that row is, for After.
    after: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a feed has read."""

    epoch: int
    version: int
    seq: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a cursor; `next` is the cursor to ask with again."""

    ledger: Ledger
    #: The cursor's rows are gone or mean something else: start anew from `next`, the newest state.
    gap: bool
    #: Oldest first, dense in seq.
    new_rows: tuple[EventRow, ...]
    #: More rows are there: ask again at once.
    truncated: bool
    next: Cursor


@dataclass(frozen=True, slots=True)
class EventDetail:
    """An event with its payload, and the plan that judged it."""

    row: EventRow
    #: The producer's JSON bytes.
    payload: bytes
    #: In the native format; None: no plan judged it.
    plan_document: dict[str, Any] | None


class Gap(BadRequest):
    """The view is of an epoch that has ended: its row numbers and seqs mean nothing now. Start a new view."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__("the app's events were replaced since this view began: open a new view")
        self.ledger = ledger
