"""A ledger that somebody holds: a server that froze, or a person with an open transaction."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from tests.faults.harness.pg_proxy import PgProxy, Point
from tests.faults.harness.producers import Load
from tests.faults.harness.scene import Scene
from tests.support.bad_input import event, field
from tests.support.ingest import new_tenant, running_server, send_bytes
from tests.support.server_process import server_process

#: idle_in_transaction_session_timeout is 5 s.
_FREED_WITHIN = 8.0


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.soak)])
def test_a_server_that_freezes_under_the_lock_does_not_keep_the_app(times: int, scene: Scene) -> None:
    """What it had copied is undone, and what it was about to ack is sent again."""
    with (
        PgProxy(scene.database) as proxy,
        server_process(proxy.url) as frozen,
        running_server(scene.database) as other,
        scene.load(frozen.address, other.address) as work,
    ):
        for _ in range(times):
            work.wait_for_acks(3)
            proxy.trap(Point.COPY_DONE, lambda _: os.kill(frozen.pid, signal.SIGSTOP)).wait()
            try:
                assert work.wait_for_acks(2) < _FREED_WITHIN
            finally:
                os.kill(frozen.pid, signal.SIGCONT)
    scene.conclude(work, faults=times)


@contextmanager
def held(scene: Scene) -> Iterator[None]:
    """Somebody locks the app's ledger and does nothing."""
    with scene.engine.connect() as conn:
        conn.execute(text("SET idle_in_transaction_session_timeout = 0"))
        conn.execute(
            text("SELECT FROM app_ledger WHERE app_id = :app_id FOR UPDATE"),
            {"app_id": scene.tenant.app_id},
        )
        yield
        conn.rollback()


def test_an_app_that_is_held_holds_up_no_other(scene: Scene) -> None:
    """It is told to come again; the others go on as ever."""
    other = new_tenant(scene.engine, "other")
    with (
        running_server(scene.database) as server,
        scene.load(server.address, load=Load(patience=60)) as work,
    ):
        work.wait_for_acks(3)
        with held(scene):
            sleep(0.5)
            waits = []
            ends_at = monotonic() + 12
            while monotonic() < ends_at:
                began = monotonic()
                send_bytes(server.address, other.key, [field(2, event(b'{"at": %d}' % (began * 1e6)))])
                waits.append(monotonic() - began)
        assert max(waits) < 1.5
        assert work.wait_for_acks(3) < 10
    scene.conclude(work, faults=1)
