"""Tests 9 and 11: servers stop and clients vanish under load."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import grpc
import pytest
from sqlalchemy import text

from tests.faults.harness.full_oracle import check_oracle
from tests.faults.harness.ledger import ClientLedger
from tests.faults.harness.pg_proxy import PgProxy
from tests.faults.harness.producer_process import ProducerProcess
from tests.faults.harness.scene import Scene
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import running_server, send
from tests.support.server_process import ServerProcess, server_process, server_processes
from tests.support.waiting import wait_until

_GRACE = 5


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_sigterm_under_load(times: int, scene: Scene) -> None:
    """Out within the grace, and what it stored does not change once it is out."""
    with (
        server_process(scene.database, INGEST_DRAIN_TIMEOUT=f"{_GRACE}s") as server,
        scene.load(server.address) as work,
    ):
        for _ in range(times):
            work.wait_for_acks(5)
            began = monotonic()
            assert server.stop() == 0
            assert monotonic() - began < _GRACE + 3
            stored = _stored(scene)
            sleep(0.5)
            assert _stored(scene) == stored
            server.start()
    scene.conclude(work, faults=times)


def test_a_stop_waits_for_no_question_that_hangs_in_the_database(scene: Scene) -> None:
    """Here that for the key of a call that nobody knows."""
    unknown = f"lvd_{'z' * 12}_{'s' * 32}"
    with PgProxy(scene.database) as proxy, running_server(proxy.url, drain_timeout="2s") as running:
        proxy.pause()
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(send, running.address, unknown, [])
            wait_until(lambda: running.server._edge.authenticator._unknown == 1)
            began = monotonic()
            running.drain()
            assert monotonic() - began < _GRACE + 5
            with pytest.raises(grpc.RpcError):
                call.result()


def _stored(scene: Scene) -> int:
    query = text("SELECT version FROM app_ledger WHERE app_id = :app_id")
    with scene.engine.connect() as conn:
        return int(conn.execute(query, {"app_id": scene.tenant.app_id}).scalar_one())


@pytest.mark.parametrize("bounces", [4, pytest.param(60, marks=pytest.mark.soak)])
def test_clients_and_servers_bounced_at_random(bounces: int, scene: Scene, tmp_path: Path) -> None:
    """A killed client sends again what its journal does not show as acked."""
    rng = random.Random(scene.seed)
    producers = [ProducerProcess(tmp_path / f"{n}.journal", first=n * 10_000_000) for n in range(2)]
    with (
        server_processes(scene.database, 2) as servers,
        FeedLedger(scene.engine, scene.tenant.app_id) as feed,
    ):
        for producer, server in zip(producers, servers, strict=True):
            producer.start(server.address, scene.tenant.key)
        both: list[ServerProcess | ProducerProcess] = [*servers, *producers]
        for _ in range(bounces):
            sleep(rng.uniform(0.3, 1.0))
            what = rng.choice(both)
            if rng.random() < 0.5:
                what.kill()
            else:
                what.stop()
            what.start()
        for producer in producers:
            producer.finish()
    ledger = ClientLedger()
    for producer in producers:
        producer.add_to(ledger)
    scene.record(check_oracle(scene.engine, scene.tenant.app_id, ledger, feed, faults=bounces))
