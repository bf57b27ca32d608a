"""What is asked of frozen views, behind the cache."""

from collections.abc import Sequence
from datetime import datetime

from dashboard.cached_base import CachedBase
from storage.readers import Counted, Landing, Page, PageQuery, SourceInfo

#: How long a page of a frozen view is kept, in seconds; within it an erased subject may still be seen.
PAGE_EXPIRY = 30.0
#: How old the list of sources may be, in seconds: it changes slowly.
_SOURCES_MAX_AGE = 20.0


class CachedPages(CachedBase):
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def page(self, query: PageQuery) -> Page:
        """A page of a frozen view."""
        return self._keyed(("page", query), PAGE_EXPIRY, lambda: self._reader.page(query))

    def count(self, query: PageQuery) -> Counted:
        """How many rows a frozen view has, as far as that was told in time."""
        return self._keyed(("count", query), PAGE_EXPIRY, lambda: self._reader.count(query))

    def land(self, query: PageQuery, at: datetime) -> Landing:
        """Where a frozen view is at a minute of arrival."""
        return self._keyed(("land", query, at), PAGE_EXPIRY, lambda: self._reader.land(query, at))

    def page_to_export(self, query: PageQuery) -> Page:
        """A page that nobody asks for twice: not kept."""
        return self._health.watch(lambda: self._reader.page(query))

    def payloads(self, app_id: int, seqs: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """Payloads of rows that were just read; not kept."""
        return self._health.watch(lambda: self._reader.payloads(app_id, seqs, most_bytes))

    def sources(self, app_id: int) -> tuple[SourceInfo, ...]:
        """The programs that sent batches."""
        key = ("sources", app_id, self.ledger(app_id).epoch)
        return self._recent(key, _SOURCES_MAX_AGE, lambda: self._reader.sources(app_id))
