"""The reader behind its cache: what every viewer of the same thing shares."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from dashboard.cache import COUNTED_EXPIRY, VERSION_EXPIRY
from dashboard.cached_base import LISTS_MAX_AGE
from dashboard.cached_coverage import CachedCoverage
from dashboard.cached_following import CachedFollowing
from dashboard.cached_pages import CachedPages
from dashboard.cached_plans import CachedPlans
from dashboard.counting import Bars, Counts, add_counts, bars_of, counts_of, join_bars
from dashboard.time_ranges import DAY, MINUTE, History, TimeRange, ceiling, floor, step_for
from storage.heartbeats import Heartbeat
from storage.model import Ledger
from storage.readers import (
    AppInfo,
    EventDetail,
    FailingField,
    Filters,
    IssueBars,
    Issues,
    NameCount,
    Page,
    PageQuery,
    RejectedCursor,
    RejectedGroups,
    RejectedPage,
    RejectedRow,
    Series,
    StoredSizes,
)

T = TypeVar("T")

#: How long a new app may stay unknown to open pages, in seconds.
_APPS_MAX_AGE = 2.0
#: How old the groups of rejected events may be, in seconds: they read thousands of rows.
_GROUPS_MAX_AGE = 5.0
#: How old the servers' last words may be, in seconds; they speak every 5 s.
_SERVERS_MAX_AGE = 1.5
#: How old the sizes of what is stored may be, in seconds: measuring looks at every file.
_SIZES_MAX_AGE = 30.0
#: Most failing fields that are read.
_MAX_PROBLEMS = 8


class CachedReader(CachedCoverage, CachedFollowing, CachedPages, CachedPlans):
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def apps(self) -> tuple[AppInfo, ...]:
        """Every app by name, at most _APPS_MAX_AGE seconds old."""
        return self._recent(("apps",), _APPS_MAX_AGE, self._reader.apps)

    def forget_apps(self) -> None:
        """For who misses one: the next reading knows all there are."""
        self._cache.forget(("apps",))

    def apps_now(self) -> tuple[AppInfo, ...]:
        """Every app by name with its change counters, as fresh as `ledger`: one reading for all of them."""
        return self._recent(("apps",), self._coalesce, self._reader.apps)

    def counts(self, app_id: int, span: TimeRange) -> Counts:
        """Events by verdict; closed minutes are read once, the open one at each version."""
        return self.counts_at(self.ledger(app_id), span)

    def counts_at(self, ledger: Ledger, span: TimeRange) -> Counts:
        """`counts` of an app whose ledger was read before."""
        if ledger.last_received_at is None:
            return Counts.none()
        return add_counts(
            self._parts("counts", ledger, span, floor(ledger.last_received_at, MINUTE), self._counts)
        )

    def bars(self, app_id: int, span: TimeRange, now: datetime) -> Bars:
        """Counts per bar over the range; at most MAX_BARS bars, the first and last ones whole."""
        return self.bars_at(self.ledger(app_id), span, now)

    def bars_at(self, ledger: Ledger, span: TimeRange, now: datetime) -> Bars:
        """`bars` of an app whose ledger was read before."""
        return self._bars(
            "bars",
            ledger,
            span,
            now,
            lambda part, step: self._reader.series(ledger.app_id, part.start, part.end, step),
        )

    def histogram(self, app_id: int, filters: Filters, now: datetime) -> Bars:
        """Stored events per bar over the filters' range, as far as the rollups know the filters."""
        return self._bars(
            f"histogram {replace(filters, start=None, end=None)}",
            self.ledger(app_id),
            TimeRange(filters.start, filters.end),
            now,
            lambda part, step: self._reader.histogram(
                app_id, replace(filters, start=part.start, end=part.end), step
            ),
        )

    def problems(self, app_id: int, span: TimeRange) -> tuple[FailingField, ...]:
        """The fields that fail most, at most LISTS_MAX_AGE seconds old unless nothing changed since."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("problems", app_id, ledger.epoch, span),
            LISTS_MAX_AGE,
            lambda: self._reader.failing_fields(app_id, span.start, span.end, _MAX_PROBLEMS),
            ledger.version,
        )

    def issues(self, app_id: int, max_age: float = LISTS_MAX_AGE) -> Issues:
        """All issues, at most `max_age` seconds old unless nothing changed since."""
        return self.issues_at(self.ledger(app_id), max_age)

    def issues_at(self, ledger: Ledger, max_age: float) -> Issues:
        """`issues` of an app whose ledger was read before."""
        return self._recent(
            ("issues", ledger.app_id, ledger.epoch),
            max_age,
            lambda: self._reader.issues(ledger.app_id),
            ledger.version,
        )

    def forget_issues(self, app_id: int) -> None:
        """For who just said something of one: the next reading knows it."""
        self._cache.forget(("ledger", app_id))
        self._cache.forget(("issues", app_id, self.ledger(app_id).epoch))

    def issue_bars(self, app_id: int, history: History) -> IssueBars:
        """Events by issue and by name, at most LISTS_MAX_AGE seconds old unless nothing changed since."""
        return self.issue_bars_at(self.ledger(app_id), history, LISTS_MAX_AGE)

    def issue_bars_at(self, ledger: Ledger, history: History, max_age: float) -> IssueBars:
        """`issue_bars` of an app whose ledger was read before."""
        at = ledger.last_received_at
        if at is None:
            return IssueBars((), ())
        return self._recent(
            ("issue bars", ledger.app_id, ledger.epoch, history),
            max_age,
            lambda: self._issue_bars(ledger, history, floor(at, history.step)),
            ledger.version,
        )

    def names(self, app_id: int, span: TimeRange) -> tuple[NameCount, ...]:
        """Names of the range with counts, at most LISTS_MAX_AGE seconds old unless nothing changed since."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("names", app_id, ledger.epoch, span),
            LISTS_MAX_AGE,
            lambda: self._reader.names(app_id, span.start, span.end),
            ledger.version,
        )

    def newest(self, app_id: int, filters: Filters, *, newest_first: bool, limit: int) -> Page:
        """The first page as of now, with a fresh view; read once per version of the app."""
        ledger = self.ledger(app_id)
        query = PageQuery(app_id, filters, newest_first, limit, at=None)
        return self._keyed(
            ("newest", ledger.epoch, ledger.version, query), VERSION_EXPIRY, lambda: self._reader.page(query)
        )

    def event(self, app_id: int, seq: int) -> EventDetail:
        """One event with its payload; not kept."""
        return self._health.watch(lambda: self._reader.event(app_id, seq))

    def rejected(
        self,
        app_id: int,
        span: TimeRange,
        after: RejectedCursor | None,
        limit: int,
        reasons: tuple[str, ...] = (),
    ) -> RejectedPage:
        """Rejected events, last seen first; read once per version of the app. No reason: of all."""
        ledger = self.ledger(app_id)
        return self._keyed(
            ("rejected", app_id, ledger.epoch, ledger.version, span, after, limit, reasons),
            VERSION_EXPIRY,
            lambda: self._reader.rejected(app_id, span.start, span.end, reasons, after, limit),
        )

    def rejected_groups(self, app_id: int, span: TimeRange, step: timedelta) -> RejectedGroups:
        """By reason and bar, at most _GROUPS_MAX_AGE seconds old unless nothing changed since."""
        ledger = self.ledger(app_id)
        return self._recent(
            ("rejected groups", app_id, ledger.epoch, span, step),
            _GROUPS_MAX_AGE,
            lambda: self._reader.rejected_groups(app_id, span.start, span.end, step),
            ledger.version,
        )

    def rejected_part(
        self, app_id: int, span: TimeRange, reasons: tuple[str, ...], after: RejectedCursor | None, limit: int
    ) -> RejectedPage:
        """A part of an export; not kept."""
        return self._health.watch(
            lambda: self._reader.rejected(app_id, span.start, span.end, reasons, after, limit)
        )

    def rejected_event(self, app_id: int, day: date, sha256: str, reason: str) -> RejectedRow:
        """One rejected event; not kept."""
        return self._health.watch(lambda: self._reader.rejected_event(app_id, day, sha256, reason))

    def servers(self) -> tuple[Heartbeat, ...]:
        """What the ingest servers last said of themselves."""
        return self._recent(("servers",), _SERVERS_MAX_AGE, self._reader.servers)

    def stored_sizes(self) -> StoredSizes:
        """What the partitions and the database take up, at most _SIZES_MAX_AGE seconds old."""
        return self._recent(("sizes",), _SIZES_MAX_AGE, self._reader.stored_sizes)

    def _bars(
        self,
        what: str,
        ledger: Ledger,
        span: TimeRange,
        now: datetime,
        read: Callable[[TimeRange, timedelta], Series],
    ) -> Bars:
        """At most MAX_BARS bars over the range, the first and last ones whole."""
        if ledger.last_received_at is None:
            return Bars.none()
        start = span.start or self._first_day(ledger)
        end = span.end or max(now, ledger.last_received_at)
        if start is None or start >= end:
            return Bars.none()
        step = step_for(end - start)
        whole = TimeRange(floor(start, step), ceiling(end, step))
        boundary = floor(ledger.last_received_at, step)
        parts = self._parts(
            f"{what} {step}", ledger, whole, boundary, lambda _app, part: bars_of(read(part, step))
        )
        return join_bars(parts, step)

    def _issue_bars(self, ledger: Ledger, history: History, boundary: datetime) -> IssueBars:
        parts = self._parts(
            f"issue bars {history.step}",
            ledger,
            TimeRange(history.start, None),
            boundary,
            lambda app, part: self._reader.issue_bars(app, part.start, part.end, history.step),
        )
        return IssueBars(
            tuple(bar for part in parts for bar in part.issues),
            tuple(bar for part in parts for bar in part.events),
        )

    def _counts(self, app_id: int, span: TimeRange) -> Counts:
        return counts_of(self._reader.totals(app_id, span.start, span.end))

    def _first_day(self, ledger: Ledger) -> datetime | None:
        """The day (UTC) of the first event that is counted; None: retention dropped all that were."""
        key = ("first day", ledger.app_id, ledger.epoch, ledger.first_seq)
        try:
            return self._keyed(key, COUNTED_EXPIRY, lambda: self._read_first_day(ledger.app_id))
        except _NothingCounted:
            return None

    def _read_first_day(self, app_id: int) -> datetime:
        hour = self._reader.first_hour(app_id)
        if hour is None:
            raise _NothingCounted
        return floor(hour, DAY)


class _NothingCounted(Exception):
    """There is no first day; an error, for those are not kept: with the next event there is one."""
