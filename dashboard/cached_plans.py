"""Tracking plans behind the cache: a version never changes, so each is read once."""

from dashboard.cache import CLOSED_EXPIRY
from dashboard.cached_base import CachedBase
from storage.model import Ledger
from storage.plans import StoredPlan


class CachedPlans(CachedBase):
    """Answers from the cache, else from the reader; raises what the reader raises."""

    def plan(self, app_id: int, version: int | None = None) -> StoredPlan:
        """A version of the app's plan, None: the one in force; of an app without a plan that is version 0.

        Raises NotFound for a version that never was.
        """
        ledger = self.ledger(app_id)
        if version is not None and version != ledger.plan_version:
            return self._earlier(ledger, version)
        if ledger.plan_version == 0:
            return StoredPlan(app_id, 0, None, "", "", None)
        key = ("plan", app_id, ledger.epoch)
        return self._recent(
            key, 0, lambda: self._reader.plan(app_id, ledger.plan_version), ledger.plan_version
        )

    def plan_versions(self, app_id: int) -> tuple[StoredPlan, ...]:
        """All versions without their documents, newest first."""
        ledger = self.ledger(app_id)
        key = ("plan versions", app_id, ledger.epoch)
        return self._recent(key, 0, lambda: self._reader.plan_versions(app_id), ledger.plan_version)

    def forget_plan(self, app_id: int) -> None:
        """For who just saved one, or goes by the one in force: the next reading knows it."""
        self._cache.forget(("ledger", app_id))

    def _earlier(self, ledger: Ledger, version: int) -> StoredPlan:
        """On disk: nobody holds all versions of all apps in memory."""
        key = ("plan", ledger.app_id, ledger.epoch, version)
        return self._keyed(key, CLOSED_EXPIRY, lambda: self._reader.plan(ledger.app_id, version))
