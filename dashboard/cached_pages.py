"""Pages of frozen views behind the cache, and what is asked of such views."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TypeVar

from dashboard.cache import Cache
from dashboard.health import Health
from storage.readers import Counted, Landing, Page, PageQuery, Reader

T = TypeVar("T")

#: How long a page of a frozen view is kept, in seconds; within it an erased subject may still be seen.
_PAGE_EXPIRY = 30.0


class CachedPages:
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def __init__(self, reader: Reader, cache: Cache, health: Health) -> None:
        self._reader = reader
        self._cache = cache
        self._health = health

    def page(self, query: PageQuery) -> Page:
        """A page of a frozen view."""
        return self._keyed(("page", query), _PAGE_EXPIRY, lambda: self._reader.page(query))

    def count(self, query: PageQuery) -> Counted:
        """How many rows a frozen view has, as far as that was told in time."""
        return self._keyed(("count", query), _PAGE_EXPIRY, lambda: self._reader.count(query))

    def land(self, query: PageQuery, at: datetime) -> Landing:
        """Where a frozen view is at a minute of arrival."""
        return self._keyed(("land", query, at), _PAGE_EXPIRY, lambda: self._reader.land(query, at))

    def page_to_export(self, query: PageQuery) -> Page:
        """A page that nobody asks for twice: not kept."""
        return self._health.watch(lambda: self._reader.page(query))

    def payloads(self, app_id: int, seqs: Sequence[int], most_bytes: int) -> dict[int, bytes]:
        """Payloads of rows that were just read; not kept."""
        return self._health.watch(lambda: self._reader.payloads(app_id, seqs, most_bytes))

    def _keyed(self, key: tuple[Hashable, ...], expiry: float, read: Callable[[], T]) -> T:
        return self._cache.keyed(key, expiry, lambda: self._health.watch(read))
