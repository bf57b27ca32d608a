"""The apps' plans, compiled once per version and held in memory.

What is held may be a version behind for a moment: storage names the version in force under the ledger's lock,
and a batch that was judged by another one is judged again.
"""

from collections.abc import Callable
from threading import Lock

import structlog

from storage.errors import NotFound, Unavailable
from storage.listen import Notice
from storage.plans import PLANS_CHANNEL, StoredPlan
from tracking_plan.compiled import NO_PLAN, CompiledPlan, compile_plan
from tracking_plan.formats.native import plan_from_document

_log = structlog.get_logger(__name__)


class PlanCache:
    """Compiled plans by app. Safe for threads; what loads a plan blocks, so call it off the event loop."""

    def __init__(self, load: Callable[[int], StoredPlan]) -> None:
        """`load` reads the plan in force of an app: storage.plans.PlanStore.in_force."""
        self._load = load
        self._plans: dict[int, CompiledPlan] = {}
        self._locks: dict[int, Lock] = {}

    def held(self, app_id: int) -> CompiledPlan | None:
        """The app's plan if it is in memory."""
        return self._plans.get(app_id)

    def versions(self) -> dict[int, int]:
        """Versions in memory by app; 0: no plan."""
        # Of a copy, which is made in one go: other threads load plans meanwhile.
        return {app_id: plan.version for app_id, plan in self._plans.copy().items()}

    def load(self, app_id: int) -> CompiledPlan:
        """Reads the plan in force; compiles it if its version is not in memory.

        Raises NotFound (no such app), Unavailable, PlanError (a plan that was stored unchecked).
        """
        with self._locks.setdefault(app_id, Lock()):
            stored = self._load(app_id)
            held = self._plans.get(app_id)
            if held is None or held.version != stored.version:
                held = self._plans[app_id] = _compiled(stored)
                _log.info("plan_loaded", app=app_id, version=stored.version)
            return held

    def of_version(self, app_id: int, version: int) -> CompiledPlan:
        """The plan of that version, if it is still in force: else the one that is. Raises as `load`."""
        held = self._plans.get(app_id)
        return held if held is not None and held.version == version else self.load(app_id)

    def hear(self, notice: Notice) -> None:
        """Loads what was notified, so that the first batch after a change need not wait."""
        if notice.channel == PLANS_CHANNEL and notice.payload.isdigit():
            changed = [int(notice.payload)]
        else:
            changed = list(self._plans) if notice.channel is None else []
        for app_id in changed:
            if app_id in self._plans:
                self._reload(app_id)

    def _reload(self, app_id: int) -> None:
        try:
            self.load(app_id)
        except NotFound:
            self._plans.pop(app_id, None)
        except Unavailable:
            return  # The writer will name the version in force.
        except ValueError:
            _log.exception("plan_not_usable", app=app_id)


def _compiled(stored: StoredPlan) -> CompiledPlan:
    if stored.document is None:
        return NO_PLAN
    return compile_plan(plan_from_document(stored.document), stored.version)
