"""Cached readings of who follows an app: how fast events come, and what came behind a row."""

from datetime import datetime, timedelta
from time import monotonic

from dashboard.cache import VERSION_EXPIRY
from dashboard.cached_base import CachedBase
from dashboard.counting import Reconciled
from dashboard.time_ranges import MINUTE, TimeRange, floor
from storage.readers import After, Filters, Page, PageQuery, Rate


class CachedFollowing(CachedBase):
    """Raises what the reader raises."""

    def rate(self, app_id: int) -> Rate:
        """How fast events arrive, and the database's clock."""
        return self._rated(app_id)[0]

    def database_clock(self, app_id: int) -> datetime:
        """What Postgres's clock shows now, from when it was last read."""
        rate, read_at = self._rated(app_id)
        return rate.now + timedelta(seconds=monotonic() - read_at)

    def reconciled(self, app_id: int, span: TimeRange) -> Reconciled:
        """What was received against the sum of the verdicts; each minute is added up once it is closed."""
        ledger = self.ledger(app_id)
        if ledger.last_received_at is None:
            return Reconciled(0, 0)
        boundary = floor(ledger.last_received_at, MINUTE)
        parts = self._parts("reconciled", ledger, span, boundary, self._reconciled)
        return Reconciled(sum(part.received for part in parts), sum(part.counted for part in parts))

    def arrived(self, app_id: int, filters: Filters, after: int, limit: int) -> Page:
        """The first rows behind a seq, oldest first, with a fresh view; read once per version of the app."""
        ledger = self.ledger(app_id)
        query = PageQuery(app_id, filters, newest_first=False, limit=limit, at=After(after))
        return self._keyed(
            ("arrived", ledger.epoch, ledger.version, query), VERSION_EXPIRY, lambda: self._reader.page(query)
        )

    def neighbour(self, app_id: int, filters: Filters, seq: int, *, newer: bool) -> int | None:
        """seq of the nearest event on one side; not kept."""
        query = PageQuery(app_id, filters, newest_first=not newer, limit=1, at=After(seq))
        rows = self._health.watch(lambda: self._reader.page(query)).rows
        return rows[0].seq if rows else None

    def _rated(self, app_id: int) -> tuple[Rate, float]:
        """With the monotonic time of before it was read."""

        def read() -> tuple[Rate, float]:
            read_at = monotonic()
            return self._reader.rate(app_id), read_at

        return self._recent(("rate", app_id), self._coalesce, read)

    def _reconciled(self, app_id: int, span: TimeRange) -> Reconciled:
        minutes = self._reader.minutes_check(app_id, span.start, span.end)
        return Reconciled(sum(each.received for each in minutes), sum(each.counted for each in minutes))
