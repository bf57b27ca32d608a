"""Pages go by the right index though the last ANALYZE saw other data: at that time every event was alike."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from storage.partitions import Partition
from storage.readers import After, Filters, PageQuery, Reader, key_rows
from tests.support.query_plans import Allowed, captured, explained, problems
from tests.support.seeding import recent_days, seed
from tracking_plan.verdict import Verdict

#: Below 40,000 rows a partition is so small that reading all of its invalid rows looks as cheap as an index.
SEED = recent_days(days=1, rows_per_day=80_000)
PARTITION = Partition(SEED.first_day.date()).name
LIMIT = 100
#: In seconds: longer than any other session's statement (autovacuum's among them) takes.
PATIENCE = 60.0
#: Long names: their index is the larger one, and looks the dearer where both promise every row.
OLD, NEW = "the name in the old release", "the name in the new release"


@pytest.fixture(scope="module")
def app_id(engine: Engine) -> int:
    """An app whose older events are all of one name, subject and run, and invalid; the newer ones are not."""
    app_id = seed(engine, "has a new release", SEED)
    with engine.connect() as conn:
        _make_it_look_uniform(conn.execution_options(isolation_level="AUTOCOMMIT"))
    return app_id


def _make_it_look_uniform(conn: Connection) -> None:
    alike = "name = :old, status = 1, violations = '[]', subject = 'user', run_id = 'run'"
    other = "name = :new, status = 0, violations = NULL, subject = NULL, run_id = NULL"
    conn.execute(text(f"ALTER TABLE {PARTITION} SET (autovacuum_enabled = off)"))
    conn.execute(text(f"UPDATE {PARTITION} SET {alike}"), {"old": OLD})
    conn.execute(text(f"VACUUM FULL ANALYZE {PARTITION}"))
    conn.execute(text(f"UPDATE {PARTITION} SET {other} WHERE seq > 40000"), {"new": NEW})
    _vacuum(conn)


def _vacuum(conn: Connection) -> None:
    """Takes the old rows' entries out of the indexes, which cannot be while anybody's snapshot knows them."""
    ends_at = time.monotonic() + PATIENCE
    while True:
        conn.execute(text(f"VACUUM {PARTITION}"))
        left = conn.execute(
            text("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = :name"), {"name": PARTITION}
        )
        if not (dead := left.scalar_one()):
            return
        assert time.monotonic() < ends_at, f"{dead} old rows of {PARTITION} are kept for somebody's snapshot"
        time.sleep(0.2)


@pytest.fixture(params=["planned each time", "kept"])
def plan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How rows of a stretch are planned: a plan is kept of many days, here of any."""
    if request.param == "kept":
        monkeypatch.setattr(key_rows, "_FAR", timedelta(0))


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    "filters",
    [
        Filters(names=(OLD,)),
        Filters(statuses=(Verdict.INVALID,)),
        Filters(names=(OLD,), statuses=(Verdict.INVALID,)),
        Filters(names=(NEW,), statuses=(Verdict.INVALID,)),
        Filters(subject="user"),
        Filters(run_id="run"),
    ],
)
def test_what_is_no_longer_sent_is_not_searched_for_row_by_row(
    engine: Engine, app_id: int, filters: Filters
) -> None:
    query = PageQuery(app_id, filters, newest_first=True, limit=LIMIT, at=After(SEED.rows + 1))
    _check(engine, query)


@pytest.mark.usefixtures("plan")
def test_what_is_new_is_not_searched_for_row_by_row(engine: Engine, app_id: int) -> None:
    _check(engine, PageQuery(app_id, Filters(names=(NEW,)), newest_first=False, limit=LIMIT, at=After(0)))


def _check(engine: Engine, query: PageQuery) -> None:
    with captured(engine) as statements:
        Reader(engine).page(query)
    allowed = Allowed(LIMIT + 1, offset=0)
    plans = [plan for plan in explained(engine, statements) if plan.reads_events]
    assert plans
    assert [(wrong, plan.sql) for plan in plans for wrong in problems(plan, allowed)] == []
