"""Tests 16, 17 and part of 4: a database that stalls or crawls, and producers that push or do not read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep

import grpc
import orjson
import pytest

from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.plans import PlanStore
from tests.faults.harness.ledger import batch_of
from tests.faults.harness.pg_proxy import PgProxy
from tests.faults.harness.process_memory import watched_memory
from tests.faults.harness.scene import Scene
from tests.support.ingest import Tenant, call_metadata
from tests.support.server_process import ServerProcess, server_process
from tests.support.waiting import wait_until
from tracking_plan.violation import MAX_VIOLATIONS

_MIB = 1024 * 1024
#: What the server is told to hold at most.
_BOUND = 32 * _MIB
#: On top of it, while groups are written: the rows of the group that each writer has in its hands, what gRPC
#: takes in ahead, and the heap's own waste.
_SLACK = 32 * _MIB
_SETTINGS = {
    "INGEST_STREAM_BYTES": str(8 * _MIB),
    "INGEST_APP_BYTES": str(_BOUND),
    "INGEST_PROCESS_BYTES": str(_BOUND),
}
#: A message of 190 kB, as that by which gRPC's own flow control was measured.
_EVENTS = 1_000
#: A stream alone is bounded by its own bytes; many keep the database busy, and get what it can: 1.8 to 2.5
#: times as much was measured, on machines that were busy.
_MANY_AGAINST_ONE = 1.3
#: A plan of which an event can break as many rules as are kept of one.
_NAMES = [f"property_{number:02}" for number in range(MAX_VIOLATIONS)]
_MANY_NAMES = orjson.dumps({f"{number:05}": [] for number in range(9_000)})
_STRICT = {
    "version": 1,
    "name": "Strict",
    "events": {
        "Broken": {
            "schema": {
                "type": "object",
                "required": _NAMES,
                "properties": {name: {"type": "string"} for name in _NAMES},
            }
        }
    },
}


def _usual() -> ingest_pb2.EventBatch:
    message = batch_of([n for n in range(_EVENTS + 20) if n % 100 != 50][:_EVENTS])
    message.events[0].payload_json = b'{"filler": "' + b"x" * 60_000 + b'"}'
    return message


def _broken(payload: bytes, events: int) -> ingest_pb2.EventBatch:
    """Of an app that breaks every rule of its plan with each event."""
    same = [ingest_pb2.Event(name="Broken", event_id=f"b{n}", payload_json=payload) for n in range(events)]
    return ingest_pb2.EventBatch(events=same)


@contextmanager
def pushing(
    address: str, tenant: Tenant, streams: int, message: ingest_pb2.EventBatch | None = None
) -> Iterator[list[int]]:
    """Streams on one connection that send as fast as they may; yields what was acked, in batches."""
    over, acked, message = Event(), [0], message or _usual()

    def messages() -> Iterator[ingest_pb2.EventBatch]:
        while not over.is_set():
            yield message

    def read(call: "grpc.CallIterator[ingest_pb2.BatchAck]") -> None:
        try:
            for _ in call:
                acked[0] += 1
        except grpc.RpcError:
            return

    with grpc.insecure_channel(address) as channel:
        stub = ingest_pb2_grpc.IngestServiceStub(channel)
        metadata = call_metadata(tenant.key, "none")
        calls = [stub.StreamEvents(messages(), metadata=metadata) for _ in range(streams)]
        readers = [Thread(target=read, args=(call,), daemon=True) for call in calls]
        for reader in readers:
            reader.start()
        try:
            yield acked
        finally:
            over.set()
            for call in calls:
                call.cancel()  # type: ignore[no-untyped-call]
            for reader in readers:
                reader.join()


@pytest.mark.parametrize("streams", [10, 50])
def test_a_stalled_database_bounds_memory(
    streams: int, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """All streams on one connection."""
    with PgProxy(scene.database) as proxy, warm_server(proxy, scene) as server:
        proxy.pause()
        with watched_memory(server.pid) as memory, pushing(server.address, scene.tenant, streams):
            sleep(4)
        proxy.resume()
    record_property("figures", f"{memory.growth / _MIB:.0f} MiB more, {_BOUND // _MIB} configured")
    assert memory.growth < _BOUND


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(_broken(b"{}", 1_000), id="nothing that the plan asks for"),
        pytest.param(_broken(orjson.dumps(dict.fromkeys(_NAMES, 0)), 300), id="all of another type"),
        pytest.param(_broken(_MANY_NAMES, 8), id="thousands of names"),
    ],
)
def test_what_is_wrong_with_events_counts(
    message: ingest_pb2.EventBatch, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """A violation takes many times the bytes that broke the rule, and so does a name in an event's shape.

    With small groups, whose rows are 5 kB an event here: it is about what waits.
    """
    PlanStore(scene.engine).push(scene.tenant.app_id, _STRICT)
    with PgProxy(scene.database) as proxy, warm_server(proxy, scene, INGEST_GROUP_EVENTS="1000") as server:
        proxy.pause()
        with watched_memory(server.pid) as memory, pushing(server.address, scene.tenant, 10, message):
            sleep(6)
        proxy.resume()
    record_property("figures", f"{memory.growth / _MIB:.0f} MiB more, {_BOUND // _MIB} configured")
    assert memory.growth < _BOUND + _SLACK


@pytest.mark.parametrize("streams", [50, pytest.param(10, marks=pytest.mark.soak)])
def test_a_crawling_database_is_used_to_its_full(
    streams: int, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """Each answer of Postgres is held back, so that a transaction takes twenty times as long."""
    with PgProxy(scene.database) as proxy, warm_server(proxy, scene) as server:
        proxy.delay = 0.05
        with watched_memory(server.pid) as memory:
            with pushing(server.address, scene.tenant, 1) as acked:
                few = _rate(acked)
            with pushing(server.address, scene.tenant, streams) as acked:
                many = _rate(acked)
    record_property(
        "figures",
        f"{memory.growth / _MIB:.0f} MiB more, {_BOUND // _MIB} configured; "
        f"batches/s {few:.1f} by one stream, {many:.1f} by all",
    )
    assert memory.growth < _BOUND + _SLACK
    assert many > _MANY_AGAINST_ONE * few


@contextmanager
def warm_server(proxy: PgProxy, scene: Scene, **settings: str) -> Iterator[ServerProcess]:
    """It has worked at full speed: what it holds from now on is for what waits."""
    with server_process(proxy.url, **_SETTINGS, **settings) as server:
        with pushing(server.address, scene.tenant, 10) as acked:
            wait_until(lambda: acked[0] >= 20, 30)
        sleep(1)
        yield server


def _rate(acked: list[int]) -> float:
    """Batches acked in a second, once the first ones are."""
    wait_until(lambda: acked[0] >= 2, 30)
    began, before = monotonic(), acked[0]
    sleep(4)
    return (acked[0] - before) / (monotonic() - began)
