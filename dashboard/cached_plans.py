"""Tracking plans behind the cache: a version never changes, so each is read once."""

from dashboard.cache import CLOSED_EXPIRY, Cache
from dashboard.health import Health
from storage.model import Ledger
from storage.plans import StoredPlan
from storage.readers import Reader


class CachedPlans:
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def __init__(self, reader: Reader, cache: Cache, health: Health) -> None:
        self._reader = reader
        self._cache = cache
        self._health = health

    def version(self, ledger: Ledger, version: int | None) -> StoredPlan:
        """A version of the app's plan, None: the one in force; of an app without a plan that is version 0.

        Raises NotFound for a version that never was.
        """
        if version is not None and version != ledger.plan_version:
            return self._earlier(ledger, version)
        if ledger.plan_version == 0:
            return StoredPlan(ledger.app_id, 0, None, "", "", None)
        return self._cache.recent(
            ("plan", ledger.app_id, ledger.epoch),
            0,
            lambda: self._read(ledger.app_id, ledger.plan_version),
            ledger.plan_version,
        )

    def versions(self, ledger: Ledger) -> tuple[StoredPlan, ...]:
        """All versions without their documents, newest first."""
        return self._cache.recent(
            ("plan versions", ledger.app_id, ledger.epoch),
            0,
            lambda: self._health.watch(lambda: self._reader.plan_versions(ledger.app_id)),
            ledger.plan_version,
        )

    def _earlier(self, ledger: Ledger, version: int) -> StoredPlan:
        """On disk: nobody holds all versions of all apps in memory."""
        key = ("plan", ledger.app_id, ledger.epoch, version)
        return self._cache.keyed(key, CLOSED_EXPIRY, lambda: self._read(ledger.app_id, version))

    def _read(self, app_id: int, version: int) -> StoredPlan:
        return self._health.watch(lambda: self._reader.plan(app_id, version))
