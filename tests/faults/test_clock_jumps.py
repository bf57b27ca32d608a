"""Test 8: clocks that jump, and the partitions that they ask for."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep, time_ns
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from livevalidation.v1.ingest_pb2 import EventBatch
from storage.errors import Unavailable
from storage.partitions import attached
from storage.retention import retain
from tests.faults.harness.database_clock import DatabaseClock
from tests.faults.harness.ledger import event
from tests.faults.harness.machine_clock import clock_ahead
from tests.faults.harness.scene import Scene
from tests.support.events import DAY_US, LIMITS, new_event, submission
from tests.support.ingest import running_server, send
from tests.support.oracle import check_app, received_in_all
from tests.support.server_process import ServerProcess, free_port, server_process
from tests.support.writing import writer_on
from tracking_plan.verdict import Verdict

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


@pytest.mark.parametrize("days", [20, 40])
@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_an_event_sent_again_after_the_clock_was_far_ahead_is_stored_once(
    scene: Scene, days: int, dated: bool
) -> None:
    """Arrivals stay ahead, since they never go back; the event lies far behind them."""
    clock, app_id = DatabaseClock(scene.engine), scene.tenant.app_id
    once = new_event("once", time_ns() // 1_000 if dated else None)
    with writer_on(scene.engine) as writer:
        writer.write([submission(app_id, [once])])
        clock.jump(days * _DAY)
        writer.write([submission(app_id, [new_event("ahead", time_ns() // 1_000 + days * DAY_US)])])
        clock.jump(timedelta(0))
        again = writer.write([submission(app_id, [once])])
    assert again.outcomes[0].duplicates == {0}
    assert check_app(scene.engine, app_id) == 2


@pytest.mark.parametrize("ahead", [40 * _DAY, -40 * _DAY])
def test_nothing_is_dropped_by_a_clock_that_another_contradicts(scene: Scene, ahead: timedelta) -> None:
    clock, app_id = DatabaseClock(scene.engine), scene.tenant.app_id
    with writer_on(scene.engine) as writer:
        writer.write([submission(app_id, [new_event("kept", time_ns() // 1_000)])])
    clock.jump(ahead)
    with pytest.raises(Unavailable, match="differ by 960 hours: nothing is dropped until they agree"):
        retain(scene.engine, 30 * _DAY)
    clock.jump(timedelta(minutes=30))
    assert retain(scene.engine, 30 * _DAY).dropped == ()
    assert check_app(scene.engine, app_id) == 1


def test_an_undated_event_is_forgotten_when_its_window_is_over(scene: Scene) -> None:
    clock, app_id = DatabaseClock(scene.engine), scene.tenant.app_id
    window = timedelta(microseconds=LIMITS.undated_window_us)
    once = submission(app_id, [new_event("once", None)])
    stored = []
    for ahead in (timedelta(0), window - timedelta(minutes=1), window + _DAY):
        clock.jump(ahead)
        # A new one, as after days: this machine's clock stands still, and the old one suspects by it.
        with writer_on(scene.engine) as writer:
            stored.append(writer.write([once]).outcomes[0].counts[Verdict.VALID])
    assert stored == [1, 0, 1]
