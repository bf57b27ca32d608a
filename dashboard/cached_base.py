"""What every cached reading is made of: the seams, the app's ledger, and the ways to keep an answer."""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import TypeVar

from dashboard.cache import COUNTED_EXPIRY, VERSION_EXPIRY, Cache
from dashboard.health import Health
from dashboard.time_ranges import TimeRange, split
from storage.model import Ledger
from storage.readers import Reader

T = TypeVar("T")

#: How long the lists of failing fields, of names and the like may lag behind the counts, in seconds: they
#: read many rollup rows, and nobody reads them anew each second.
LISTS_MAX_AGE = 3.0


class CachedBase:
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def __init__(self, reader: Reader, cache: Cache, health: Health, coalesce_seconds: float) -> None:
        self._reader = reader
        self._cache = cache
        self._health = health
        self._coalesce = coalesce_seconds

    def ledger(self, app_id: int) -> Ledger:
        """The app's change counters: the one reading per tick that all its viewers share."""
        return self._recent(("ledger", app_id), self._coalesce, lambda: self._reader.ledger(app_id))

    def _parts(
        self,
        what: str,
        ledger: Ledger,
        span: TimeRange,
        boundary: datetime,
        read: Callable[[int, TimeRange], T],
    ) -> list[T]:
        """Readings before `boundary`, right until retention takes some, and from it, right under the version.

        Each retention raises the ledger's first_seq.
        """
        closed, still_open = split(span, boundary)
        parts = []
        if closed:
            key = (what, ledger.app_id, ledger.epoch, ledger.first_seq, closed)
            parts.append(self._keyed(key, COUNTED_EXPIRY, lambda: read(ledger.app_id, closed)))
        if still_open:
            version_key = (what, ledger.app_id, ledger.epoch, ledger.version, still_open)
            parts.append(self._keyed(version_key, VERSION_EXPIRY, lambda: read(ledger.app_id, still_open)))
        return parts

    def _keyed(self, key: tuple[Hashable, ...], expiry: float, read: Callable[[], T]) -> T:
        return self._cache.keyed(key, expiry, lambda: self._health.watch(read))

    def _recent(
        self, key: tuple[Hashable, ...], max_age: float, read: Callable[[], T], version: int | None = None
    ) -> T:
        return self._cache.recent(key, max_age, lambda: self._health.watch(read), version)
