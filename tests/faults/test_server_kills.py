"""Test 1: the ingest server is killed at each point of a transaction at which it matters."""

import pytest

from tests.faults.harness.pg_proxy import PgProxy, Point
from tests.faults.harness.scene import Scene
from tests.support.server_process import server_process


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak)])
@pytest.mark.parametrize(
    "point", [Point.COPY_DONE, Point.COMMIT_ASKED, Point.COMMIT_DONE], ids=lambda point: point.name
)
def test_a_server_killed_within_a_transaction(point: Point, kills: int, scene: Scene) -> None:
    with (
        PgProxy(scene.database) as proxy,
        server_process(proxy.url) as server,
        scene.load(server.address) as work,
    ):
        work.wait_for_acks(3)
        for _ in range(kills):
            proxy.trap(point, lambda _: server.kill()).wait()
            server.start()
            work.wait_for_acks(3)
    scene.conclude(work, faults=kills)
