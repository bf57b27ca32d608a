"""The facade: each method is one short read-only transaction, whose answers come from one snapshot."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from time import monotonic

from sqlalchemy import Engine

from storage.heartbeats import Heartbeat, HeartbeatStore
from storage.model import Ledger
from storage.plans import PlanStore, StoredPlan
from storage.readers.coverage import read_coverage
from storage.readers.feed import read_event, read_since
from storage.readers.fields import (
    read_event_fields,
    read_field_coverage,
    read_seen_event,
    read_unplanned_fields,
)
from storage.readers.habits import Habits, read_habits
from storage.readers.issues import IssueBars, Issues, read_issue_bars, read_issues
from storage.readers.lasting import Lasting
from storage.readers.ledgers import read_apps, read_catalog, read_ledger, read_sources
from storage.readers.model import (
    AppInfo,
    Changes,
    Counted,
    Cursor,
    EventDetail,
    Filters,
    Landing,
    Page,
    PageQuery,
)
from storage.readers.pages import Pages
from storage.readers.payloads import read_payloads
from storage.readers.reject_groups import RejectedGroups, read_rejected_groups
from storage.readers.rejects import RejectedQuery, read_rejected, read_rejected_event
from storage.readers.results import (
    CatalogField,
    Coverage,
    EventFields,
    FailingField,
    FieldCoverage,
    MinuteCheck,
    NameCount,
    Rate,
    RejectedCursor,
    RejectedPage,
    RejectedRow,
    SeenEvent,
    Series,
    SourceInfo,
    Totals,
    UnplannedFields,
)
from storage.readers.scan import Clock
from storage.readers.snapshot import STATEMENT_TIMEOUT_MS, Snapshots
from storage.readers.spans import Span
from storage.readers.stats import (
    read_failing_fields,
    read_first_hour,
    read_histogram,
    read_minutes_check,
    read_names,
    read_rate,
    read_series,
    read_totals,
)
from storage.readers.system import StoredSizes, read_stored_sizes

#: How long one page may search for what no index finds.
SCAN_SECONDS = 2.0


class Reader:
    """Reads what was stored; may be used by many threads at once.

    Ranges of time are whole minutes [start, end) of arrival in UTC; None: open at that side. Every method
    raises storage.errors.Unavailable (the database is away, or took too long); those that name an app raise
    NotFound for one that does not exist, and BadRequest for a question that cannot be answered.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
        scan_seconds: float = SCAN_SECONDS,
        clock: Clock = monotonic,
    ) -> None:
        self._snapshots = Snapshots(engine, statement_timeout_ms)
        self._heartbeats = HeartbeatStore(engine)
        self._plans = PlanStore(engine)
        self._lasting = Lasting()
        self._pages = Pages(clock, scan_seconds, self._lasting)

    def apps(self) -> tuple[AppInfo, ...]:
        """All apps, by name."""
        with self._snapshots.open() as conn:
            return read_apps(conn)

    def ledger(self, app_id: int) -> Ledger:
        """The app's change counters."""
        with self._snapshots.open() as conn:
            return read_ledger(conn, app_id)

    def page(self, query: PageQuery) -> Page:
        """A page of the grid. Raises Gap where the view's epoch has ended."""
        with self._snapshots.open() as conn:
            return self._pages.read(conn, query)

    def count(self, query: PageQuery) -> Counted:
        """How many rows the query's view has, as far as that can be told in time; its place is not asked."""
        with self._snapshots.open() as conn:
            return self._pages.count(conn, query)

    def land(self, query: PageQuery, at: datetime) -> Landing:
        """Where the query's view is at a whole minute of arrival. Raises Gap where its epoch has ended."""
        with self._snapshots.open() as conn:
            return self._pages.land(conn, query, at)

    def payloads(self, app_id: int, seqs: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """The payloads of rows that were just read, in their order, until `most_bytes` are there; at least
        one. Rows that retention took meanwhile have none."""
        with self._snapshots.open() as conn:
            return read_payloads(conn, app_id, seqs, most_bytes)

    def since(self, app_id: int, cursor: Cursor, limit: int) -> Changes:
        """What happened since the cursor, at most `limit` rows; never misses or repeats one."""
        with self._snapshots.open() as conn:
            return read_since(conn, app_id, cursor, limit)

    def event(self, app_id: int, seq: int) -> EventDetail:
        """One event with its payload. Raises NotFound where it never was or is gone."""
        with self._snapshots.open() as conn:
            return read_event(conn, app_id, seq)

    def totals(self, app_id: int, start: datetime | None, end: datetime | None) -> Totals:
        """Events by verdict."""
        with self._snapshots.open() as conn:
            return read_totals(conn, self._lasting, app_id, start, end)

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
        with self._snapshots.open() as conn:
            return read_series(conn, app_id, Span(start, end), step, names)

    def histogram(self, app_id: int, filters: Filters, step: timedelta) -> Series:
        """`series` of stored events in the filters' range, as far as the rollups know the filters."""
        with self._snapshots.open() as conn:
            return read_histogram(conn, app_id, filters, step)

    def first_hour(self, app_id: int) -> datetime | None:
        """The first hour of which events are counted; None: of none, as where retention dropped them all."""
        with self._snapshots.open() as conn:
            return read_first_hour(conn, app_id)

    def rate(self, app_id: int) -> Rate:
        """How fast events arrive now."""
        with self._snapshots.open() as conn:
            return read_rate(conn, app_id)

    def names(self, app_id: int, start: datetime | None, end: datetime | None) -> tuple[NameCount, ...]:
        """Event names with their counts, most frequent first."""
        with self._snapshots.open() as conn:
            return read_names(conn, app_id, start, end)

    def failing_fields(
        self, app_id: int, start: datetime | None, end: datetime | None, limit: int
    ) -> tuple[FailingField, ...]:
        """Fields that break the plan, those in most events of the range first."""
        with self._snapshots.open() as conn:
            return read_failing_fields(conn, app_id, start, end, limit)

    def issues(self, app_id: int) -> Issues:
        """All ways in which the app's events break the plan, with what was said of each."""
        with self._snapshots.open() as conn:
            return read_issues(conn, app_id)

    def issue_bars(
        self, app_id: int, start: datetime | None, end: datetime | None, step: timedelta
    ) -> IssueBars:
        """Events of each issue and of each name, by bars of `step`, a whole number of hours."""
        with self._snapshots.open() as conn:
            return read_issue_bars(conn, app_id, Span(start, end), step)

    def coverage(self, app_id: int, start: datetime | None, end: datetime | None) -> Coverage:
        """The plan in force against what came."""
        with self._snapshots.open() as conn:
            return read_coverage(conn, app_id, start, end)

    def catalog(self, app_id: int, name: str | None = None) -> tuple[CatalogField, ...]:
        """Which fields of which types stored events had, by name and path; at most MAX_CATALOG_FIELDS."""
        with self._snapshots.open() as conn:
            return read_catalog(conn, app_id, name)

    def seen_event(self, app_id: int, name: str) -> SeenEvent:
        """How many events of a name are stored, and which fields of which types they had."""
        with self._snapshots.open() as conn:
            return read_seen_event(conn, app_id, name)

    def field_coverage(self, app_id: int) -> tuple[FieldCoverage, ...]:
        """Of each planned event, how many of its planned fields and values ever came; by name."""
        with self._snapshots.open() as conn:
            return read_field_coverage(conn, app_id)

    def unplanned_fields(self, app_id: int) -> UnplannedFields:
        """Fields that planned events came with and that the plan does not name."""
        with self._snapshots.open() as conn:
            return read_unplanned_fields(conn, app_id)

    def event_fields(self, app_id: int, name: str) -> EventFields | None:
        """One planned event's fields, and what ever came of them; None: it is not planned."""
        with self._snapshots.open() as conn:
            return read_event_fields(conn, app_id, name)

    def plan(self, app_id: int, version: int) -> StoredPlan:
        """One version of the app's plan. Raises NotFound."""
        return self._plans.get(app_id, version)

    def plan_versions(self, app_id: int) -> tuple[StoredPlan, ...]:
        """All versions without their documents, newest first."""
        return self._plans.list(app_id)

    def habits(self, app_id: int) -> Habits:
        """In which hours of the last week events of each name were stored."""
        with self._snapshots.open() as conn:
            return read_habits(conn, app_id)

    def rejected(  # noqa: PLR0913, PLR0917 - a question of six parts, each of its own type
        self,
        app_id: int,
        start: datetime | None,
        end: datetime | None,
        reasons: Sequence[str],
        after: RejectedCursor | None,
        limit: int,
    ) -> RejectedPage:
        """Rejected events last seen in the range, last seen first."""
        query = RejectedQuery(app_id, Span(start, end), tuple(reasons), after, limit)
        with self._snapshots.open() as conn:
            return read_rejected(conn, query)

    def rejected_groups(
        self, app_id: int, start: datetime | None, end: datetime | None, step: timedelta
    ) -> RejectedGroups:
        """Rejected events last seen in the range, by reason and by bars of `step`; at most MAX_GROUPED."""
        with self._snapshots.open() as conn:
            return read_rejected_groups(conn, app_id, Span(start, end), step)

    def rejected_event(self, app_id: int, day: date, sha256: str, reason: str) -> RejectedRow:
        """One rejected event; `sha256` in hexadecimal. Raises NotFound."""
        with self._snapshots.open() as conn:
            return read_rejected_event(conn, app_id, day, sha256, reason)

    def sources(self, app_id: int) -> tuple[SourceInfo, ...]:
        """The programs that sent batches, first seen first."""
        with self._snapshots.open() as conn:
            return read_sources(conn, app_id)

    def minutes_check(
        self, app_id: int, start: datetime | None, end: datetime | None
    ) -> tuple[MinuteCheck, ...]:
        """Per minute, what was received against the sum of its verdicts."""
        with self._snapshots.open() as conn:
            return read_minutes_check(conn, app_id, start, end)

    def servers(self) -> tuple[Heartbeat, ...]:
        """What the ingest servers last said of themselves."""
        return self._heartbeats.list()

    def stored_sizes(self) -> StoredSizes:
        """What the partitions and the database take up."""
        with self._snapshots.open() as conn:
            return read_stored_sizes(conn)
