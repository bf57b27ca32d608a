"""Plans in memory: compiled once per version."""

from typing import Any, cast

import pytest

from ingest_server.plans import PlanCache
from storage.errors import NotFound, Unavailable
from storage.listen import MISSED, Notice
from storage.plans import StoredPlan
from tracking_plan.compiled import NO_PLAN, CompiledPlan
from tracking_plan.problems import PlanError
from tracking_plan.verdict import Verdict

APP = 7
ASKS_NOTHING: dict[str, Any] = {"version": 1, "name": "Shop", "events": {"Order": {"schema": {}}}}


class Database:
    """Stands for the plan tables."""

    def __init__(self, version: int, document: dict[str, Any] | None) -> None:
        self.version, self.document = version, document
        self.error: Exception | None = None

    def in_force(self, app_id: int) -> StoredPlan:
        if self.error is not None:
            raise self.error
        return StoredPlan(app_id, self.version, self.document, "", "", None)


def test_a_version_is_compiled_once() -> None:
    cache = PlanCache(Database(3, ASKS_NOTHING).in_force)
    plan = cache.load(APP)
    assert (plan.version, plan.judge("Order", {}).verdict) == (3, Verdict.VALID)
    assert cache.load(APP) is plan
    assert cache.held(APP) is plan
    assert cache.of_version(APP, 3) is plan
    assert cache.versions() == {APP: 3}


class Overlapping:
    """A plan that is looked at just when another thread loads that of another app."""

    def __init__(self, cache: PlanCache) -> None:
        self._cache = cache

    @property
    def version(self) -> int:
        self._cache.load(8)
        return 3


def test_versions_are_told_while_plans_are_loaded() -> None:
    cache = PlanCache(Database(1, ASKS_NOTHING).in_force)
    cache._plans[APP] = cast(CompiledPlan, Overlapping(cache))
    assert cache.versions() == {APP: 3}


def test_an_app_without_a_plan_has_none() -> None:
    assert PlanCache(Database(0, None).in_force).load(APP) is NO_PLAN


@pytest.mark.parametrize("notice", [Notice("lvd_plan", str(APP)), MISSED])
def test_a_notice_brings_the_new_version(notice: Notice) -> None:
    database = Database(1, ASKS_NOTHING)
    cache = PlanCache(database.in_force)
    cache.load(APP)
    database.version = 2
    cache.hear(notice)
    assert cache.versions() == {APP: 2}


@pytest.mark.parametrize("notice", [Notice("lvd_plan", "8"), Notice("lvd_plan", "?"), Notice("lvd_keys", "")])
def test_other_notices_change_nothing(notice: Notice) -> None:
    database = Database(1, ASKS_NOTHING)
    cache = PlanCache(database.in_force)
    cache.load(APP)
    database.version = 2
    cache.hear(notice)
    assert cache.versions() == {APP: 1}


def test_the_version_that_storage_names_is_loaded() -> None:
    database = Database(1, ASKS_NOTHING)
    cache = PlanCache(database.in_force)
    cache.load(APP)
    database.version = 2
    assert cache.of_version(APP, 2).version == 2


@pytest.mark.parametrize("error", [Unavailable("away"), PlanError([])])
def test_a_plan_that_cannot_be_loaded_leaves_the_last_one(error: Exception) -> None:
    database = Database(1, ASKS_NOTHING)
    cache = PlanCache(database.in_force)
    cache.load(APP)
    database.error = error
    cache.hear(Notice("lvd_plan", str(APP)))
    assert cache.versions() == {APP: 1}
    with pytest.raises(type(error)):
        cache.load(APP)


def test_a_deleted_app_is_forgotten() -> None:
    database = Database(1, ASKS_NOTHING)
    cache = PlanCache(database.in_force)
    cache.load(APP)
    database.error = NotFound("no app")
    cache.hear(MISSED)
    assert cache.versions() == {}
