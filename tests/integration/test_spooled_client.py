"""Events that wait on disk: for a server that is away, and beyond the death of their producer."""

import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event as Signal
from typing import Any

import grpc
import pytest
from sqlalchemy import text

from livevalidation import (
    ClientClosed,
    Event,
    EventResult,
    Options,
    Refused,
    Source,
    SpooledClient,
    SpoolUnusable,
    Verdict,
)
from livevalidation.spool import Spool
from livevalidation.v1 import ingest_pb2
from tests.faults.harness.small_disk import small_disk
from tests.support.ingest import new_tenant
from tests.support.ingest_double import IngestDouble, refuse, running
from tests.support.oracle import check_app
from tests.support.server_process import free_port, server_process
from tests.support.writing import engine_of

KEY = "key"
#: Nobody listens there.
NOWHERE = "127.0.0.1:1"
OPTIONS = Options(initial_backoff=0.05, max_backoff=0.2, linger=0.01, batch_size=50)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "events.spool"


def wait_for(double: IngestDouble, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(double.memory.stored) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(double.memory.stored) == count


def test_events_are_sent_and_leave_the_disk(spool: Path) -> None:
    told: list[tuple[str, EventResult]] = []
    double = IngestDouble()
    with running(double) as target:
        client = SpooledClient(
            target,
            KEY,
            spool=spool,
            options=OPTIONS,
            on_result=lambda event, result: told.append((event.name, result)),
        )
        with client:
            assert all(client.send(Event(name, {})) for name in ("Seen", "Bad", "Seen"))
            client.flush(20)
            assert (client.stats().waiting, client.stats().counts.received) == (0, 3)
    assert [(name, result.verdict) for name, result in told] == [
        ("Seen", Verdict.VALID),
        ("Bad", Verdict.INVALID),
        ("Seen", Verdict.VALID),
    ]
    assert client.stats().dropped == 0


def test_who_flushed_finds_all_results_told(spool: Path) -> None:
    told, flushed = [], Signal()

    def slowly(event: ingest_pb2.Event, _: EventResult) -> None:
        flushed.wait(0.5)
        told.append(event.name)

    with (
        running(IngestDouble()) as target,
        SpooledClient(target, KEY, spool=spool, options=OPTIONS, on_result=slowly) as client,
    ):
        client.send(Event("Seen", {}))
        client.flush(20)
        flushed.set()
        assert told == ["Seen"]


def test_a_callback_that_raises_is_told_and_stops_nothing(
    spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    def on_result(event: ingest_pb2.Event, _: EventResult) -> None:
        told.append(event.name)
        if event.name == "Bad":
            raise KeyError("the application's fault")

    with (
        running(IngestDouble()) as target,
        SpooledClient(target, KEY, spool=spool, options=OPTIONS, on_result=on_result) as client,
    ):
        for name in ("Bad", "Bad", "Seen", "Bad"):
            assert client.send(Event(name, {}))
        client.flush(20)
        assert client.send(Event("Seen", {}))
        client.flush(20)
    assert (client.stats().waiting, client.stats().failure) == (0, None)
    assert client.stats().callbacks_failed == 3
    assert told == ["Bad", "Bad", "Seen", "Bad", "Seen"]
    (record,) = [record for record in caplog.records if "on_result" in record.getMessage()]
    assert record.exc_info, "with the traceback"


def test_hours_without_a_server_then_another_client_with_its_own_source(spool: Path) -> None:
    first, second = Source(app_version="1"), Source(app_version="2")
    with SpooledClient(NOWHERE, KEY, spool=spool, source=first, run_id="r", options=OPTIONS) as client:
        sent = [Event("Seen", {"number": number}) for number in range(120)]
        assert all(client.send(event) for event in sent)
        client.close(timeout=0)
    assert client.stats().waiting == 120
    double = IngestDouble()
    with (
        running(double) as target,
        SpooledClient(target, KEY, spool=spool, source=second, options=OPTIONS) as other,
    ):
        more = Event("Seen", {})
        other.send(more)
        other.flush(20)
    (stream,) = double.streams
    labels = [(batch.source.app_version, batch.run_id, len(batch.events)) for batch in stream.received]
    assert labels == [("1", "r", 50), ("1", "r", 50), ("1", "r", 20), ("2", "", 1)]
    ids = [event.event_id for batch in stream.received for event in batch.events]
    assert ids == [event.event_id for event in (*sent, more)]


def test_large_events_are_read_a_batch_at_a_time(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`send` waits for whoever reads: each reading is short, and reads little that is read again."""
    options = replace(OPTIONS, max_batch_bytes=100_000)
    with SpooledClient(NOWHERE, KEY, spool=spool, options=options) as client:
        assert all(client.send(Event("Seen", {"filler": "x" * 20_000})) for _ in range(100))
        client.close(timeout=0)
    read, readings = Spool.read, list[int]()

    def counted(*arguments: Any) -> list[tuple[int, bytes]]:
        records = read(*arguments)
        readings.append(sum(len(record) for _, record in records))
        return records

    monkeypatch.setattr(Spool, "read", counted)
    double = IngestDouble()
    with running(double) as target, SpooledClient(target, KEY, spool=spool, options=options) as client:
        client.flush(20)
    assert [len(batch.events) for batch in double.streams[0].received] == [4] * 25
    assert max(readings) < 100_000 + 21_000
    assert sum(readings) < 1.3 * 100 * 20_100


def test_a_full_spool_drops_the_newest_and_counts_them_and_never_waits(
    spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = SpooledClient(NOWHERE, KEY, spool=spool, spool_bytes=1 << 20, options=OPTIONS)
    started = time.monotonic()
    kept = [client.send(Event("Seen", {"filler": "x" * 5_000})) for _ in range(400)]
    assert time.monotonic() - started < 10
    client.close(timeout=0)
    stats = client.stats()
    assert 190 < stats.waiting <= 205  # a mebibyte of them
    assert (stats.waiting, stats.dropped) == (sum(kept), 400 - sum(kept))
    assert kept == sorted(kept, reverse=True)
    assert [record.getMessage() for record in caplog.records if "spool" in record.getMessage()] == [
        "The spool takes no events (database or disk is full): they are dropped, and counted, until it does."
    ]


def test_a_disk_that_the_spool_filled_has_room_again_once_a_server_is_back(spool: Path) -> None:
    double, port = IngestDouble(), free_port()
    with (
        small_disk(8) as disk,
        SpooledClient(f"127.0.0.1:{port}", KEY, spool=disk.folder / "spool", options=OPTIONS) as client,
    ):
        kept = sum(iter(lambda: client.send(Event("Seen", {"filler": "x" * 20_000})), False))
        disk.fill()
        with running(double, port):
            client.flush(20)
            assert client.send(Event("Seen", {}))
            client.flush(20)
        assert (client.stats().waiting, client.stats().dropped, client.stats().failure) == (0, 1, None)
        assert client.stats().bytes < 100_000, "what was answered has left the disk"
    assert len(double.memory.stored) == kept + 1


_ON_A_FAILING_DISK = """
import resource, sys
from pathlib import Path
from livevalidation import Event, SpooledClient
client = SpooledClient(sys.argv[1], "key", spool=Path(sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
kept = [client.send(Event("Seen", {"filler": "x" * 10_000})) for _ in range(40)]
assert (client.stats().dropped, client.stats().waiting) == (kept.count(False), kept.count(True))
assert kept == sorted(kept, reverse=True) and len(set(kept)) == 2
client.close(timeout=0)
"""


def test_a_disk_that_fails_drops_the_newest_and_raises_nothing(spool: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_FAILING_DISK, NOWHERE, spool],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("The spool takes no events (disk I/O error): they are dropped, and counted") == 1


def test_a_refused_key_stops_the_sending_and_loses_nothing(spool: Path) -> None:
    with running(IngestDouble(refuse(grpc.StatusCode.UNAUTHENTICATED))) as target:
        client = SpooledClient(target, KEY, spool=spool, options=OPTIONS)
        client.send(Event("Seen", {}))
        with pytest.raises(ClientClosed) as told:
            client.flush(20)
        assert isinstance(told.value.__cause__, Refused)
        assert client.send(Event("Seen", {}))
        client.close()
    assert isinstance(client.stats().failure, Refused)
    double = IngestDouble()
    with running(double) as target, SpooledClient(target, KEY, spool=spool, options=OPTIONS) as other:
        other.flush(20)
    assert len(double.memory.stored) == 2


def test_a_record_that_cannot_be_read_stops_the_sending_with_a_word(
    spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Disks damage what lies on them; SQLite does not look at what a record holds."""
    with SpooledClient(NOWHERE, KEY, spool=spool, options=OPTIONS) as client:
        assert all(client.send(Event("Seen", {})) for _ in range(3))
        client.close(timeout=0)
    with closing(sqlite3.connect(spool, isolation_level=None)) as connection:
        connection.execute("UPDATE spool SET record = x'ffffff' WHERE number = 2")
    with (
        running(IngestDouble()) as target,
        SpooledClient(target, KEY, spool=spool, options=OPTIONS) as client,
    ):
        with pytest.raises(ClientClosed, match="Nothing is sent any more"):
            client.flush(20)
        assert "keep this one for its events" in str(client.stats().failure)
        assert client.send(Event("Seen", {}))
    assert client.stats().waiting == 4
    assert "sent no more: The spool cannot be read any more (DecodeError" in caplog.text


@pytest.mark.parametrize("long", [math.inf, 1e12])
def test_flush_and_close_may_be_told_to_take_as_long_as_it_takes(spool: Path, long: float) -> None:
    options = Options(close_timeout=long)
    double = IngestDouble()
    with running(double) as target:
        with SpooledClient(target, KEY, spool=spool, options=options) as client:
            client.send(Event("Seen", {}))
            client.flush(long)
            client.send(Event("Seen", {}))
        client = SpooledClient(target, KEY, spool=spool)
        client.send(Event("Seen", {}))
        client.close(long)
    assert (client.stats().waiting, len(double.memory.stored)) == (0, 3)


#: The threads that send hold the client: as long as they run a forked process cannot let go of it.
_FORKED_WITHOUT_THREADS = """
import os, signal, sys, threading, time
from pathlib import Path
from livevalidation import Event, SpooledClient
client = SpooledClient(sys.argv[1], "revoked", spool=Path(sys.argv[2]))
assert client.send(Event("Seen", {"number": 0}))
while any(thread.name.startswith("livevalidation") for thread in threading.enumerate()):
    time.sleep(0.01)
assert client.stats().failure is not None
for number in (1, 2):
    child = os.fork()
    if child == 0:
        if number == 2:
            del client
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    assert client.send(Event("Seen", {"number": number}))
print(client.stats().waiting, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_forked_processes_that_exit_take_nothing_from_a_producer_whose_key_was_revoked(spool: Path) -> None:
    with running(IngestDouble(refuse(grpc.StatusCode.UNAUTHENTICATED))) as target:
        producer = subprocess.run(
            [sys.executable, "-c", _FORKED_WITHOUT_THREADS, target, spool],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (producer.returncode, producer.stdout) == (-signal.SIGKILL, "3\n"), producer.stderr
    double = IngestDouble()
    with running(double) as target, SpooledClient(target, KEY, spool=spool, options=OPTIONS) as client:
        client.flush(20)
    assert len(double.memory.stored) == 3


def test_misuse_is_told(spool: Path) -> None:
    with SpooledClient(NOWHERE, KEY, spool=spool, options=OPTIONS) as client:
        with pytest.raises(SpoolUnusable, match="another process"):
            SpooledClient(NOWHERE, KEY, spool=spool)
        client.send(Event("Seen", {}))
        with pytest.raises(TimeoutError, match="they are kept"):
            client.flush(0.01)
        client.close(timeout=0)
        client.close()
        with pytest.raises(ClientClosed):
            client.send(Event("Seen", {}))
    with pytest.raises(ValueError, match="API key"):
        SpooledClient(NOWHERE, "", spool=spool)
    # What could not begin has left the file alone.
    SpooledClient(NOWHERE, KEY, spool=spool).close(timeout=0)


_PRODUCER = """
import sys
from pathlib import Path
from livevalidation import Event, Options, SpooledClient
target, key, spool, first, count = sys.argv[1:]
options = Options(initial_backoff=0.05, max_backoff=0.2, linger=0.01, batch_size=20)
client = SpooledClient(target, key, spool=Path(spool), options=options)
for number in range(int(first), int(first) + int(count)):
    assert client.send(Event("Seen", {"number": number}))
    print(number, flush=True)
sys.stdin.read()
client.close()
print("waiting", client.stats().waiting)
"""


def test_producers_killed_with_events_on_disk_lose_none_and_store_none_twice(
    database: str, spool: Path
) -> None:
    with engine_of(database) as engine, server_process(database) as server:
        tenant = new_tenant(engine, "shop")
        port = free_port()

        def start(target: str, first: int, count: int) -> subprocess.Popen[bytes]:
            arguments = (target, tenant.key, str(spool), str(first), str(count))
            return subprocess.Popen(
                [sys.executable, "-c", _PRODUCER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )

        # Without a server at all; then in the middle of sending; each killed.
        for target, first in ((f"127.0.0.1:{port}", 0), (server.address, 300), (server.address, 600)):
            producer = start(target, first, 300)
            assert producer.stdout is not None
            for number in range(first, first + 300):
                assert int(producer.stdout.readline()) == number
            os.kill(producer.pid, signal.SIGKILL)
            producer.communicate(timeout=20)
        last = start(server.address, 900, 1).communicate(timeout=60)[0]
        assert last.splitlines()[-1] == b"waiting 0"

        query = "SELECT (payload->>'number')::int FROM event WHERE app_id = :app_id ORDER BY 1"
        with engine.connect() as conn:
            stored = list(conn.execute(text(query), {"app_id": tenant.app_id}).scalars())
        assert stored == list(range(901))
        assert check_app(engine, tenant.app_id) == 901


def test_messages_may_be_given_as_they_are(spool: Path) -> None:
    double = IngestDouble()
    with running(double) as target, SpooledClient(target, KEY, spool=spool, options=OPTIONS) as client:
        client.send(ingest_pb2.Event(name="Seen", event_id="one", payload_json=b"{}"))
        wait_for(double, 1)
    assert double.memory.stored == {"one"}
