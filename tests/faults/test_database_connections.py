"""Tests 4, 5, 6 and 10: what lies between the server and Postgres breaks, wherever a transaction stands."""

import random
from threading import Lock
from time import sleep

import pytest

from tests.faults.harness.pg_proxy import Link, PgProxy, Point
from tests.faults.harness.producers import Load
from tests.faults.harness.scene import Scene
from tests.support.ingest import running_server
from tests.support.waiting import wait_until

_TIMES = [2, pytest.param(20, marks=pytest.mark.soak)]


@pytest.mark.parametrize("times", _TIMES)
@pytest.mark.parametrize("point", [Point.COMMIT_ASKED, Point.COMMIT_DONE], ids=lambda point: point.name)
def test_a_connection_cut_at_commit(point: Point, times: int, scene: Scene) -> None:
    """Whether it was committed is unknown to the server: nothing is acked, and a retry stores it once."""
    with (
        PgProxy(scene.database) as proxy,
        running_server(proxy.url) as server,
        scene.load(server.address) as work,
    ):
        for _ in range(times):
            work.wait_for_acks(3)
            proxy.trap(point, lambda link: link.cut()).wait()
    scene.conclude(work, faults=times)


@pytest.mark.parametrize("times", _TIMES)
@pytest.mark.parametrize(
    "point",
    [Point.LOCK_ASKED, Point.COPYING, Point.ROLLUP_ASKED, Point.COMMIT_ASKED],
    ids=lambda point: point.name,
)
def test_a_backend_terminated_within_a_transaction(point: Point, times: int, scene: Scene) -> None:
    with (
        PgProxy(scene.database) as proxy,
        running_server(proxy.url) as server,
        scene.load(server.address) as work,
    ):
        for _ in range(times):
            work.wait_for_acks(3)
            proxy.trap(point, proxy.terminate).wait()
    scene.conclude(work, faults=times)


@pytest.mark.parametrize("acks", [20, pytest.param(500, marks=pytest.mark.soak)])
def test_seven_of_ten_transactions_fail(acks: int, scene: Scene) -> None:
    rng, lock = random.Random(scene.seed), Lock()
    strikes = 0

    def judge(point: Point, link: Link) -> None:
        nonlocal strikes
        if point not in (Point.COPY_DONE, Point.COMMIT_DONE):
            return
        with lock:
            # Twice asked in a transaction that copies: 1 - 0.55² is 0.7 of them.
            struck = rng.random() < 0.45
            strikes += struck
        if struck:
            link.cut()

    with (
        PgProxy(scene.database) as proxy,
        running_server(proxy.url) as server,
        scene.load(server.address) as work,
    ):
        proxy.strike_when(judge)
        work.wait_for_acks(acks, timeout=20 + acks * 2)
        # Few transactions may have taken them all, and chance may have spared each.
        wait_until(lambda: strikes > 0)
        proxy.disarm()
    scene.conclude(work, faults=strikes)
    assert strikes


@pytest.mark.parametrize("seconds", [3, pytest.param(120, marks=pytest.mark.soak)])
@pytest.mark.parametrize("silent", [False, True], ids=["refused", "silent"])
def test_postgres_is_away(silent: bool, seconds: float, scene: Scene) -> None:
    """Refused at once, or packets that vanish; statuses and health: tests/integration/test_ingest_outages."""
    with (
        PgProxy(scene.database) as proxy,
        running_server(proxy.url) as server,
        scene.load(server.address, load=Load(patience=seconds + 40)) as work,
    ):
        work.wait_for_acks(3)
        if silent:
            proxy.pause()
            sleep(seconds)
            proxy.resume()
        else:
            proxy.refuse()
            sleep(seconds)
            proxy.accept()
        assert work.wait_for_acks(3) < 10
    scene.conclude(work, faults=1)
