"""Pages of the grid: a place, then rows from there in one direction, by keyset."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from storage.errors import BadRequest
from storage.model import Ledger
from storage.readers.access import Access, access_of
from storage.readers.condition import Condition, condition_of, source_fields
from storage.readers.event_rows import fetch_rows
from storage.readers.lasting import Lasting, Rollups
from storage.readers.ledgers import matching_sources, read_ledger
from storage.readers.minutes import MINUTE, minutes_of
from storage.readers.model import (
    MAX_ROWS,
    After,
    Counted,
    EventRow,
    Gap,
    Landing,
    Page,
    PageQuery,
    RowNumber,
    View,
)
from storage.readers.places import Gone, locate, reached
from storage.readers.rollup_counts import rows_only
from storage.readers.scan import Clock, Scanned, Search
from storage.readers.spans import Window, cut, day_windows, reaching_windows
from storage.readers.standing import Standing
from storage.readers.stretches import Stretch, stretch_of
from storage.readers.views import closed_minutes, extent_of, new_view, with_total


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page begins."""

    #: Of its first row.
    seq: int
    #: In which that one arrived; None: nobody looked.
    minute: datetime | None = None
    #: Rows that the view has from there on; None: unknown.
    left: int | None = None
    #: Rows of the page before this one that retention took.
    gone: int = 0


class Pages:
    """Reads pages; may be used by many threads."""

    def __init__(self, clock: Clock, search_seconds: float, lasting: Lasting) -> None:
        self._clock = clock
        self._search_seconds = search_seconds
        self._lasting = lasting

    def count(self, conn: Connection, query: PageQuery) -> Counted:
        """The rows of the query's view. Raises NotFound, BadRequest, Gap."""
        return self._standing(conn, query).count(self._clock, self._search_seconds)

    def land(self, conn: Connection, query: PageQuery, at: datetime) -> Landing:
        """Where the query's view is at a minute of arrival. Raises NotFound, BadRequest, Gap."""
        return self._standing(conn, query).land(at)

    def _standing(self, conn: Connection, query: PageQuery) -> Standing:
        ledger = read_ledger(conn, query.app_id)
        condition = asked_condition(conn, query)
        view = query.at.view if query.at is not None else None
        check_epoch(view, ledger)
        rollups = Rollups(conn, ledger, self._lasting)
        extent = extent_of(rollups, view or new_view(ledger), condition)
        view = view or with_total(rollups, new_view(ledger), extent, condition)
        return Standing(rollups, ledger, condition, view, extent, query.newest_first)

    def read(self, conn: Connection, query: PageQuery) -> Page:
        """The page. Raises NotFound, BadRequest, Gap."""
        check_limit(query.limit)
        standing = self._standing(conn, query)
        view, extent, ledger = standing.view, standing.extent, standing.ledger
        _check_row_number(query.at, view)
        if extent is None:
            return Page(view, (), ledger, more=False)
        reading = _PageReading(standing.rollups, query, ledger, standing.condition, view, extent)
        return reading.page(self._clock, self._search_seconds)


def check_limit(limit: int) -> None:
    """Raises BadRequest for a number of rows that nothing answers."""
    if not 1 <= limit <= MAX_ROWS:
        raise BadRequest(f"limit is {limit}: ask for 1 to {MAX_ROWS} rows")


def _check_row_number(at: RowNumber | After | None, view: View) -> None:
    if not isinstance(at, RowNumber):
        return
    if at.offset < 0:
        raise BadRequest(f"row number {at.offset}: rows are numbered from 0")
    if at.offset and view.total is None:
        raise BadRequest("these filters have no row numbers: go on behind the last row instead")


def check_epoch(view: View | None, ledger: Ledger) -> None:
    """Raises Gap where the view's epoch has ended."""
    if view is not None and view.epoch != ledger.epoch:
        raise Gap(ledger)


def asked_condition(conn: Connection, query: PageQuery) -> Condition:
    """What the query's rows must meet. Raises BadRequest."""
    return condition_of(query.filters, matching_sources(conn, query.app_id, source_fields(query.filters)))


@dataclass(frozen=True, slots=True)
class _PageReading:
    """One page, once it is known where its rows can be."""

    rollups: Rollups
    query: PageQuery
    ledger: Ledger
    condition: Condition
    view: View
    extent: Stretch

    def page(self, clock: Clock, search_seconds: float) -> Page:
        start = self._start()
        if start is None:
            return Page(self.view, (), self.ledger, more=False)
        limit = self.query.limit - start.gone
        if limit <= 0:
            return Page(self.view, (), self.ledger, more=True)
        # One row more than asked tells whether there is more.
        want = limit + 1 if start.left is None else min(limit + 1, start.left)
        found = self._read(start, want, clock, search_seconds)
        more = len(found.rows) > limit or found.scanned_to is not None
        return Page(self.view, found.rows[:limit], self.ledger, more, found.scanned_to, found.scanned_at)

    def _start(self) -> Start | None:
        """Where the page begins; None: there is nothing."""
        at, total = self.query.at or RowNumber(0), self.view.total
        if isinstance(at, After):
            return self._after(at.seq)
        if total is None:
            return Start(self._edge())
        return self._numbered(at.offset, total) if at.offset < total else None

    def _edge(self) -> int:
        return self.extent.last_seq if self.query.newest_first else self.extent.first_seq

    def _after(self, seq: int) -> Start | None:
        newest_first, extent = self.query.newest_first, self.extent
        seq = min(seq - 1, extent.last_seq) if newest_first else max(seq + 1, extent.first_seq)
        return Start(seq) if extent.first_seq <= seq <= extent.last_seq else None

    def _numbered(self, offset: int, total: int) -> Start | None:
        """Counts from the newest row in both directions, for retention takes the oldest ones."""
        if not offset and (self.query.newest_first or self.ledger.first_seq <= self.view.first_seq):
            return Start(self._edge(), left=total)
        row = offset if self.query.newest_first else total - 1 - offset
        found = locate(self.rollups, self.condition, self.view, self.extent, row)
        if not isinstance(found, Gone):
            return Start(found.seq, found.minute, total - offset)
        if self.query.newest_first:
            return None
        return Start(self.extent.first_seq, left=total - offset - found.rows, gone=found.rows)

    def _read(self, start: Start, want: int, clock: Clock, search_seconds: float) -> Scanned[EventRow]:
        access = access_of(self.condition)
        if self.condition.every_row:
            return Scanned(self._dense(access, start.seq, want))
        if access.exact:
            return Scanned(self._keyset(access, start, want))
        search = Search(
            self.rollups.conn,
            access,
            self.extent,
            self.query.newest_first,
            clock,
            search_seconds,
            fetch_rows,
        )
        return search.run(start.seq, want)

    def _dense(self, access: Access, seq: int, want: int) -> tuple[EventRow, ...]:
        """Rows without gaps in seq: both ends are known before. By event_pkey."""
        if self.query.newest_first:
            first, last = max(self.extent.first_seq, seq - want + 1), seq
        else:
            first, last = seq, min(self.extent.last_seq, seq + want - 1)
        stretch = stretch_of(self.rollups.conn, self.query.app_id, first, last)
        return fetch_rows(self.rollups.conn, access, stretch, want, newest_first=self.query.newest_first)

    def _keyset(self, access: Access, start: Start, want: int) -> tuple[EventRow, ...]:
        """Rows of indexes that know the whole condition, window by window of time."""
        newest_first = self.query.newest_first
        first = self.extent.first_seq if newest_first else start.seq
        last = start.seq if newest_first else self.extent.last_seq
        rows: list[EventRow] = []
        for window in self._windows(start, want, rows):
            stretch = Stretch(self.query.app_id, first, last, *window)
            rows += fetch_rows(
                self.rollups.conn, access, stretch, want - len(rows), newest_first=newest_first
            )
            if len(rows) >= want:
                break
        return tuple(rows)

    def _windows(self, start: Start, want: int, found: Sequence[EventRow]) -> Iterator[Window]:
        """Where rows from there on are looked for: in one day; then, if some of them are not found by now, as
        far as the rollups know that they reach: one statement over many days costs less than several. Where
        they know nothing, in windows that widen.
        """
        newest_first, here = self.query.newest_first, start.minute or self._minute_of(start.seq)
        oldest, end = (self.extent.start, here + MINUTE) if newest_first else (here, self.extent.end)
        windows = day_windows(oldest, end, newest_first=newest_first)
        for day in islice(windows, 1):
            yield day
            rest = (oldest, day[0]) if newest_first else (day[1], end)
            if self.view.total is not None and rest[0] < rest[1]:
                windows = reaching_windows(
                    *rest, self._reached(rest, want - len(found)), newest_first=newest_first
                )
        yield from windows

    def _reached(self, rest: Window, rows: int) -> datetime | None:
        """The hour up to which so many rows lie in the rest, of which the near end is a midnight."""
        hours = cut(*closed_minutes(self.extent, self.view)).hours
        counts = () if hours is None else self.rollups.hours(hours, rows_only(self.condition)).counts
        return reached(counts, rest, rows, newest_first=self.query.newest_first)

    def _minute_of(self, seq: int) -> datetime:
        """The minute in which it arrived; of the extent's edge, the extent's: no row lies beyond it."""
        if seq == self._edge():
            return self.extent.end - MINUTE if self.query.newest_first else self.extent.start
        return minutes_of(self.rollups.conn, self.query.app_id, (seq,))[seq]
