"""Tests 12, 13 and 14: many writers at once, and a reader beside them."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep, time_ns

import pytest
from sqlalchemy import Engine, text

from storage.errors import Unavailable
from storage.memory import Memory
from storage.model import NewEvent, Submission, WriteResult
from storage.writer import Writer
from tests.faults.harness.ledger import batch_of
from tests.faults.harness.pg_proxy import Link, PgProxy, Point
from tests.faults.harness.scene import Scene
from tests.support.events import LIMITS, new_event, submission
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import running_server, send
from tests.support.oracle import check_app, check_received
from tests.support.writing import engine_of, new_app
from tracking_plan.verdict import Verdict

_WRITERS = 6


def test_one_batch_on_eight_streams_at_once_and_again_later(scene: Scene) -> None:
    numbers = [number for number in range(600) if number % 100 != 50]
    batch, at_once = batch_of(numbers), Barrier(8)
    with running_server(scene.database, writers=4) as server, ThreadPoolExecutor(8) as pool:

        def send_it(_: int) -> tuple[int, int]:
            at_once.wait()
            (ack,) = send(server.address, scene.tenant.key, [batch])
            return ack.unplanned, ack.duplicate

        told = list(pool.map(send_it, range(8)))
        (later,) = send(server.address, scene.tenant.key, [batch])
    assert sum(new for new, _ in told) == len(numbers)
    assert all(new + duplicate == len(numbers) for new, duplicate in told)
    assert (later.unplanned, later.duplicate) == (0, len(numbers))
    assert check_app(scene.engine, scene.tenant.app_id) == len(numbers)
    check_received(scene.engine, scene.tenant.app_id, 9 * len(numbers))


@pytest.mark.parametrize("rounds", [25, pytest.param(1_000, marks=pytest.mark.soak)])
def test_writers_with_overlapping_keys_and_apps_and_a_reader_beside_them(rounds: int, scene: Scene) -> None:
    """Some are cut off before or behind their COMMIT, and some sleep under their locks."""
    apps = [new_app(scene.engine) for _ in range(3)]
    now_us, rng = time_ns() // 1_000, random.Random(scene.seed)
    events = [new_event(f"e-{n}", now_us - n) for n in range(2_000)]

    def judge(point: Point, link: Link) -> None:
        chance = rng.random()
        if point in (Point.COMMIT_ASKED, Point.COMMIT_DONE) and chance < 0.03:
            link.cut()
        elif point is Point.COPY_DONE and chance < 0.1:
            sleep(0.1)

    with (
        PgProxy(scene.database) as proxy,
        engine_of(proxy.url, pool_size=_WRITERS + 2) as engine,
        FeedLedger(scene.engine, apps[0]) as feed,
        ThreadPoolExecutor(_WRITERS) as pool,
    ):
        proxy.strike_when(judge)
        working = [
            pool.submit(_write_rounds, engine, apps, events, random.Random(scene.seed + n), rounds)
            for n in range(_WRITERS)
        ]
        acked = [work.result(rounds + 60) for work in working]
    assert _deadlocks(scene.engine) == 0
    for app_id in apps:
        stored = check_app(scene.engine, app_id)
        assert {key for own in acked for key in own.get(app_id, ())} == _stored_ids(scene.engine, app_id)
        assert stored == len(_stored_ids(scene.engine, app_id))
    assert [row.seq for row in feed.rows] == list(range(1, len(feed.rows) + 1))
    assert len(feed.rows) == check_app(scene.engine, apps[0])


def _write_rounds(
    engine: Engine, apps: Sequence[int], events: list[NewEvent], rng: random.Random, rounds: int
) -> dict[int, set[str]]:
    """Writes groups of several apps in random order, each until it is told committed: the acked ids."""
    acked: dict[int, set[str]] = {app_id: set() for app_id in apps}
    writer = Writer(engine, LIMITS, Memory())
    try:
        for _ in range(rounds):
            group = [
                submission(app_id, rng.sample(events, rng.randint(1, 60)))
                for app_id in rng.sample(apps, rng.randint(1, 3))
            ]
            _write_until_committed(writer, group, rng)
            for part in group:
                acked[part.app_id].update(str(each.event_id) for each in part.events)
    finally:
        writer.close()
    return acked


def _write_until_committed(writer: Writer, group: list[Submission], rng: random.Random) -> None:
    left = list(group)
    while left:
        try:
            result: WriteResult = writer.write(left)
        except Unavailable:
            continue
        for outcome in result.outcomes.values():
            assert sum(outcome.counts) == outcome.counts[Verdict.VALID] + outcome.counts[Verdict.DUPLICATE]
        left = [left[place] for place in result.busy]
        rng.shuffle(left)


def _stored_ids(engine: Engine, app_id: int) -> set[str]:
    with engine.connect() as conn:
        query = text("SELECT event_id FROM event WHERE app_id = :app_id")
        return set(conn.execute(query, {"app_id": app_id}).scalars())


def _deadlocks(engine: Engine) -> int:
    query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    with engine.connect() as conn:
        return int(conn.execute(query).scalar_one())
