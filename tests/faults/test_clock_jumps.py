"""Test 8: clocks that jump, and the partitions that they ask for."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from livevalidation.v1.ingest_pb2 import EventBatch
from storage.partitions import attached
from tests.faults.harness.database_clock import DatabaseClock
from tests.faults.harness.ledger import event
from tests.faults.harness.machine_clock import clock_ahead
from tests.faults.harness.scene import Scene
from tests.support.ingest import running_server, send
from tests.support.oracle import check_app, received_in_all
from tests.support.server_process import ServerProcess, free_port, server_process

_DAY = timedelta(days=1)


def batch(scene: Scene, numbers: range, ahead: timedelta) -> EventBatch:
    """Events that occur now by a clock that is so far ahead."""
    made = EventBatch()
    for number in numbers:
        each = event(number)
        each.occurred_at.FromDatetime(datetime.now(UTC) + ahead)
        each.payload_json = b'{"number": %d}' % number
        made.events.append(each)
    return made


def test_postgres_clock_jumps_there_and_back(scene: Scene) -> None:
    """Each batch is stored, or rejected with a reason and kept, at once; the alarm is raised and ends."""
    clock = DatabaseClock(scene.engine)
    told = []
    with running_server(scene.database, heartbeat="1s") as server:
        metric = server.server.metrics.registry.get_sample_value

        def send_at(number: int, ahead: timedelta) -> None:
            clock.jump(ahead)
            good = batch(scene, range(number, number + 10), ahead)
            stray = batch(scene, range(number + 10, number + 20), ahead + 30 * _DAY)
            began = monotonic()
            told.extend(send(server.address, scene.tenant.key, [good, stray]))
            assert monotonic() - began < 5

        def alarm() -> bool:
            sleep(2.5)
            return bool(metric("lvd_ingest_arrival_ahead_seconds"))

        send_at(0, timedelta(0))
        assert not alarm()
        send_at(100, _DAY)
        send_at(200, timedelta(0))
        assert alarm()
        send_at(300, -_DAY)
        send_at(400, 20 * _DAY)
        assert not alarm()
        send_at(500, 21 * _DAY)
    assert [ack.unplanned for ack in told] == [10, 0] * 6
    assert [ack.rejected for ack in told] == [0, 10] * 6
    assert check_app(scene.engine, scene.tenant.app_id) == 60
    assert received_in_all(scene.engine, scene.tenant.app_id) == 120
    _check_partitions(scene)


@pytest.mark.parametrize("days", [1, -1])
def test_the_clock_of_one_of_two_servers_jumps(
    days: int, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock decides nothing; it tells that it is wrong, and the other one does not."""
    off = days * int(_DAY.total_seconds())
    metrics = f"127.0.0.1:{free_port()}"
    with server_process(scene.database, INGEST_HEARTBEAT="1s") as right:
        with monkeypatch.context() as patched:
            for name, value in clock_ahead(tmp_path, off).items():
                patched.setenv(name, value)
            wrong = ServerProcess(scene.database, INGEST_HEARTBEAT="1s", INGEST_METRICS_ADDRESS=metrics)
            wrong.start()
        try:
            with scene.load(right.address, wrong.address) as work:
                work.wait_for_acks(40)
                told = _told(metrics)
        finally:
            wrong.stop()
    scene.conclude(work, faults=1)
    assert told == pytest.approx(off, abs=60)
    _check_partitions(scene)


def _told(metrics: str) -> float:
    """By how much the server's clock is ahead, once it knows."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        with urlopen(f"http://{metrics}/metrics") as answer:
            (value,) = re.findall(
                r"^lvd_ingest_clock_ahead_seconds (\S+)", answer.read().decode(), re.MULTILINE
            )
        if float(value):
            return float(value)
        sleep(0.1)
    raise AssertionError("it never looked at the clocks")


def _check_partitions(scene: Scene) -> None:
    """Those made ahead, and those of the days at which rows arrived."""
    today = datetime.now(UTC).date()
    with scene.engine.connect() as conn:
        days = {partition.day for partition in attached(conn)}
        rows = conn.execute(
            text("SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date FROM event")
        ).scalars()
        arrived = set(rows)
    ahead = {today + n * _DAY for n in range(-1, 9)}
    assert arrived <= days <= ahead | arrived
