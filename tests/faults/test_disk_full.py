"""Test 7: the data disk is full."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic, sleep

from tests.faults.harness.producers import Load
from tests.faults.harness.scene import Scene
from tests.faults.harness.small_disk import small_disk
from tests.support.ingest import new_tenant, running_server
from tests.support.writing import engine_of

#: Twice what a migrated database takes.
_MEGABYTES = 64
#: Duplicates take no room: they are answered on a full disk, too.
_ALL_NEW = Load(repeated=0)


def test_a_full_disk_refuses_events_until_there_is_room(scene: Scene, postgres_url: str) -> None:
    """Retryable, no acks, and no restart is needed."""
    with small_disk(postgres_url, _MEGABYTES) as disk, engine_of(disk.url, pool_size=8) as engine:
        scene = replace(scene, database=disk.url, engine=engine, tenant=new_tenant(engine, "shop"))
        with running_server(disk.url) as server, scene.load(server.address, load=_ALL_NEW) as work:
            work.wait_for_acks(3)
            disk.fill()
            metric = server.server.metrics.registry.get_sample_value
            eventually(lambda: bool(metric("lvd_ingest_failed_groups_total", {"error": "unavailable"})))
            sleep(3)
            acked = len(work.ack_times)
            sleep(1)
            assert len(work.ack_times) == acked, "nothing can be stored"
            # Now and then it is tried whether there is room: not ready in between.
            eventually(lambda: not metric("lvd_ingest_database_available"))
            disk.free()
            assert work.wait_for_acks(3) < 10
        scene.conclude(work, faults=1)


def eventually(condition: Callable[[], bool]) -> None:
    """Fails unless it comes to hold."""
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline, "not in time"
        sleep(0.01)
