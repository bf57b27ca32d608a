"""What one request may read: the cached reader behind the seam of `access`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.cached_reader import CachedReader
from dashboard.counting import Bars, Counts, Reconciled
from dashboard.pulse import Pulse, read_pulse
from dashboard.time_ranges import History, TimeRange
from storage.errors import NotFound
from storage.heartbeats import Heartbeat
from storage.model import Ledger
from storage.plans import StoredPlan
from storage.readers import (
    AppInfo,
    CatalogField,
    Counted,
    Coverage,
    EventDetail,
    EventFields,
    FailingField,
    FieldCoverage,
    Filters,
    Habits,
    IssueBars,
    Issues,
    Landing,
    NameCount,
    Page,
    PageQuery,
    Rate,
    RejectedCursor,
    RejectedGroups,
    RejectedPage,
    RejectedRow,
    SeenEvent,
    SourceInfo,
    StoredSizes,
    UnplannedFields,
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Reads for one request. An app out of its reach raises NotFound, as one that does not exist."""

    reader: CachedReader
    #: Ids of the apps it may see; None: every app.
    allowed: frozenset[int] | None
    #: The viewer's time zone.
    zone: ZoneInfo
    now: datetime

    def apps(self) -> tuple[AppInfo, ...]:
        """The apps it may see, by name."""
        return tuple(app for app in self.reader.apps() if self.allowed is None or app.app_id in self.allowed)

    def apps_with(self, name: str | None) -> tuple[AppInfo, ...]:
        """The same; read anew where none has this name, as it may have been made just now."""
        if name and self.app_by_name(name) is None:
            self.reader.forget_apps()
        return self.apps()

    def sees_nothing(self) -> bool:
        """Whether there are apps, and all of them out of its reach."""
        return not self.apps() and bool(self.reader.apps())

    def app_by_name(self, name: str | None) -> AppInfo | None:
        """The app of that name, if it may be seen."""
        return next((app for app in self.apps() if app.name == name), None)

    def app_name(self, app_id: int) -> str:
        """The app's name, also of one that was just made; raises NotFound."""
        self._may_see(app_id)
        known = (app for apps in (self.reader.apps, self.reader.apps_now) for app in apps())
        found = next((app.name for app in known if app.app_id == app_id), None)
        if found is None:
            raise NotFound(f"there is no app {app_id}")
        return found

    def ledger(self, app_id: int) -> Ledger:
        """See CachedReader.ledger."""
        return self.reader.ledger(self._may_see(app_id))

    def counts(self, app_id: int, span: TimeRange) -> Counts:
        """See CachedReader.counts."""
        return self.reader.counts(self._may_see(app_id), span)

    def bars(self, app_id: int, span: TimeRange) -> Bars:
        """See CachedReader.bars."""
        return self.reader.bars(self._may_see(app_id), span, self.now)

    def problems(self, app_id: int, span: TimeRange) -> tuple[FailingField, ...]:
        """See CachedReader.problems."""
        return self.reader.problems(self._may_see(app_id), span)

    def pulses(self) -> tuple[Pulse, ...]:
        """How the apps it may see fare, by name."""
        seen = {app.app_id for app in self.apps()}
        apps = (app for app in self.reader.apps_now() if app.app_id in seen)
        return tuple(read_pulse(self.reader, app, self.now) for app in apps)

    def issues(self, app_id: int) -> Issues:
        """See CachedReader.issues."""
        return self.reader.issues(self._may_see(app_id))

    def issue_bars(self, app_id: int, history: History) -> IssueBars:
        """See CachedReader.issue_bars."""
        return self.reader.issue_bars(self._may_see(app_id), history)

    def names(self, app_id: int, span: TimeRange) -> tuple[NameCount, ...]:
        """See CachedReader.names."""
        return self.reader.names(self._may_see(app_id), span)

    def rate(self, app_id: int) -> Rate:
        """See CachedReader.rate."""
        return self.reader.rate(self._may_see(app_id))

    def database_clock(self, app_id: int) -> datetime:
        """See CachedReader.database_clock."""
        return self.reader.database_clock(self._may_see(app_id))

    def reconciled(self, app_id: int, span: TimeRange) -> Reconciled:
        """See CachedReader.reconciled."""
        return self.reader.reconciled(self._may_see(app_id), span)

    def arrived(self, app_id: int, filters: Filters, after: int, limit: int) -> Page:
        """See CachedReader.arrived."""
        return self.reader.arrived(self._may_see(app_id), filters, after, limit)

    def neighbour(self, app_id: int, filters: Filters, seq: int, *, newer: bool) -> int | None:
        """See CachedReader.neighbour."""
        return self.reader.neighbour(self._may_see(app_id), filters, seq, newer=newer)

    def newest(self, app_id: int, filters: Filters, *, newest_first: bool, limit: int) -> Page:
        """See CachedReader.newest."""
        return self.reader.newest(self._may_see(app_id), filters, newest_first=newest_first, limit=limit)

    def page(self, query: PageQuery) -> Page:
        """See CachedReader.page."""
        self._may_see(query.app_id)
        return self.reader.page(query)

    def histogram(self, app_id: int, filters: Filters) -> Bars:
        """See CachedReader.histogram."""
        return self.reader.histogram(self._may_see(app_id), filters, self.now)

    def count(self, query: PageQuery) -> Counted:
        """See CachedReader.count."""
        self._may_see(query.app_id)
        return self.reader.count(query)

    def land(self, query: PageQuery, at: datetime) -> Landing:
        """See CachedReader.land."""
        self._may_see(query.app_id)
        return self.reader.land(query, at)

    def page_to_export(self, query: PageQuery) -> Page:
        """See CachedReader.page_to_export."""
        self._may_see(query.app_id)
        return self.reader.page_to_export(query)

    def payloads(self, app_id: int, seqs: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """See CachedReader.payloads."""
        return self.reader.payloads(self._may_see(app_id), seqs, most_bytes)

    def sources(self, app_id: int) -> tuple[SourceInfo, ...]:
        """See CachedReader.sources."""
        return self.reader.sources(self._may_see(app_id))

    def event(self, app_id: int, seq: int) -> EventDetail:
        """See CachedReader.event."""
        return self.reader.event(self._may_see(app_id), seq)

    def rejected(
        self,
        app_id: int,
        span: TimeRange,
        after: RejectedCursor | None,
        limit: int,
        reasons: tuple[str, ...] = (),
    ) -> RejectedPage:
        """See CachedReader.rejected."""
        return self.reader.rejected(self._may_see(app_id), span, after, limit, reasons)

    def rejected_groups(self, app_id: int, span: TimeRange, step: timedelta) -> RejectedGroups:
        """See CachedReader.rejected_groups."""
        return self.reader.rejected_groups(self._may_see(app_id), span, step)

    def rejected_part(
        self, app_id: int, span: TimeRange, reasons: tuple[str, ...], after: RejectedCursor | None, limit: int
    ) -> RejectedPage:
        """See CachedReader.rejected_part."""
        return self.reader.rejected_part(self._may_see(app_id), span, reasons, after, limit)

    def rejected_event(self, app_id: int, day: date, sha256: str, reason: str) -> RejectedRow:
        """See CachedReader.rejected_event."""
        return self.reader.rejected_event(self._may_see(app_id), day, sha256, reason)

    def coverage(self, app_id: int, span: TimeRange) -> Coverage:
        """See CachedReader.coverage."""
        return self.reader.coverage(self._may_see(app_id), span)

    def catalog(self, app_id: int) -> tuple[CatalogField, ...]:
        """See CachedReader.catalog."""
        return self.reader.catalog(self._may_see(app_id))

    def seen_event(self, app_id: int, name: str) -> SeenEvent:
        """See CachedReader.seen_event."""
        return self.reader.seen_event(self._may_see(app_id), name)

    def field_coverage(self, app_id: int) -> tuple[FieldCoverage, ...]:
        """See CachedReader.field_coverage."""
        return self.reader.field_coverage(self._may_see(app_id))

    def unplanned_fields(self, app_id: int) -> UnplannedFields:
        """See CachedReader.unplanned_fields."""
        return self.reader.unplanned_fields(self._may_see(app_id))

    def event_fields(self, app_id: int, name: str) -> EventFields | None:
        """See CachedReader.event_fields."""
        return self.reader.event_fields(self._may_see(app_id), name)

    def plan(self, app_id: int, version: int | None = None) -> StoredPlan:
        """See CachedReader.plan."""
        return self.reader.plan(self._may_see(app_id), version)

    def plan_versions(self, app_id: int) -> tuple[StoredPlan, ...]:
        """See CachedReader.plan_versions."""
        return self.reader.plan_versions(self._may_see(app_id))

    def habits(self, app_id: int) -> Habits:
        """See CachedReader.habits."""
        return self.reader.habits(self._may_see(app_id))

    def servers(self) -> tuple[Heartbeat, ...]:
        """See CachedReader.servers; they speak of every app: show the apps in reach alone."""
        return self.reader.servers()

    def stored_sizes(self) -> StoredSizes:
        """See CachedReader.stored_sizes; of no app."""
        return self.reader.stored_sizes()

    def _may_see(self, app_id: int) -> int:
        if self.allowed is not None and app_id not in self.allowed:
            raise NotFound(f"there is no app {app_id}")
        return app_id
