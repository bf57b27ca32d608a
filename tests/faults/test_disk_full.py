"""Test 7: the disk of the tables, or that of the WAL, is full."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic, sleep

from tests.faults.harness.own_postgres import own_postgres
from tests.faults.harness.producers import Load
from tests.faults.harness.scene import Scene
from tests.faults.harness.small_disk import database_on, small_disk
from tests.support.ingest import new_tenant, running_server
from tests.support.waiting import wait_until
from tests.support.writing import engine_of

#: Twice what a migrated database takes.
_MEGABYTES = 64
#: Eight segments of WAL.
_WAL_MEGABYTES = 128
#: Duplicates take no room: they are answered on a full disk, too.
_ALL_NEW = Load(repeated=0)
#: So that a segment of the WAL, 16 MB, is soon full.
_LARGE = Load(repeated=0, largest_batch=2_000, pause=0)


def test_a_full_disk_refuses_events_until_there_is_room(scene: Scene, postgres_url: str) -> None:
    """Retryable, no acks, and no restart is needed."""
    with (
        small_disk(_MEGABYTES) as disk,
        database_on(disk, postgres_url) as url,
        engine_of(url, pool_size=8) as engine,
    ):
        scene = replace(scene, database=url, engine=engine, tenant=new_tenant(engine, "shop"))
        with running_server(url) as server, scene.load(server.address, load=_ALL_NEW) as work:
            work.wait_for_acks(3)
            disk.fill()
            metric = server.server.metrics.registry.get_sample_value

            def is_ready() -> bool:
                return bool(metric("lvd_ingest_database_available"))

            wait_until(lambda: not is_ready(), 30)
            assert never(is_ready, seconds=3)
            acked = len(work.ack_times)
            assert never(is_ready, seconds=2)
            assert len(work.ack_times) == acked, "nothing can be stored"
            assert metric("lvd_ingest_failed_groups_total", {"error": "unavailable"})
            disk.free()
            assert work.wait_for_acks(3) < 10
            assert is_ready()
        scene.conclude(work, faults=1)


def test_a_full_disk_of_the_wal_loses_nothing(scene: Scene) -> None:
    """Postgres goes down rather than go on without its WAL: it has all once it is up and there is room.

    It comes up by itself as long as what is left of its newest WAL file has room for that.
    """
    with (
        small_disk(_WAL_MEGABYTES) as disk,
        own_postgres() as postgres,
        engine_of(postgres.url, pool_size=8) as engine,
    ):
        scene = replace(scene, database=postgres.url, engine=engine, tenant=new_tenant(engine, "shop"))
        engine.dispose()
        postgres.move_wal(disk.folder)
        with (
            running_server(postgres.url) as server,
            scene.load(server.address, load=_LARGE) as work,
        ):
            work.wait_for_acks(3)
            disk.fill()
            wait_until(lambda: "No space left on device" in postgres.log(), 30)
            sleep(3)
            acked = len(work.ack_times)
            sleep(1)
            assert len(work.ack_times) == acked, "nothing can be stored"
            disk.free()
            if not postgres.is_running():
                postgres.start()
            assert work.wait_for_acks(3) < 10
        scene.conclude(work, faults=1)


def never(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether it holds at no moment of so long."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if condition():
            return False
        sleep(0.001)
    return True
