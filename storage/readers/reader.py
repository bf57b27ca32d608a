"""The facade: each method is one short read-only transaction, whose answers come from one snapshot."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from storage.heartbeats import Heartbeat
from storage.model import Ledger
from storage.readers.model import AppInfo, Changes, Cursor, EventDetail, Page, PageQuery
from storage.readers.results import (
    CatalogField,
    Coverage,
    FailingField,
    MinuteCheck,
    NameCount,
    Rate,
    RejectedCursor,
    RejectedPage,
    RejectedRow,
    Series,
    SourceInfo,
    Totals,
)


class Reader:
    """Reads what was stored; may be used by many threads at once.

    Ranges of time are whole minutes [start, end) of arrival in UTC; None: open at that side. Every method
    raises storage.errors.Unavailable (the database is away, or took too long); those that name an app raise
    NotFound for one that does not exist, and BadRequest for a question that cannot be answered.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def apps(self) -> tuple[AppInfo, ...]:
        """All apps, by name."""
        raise NotImplementedError

    def ledger(self, app_id: int) -> Ledger:
        """The app's change counters."""
        raise NotImplementedError

    def page(self, query: PageQuery) -> Page:
        """A page of the grid. Raises Gap where the view's epoch has ended."""
        raise NotImplementedError

    def since(self, app_id: int, cursor: Cursor, limit: int) -> Changes:
        """What happened since the cursor, at most `limit` rows; never misses or repeats one."""
        raise NotImplementedError

    def event(self, app_id: int, seq: int) -> EventDetail:
        """One event with its payload. Raises NotFound where it never was or is gone."""
        raise NotImplementedError

    def totals(self, app_id: int, start: datetime | None, end: datetime | None) -> Totals:
        """Events by verdict."""
        raise NotImplementedError

    def series(
        self,
        app_id: int,
        start: datetime | None,
        end: datetime | None,
        step: timedelta,
        names: Sequence[str] = (),
    ) -> Series:
        """Counts per bar of `step`, a whole number of minutes; bars start at its multiples since 1970.

        An open start is the first bar with events, an open end the last one. At most 500 bars.
        """
        raise NotImplementedError

    def rate(self, app_id: int) -> Rate:
        """How fast events arrive now."""
        raise NotImplementedError

    def names(self, app_id: int, start: datetime | None, end: datetime | None) -> tuple[NameCount, ...]:
        """Event names with their counts, most frequent first."""
        raise NotImplementedError

    def failing_fields(
        self, app_id: int, start: datetime | None, end: datetime | None, limit: int
    ) -> tuple[FailingField, ...]:
        """Fields that break the plan, most violations first. Counted by whole hours around the range."""
        raise NotImplementedError

    def coverage(self, app_id: int, start: datetime | None, end: datetime | None) -> Coverage:
        """The plan in force against what came."""
        raise NotImplementedError

    def catalog(self, app_id: int, name: str | None = None) -> tuple[CatalogField, ...]:
        """Which fields of which types stored events had, by name and path; at most MAX_CATALOG_FIELDS."""
        raise NotImplementedError

    def rejected(
        self,
        app_id: int,
        start: datetime | None,
        end: datetime | None,
        reasons: Sequence[str],
        after: RejectedCursor | None,
        limit: int,
    ) -> RejectedPage:
        """Rejected events last seen in the range, last seen first."""
        raise NotImplementedError

    def rejected_event(self, app_id: int, day: date, sha256: str, reason: str) -> RejectedRow:
        """One rejected event; `sha256` in hexadecimal. Raises NotFound."""
        raise NotImplementedError

    def sources(self, app_id: int) -> tuple[SourceInfo, ...]:
        """The programs that sent batches, first seen first."""
        raise NotImplementedError

    def minutes_check(
        self, app_id: int, start: datetime | None, end: datetime | None
    ) -> tuple[MinuteCheck, ...]:
        """Per minute, what was received against the sum of its verdicts."""
        raise NotImplementedError

    def servers(self) -> tuple[Heartbeat, ...]:
        """What the ingest servers last said of themselves."""
        raise NotImplementedError
