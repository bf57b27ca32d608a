"""Test 20: what readers ask for must not come out of the producers' time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep

import grpc
import pytest

from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.readers import After, Filters, PageQuery, Reader
from tests.faults.harness.ledger import batch_of
from tests.faults.harness.scene import Scene
from tests.support.bad_input import event, field
from tests.support.ingest import Tenant, call_metadata, new_tenant
from tests.support.server_process import server_process

#: The quiet producer sends so many batches of ten events, one each so many seconds.
_EVERY_SECONDS = 0.025
#: Below it a p99 says more of the machine than of the server. In seconds.
_FLOOR = 0.15


def waits(address: str, tenant: Tenant, seconds: float) -> list[float]:
    """How long each batch of a quiet producer waited for its ack."""
    took = []
    with grpc.insecure_channel(address) as channel:
        send = channel.unary_unary(
            "/livevalidation.v1.IngestService/SendEvents",
            request_serializer=None,
            response_deserializer=ingest_pb2.BatchAck.FromString,
        )
        ends_at = monotonic() + seconds
        while monotonic() < ends_at:
            began = monotonic()
            message = b"".join(field(2, event(b'{"at": %d, "n": %d}' % (began * 1e6, n))) for n in range(10))
            send(message, metadata=call_metadata(tenant.key), timeout=30)
            took.append(monotonic() - began)
            sleep(max(0.0, _EVERY_SECONDS - took[-1]))
    return took


def p99(took: list[float]) -> float:
    return sorted(took)[int(0.99 * len(took))]


@contextmanager
def flooding(address: str, tenant: Tenant, events_per_second: int) -> Iterator[list[int]]:
    """Sends new events at that rate, in batches of 500; yields how many were acked."""
    over, acked = Event(), [0]

    def batches() -> Iterator[ingest_pb2.EventBatch]:
        began, number = monotonic(), 0
        while not over.is_set():
            numbers = [n for n in range(number, number + 505) if n % 100 != 50]
            number += 505
            yield batch_of(numbers)
            sleep(max(0.0, began + number / events_per_second - monotonic()))

    def read() -> None:
        with grpc.insecure_channel(address) as channel:
            stub = ingest_pb2_grpc.IngestServiceStub(channel)
            for ack in stub.StreamEvents(batches(), metadata=call_metadata(tenant.key, "none")):
                acked[0] += ack.received

    thread = Thread(target=read, name="flood")
    thread.start()
    try:
        yield acked
    finally:
        over.set()
        thread.join()


@contextmanager
def repeating(work: Callable[[], object]) -> Iterator[None]:
    """Does it again and again beside."""
    over = Event()

    def run() -> None:
        while not over.is_set():
            work()

    thread = Thread(target=run, name="beside")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.soak
def test_a_slow_query_and_an_export_beside_the_writers(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """The offered rate is kept, and acks come about as soon. On a machine that has nothing else to do."""
    rate, seconds, quiet = 5_000, 30, new_tenant(scene.engine, "quiet")
    reader = Reader(scene.engine)

    def search() -> None:
        reader.page(PageQuery(scene.tenant.app_id, Filters(subject="nobody"), True, 100))

    def export() -> None:
        page = reader.page(PageQuery(scene.tenant.app_id, Filters(), True, 500))
        while page.more:
            after = After(page.rows[-1].seq, page.view)
            page = reader.page(PageQuery(scene.tenant.app_id, Filters(), True, 500, after))

    with server_process(scene.database) as server:
        with flooding(server.address, scene.tenant, rate):
            sleep(1)
            alone = p99(waits(server.address, quiet, seconds))
        with flooding(server.address, scene.tenant, rate) as acked, repeating(search), repeating(export):
            sleep(0.5)
            before, beside = acked[0], p99(waits(server.address, quiet, seconds))
            kept = (acked[0] - before) / seconds
    record_property(
        "figures",
        f"{kept:,.0f} of {rate:,} events/s kept; p99 {alone * 1e3:.0f} ms, {beside * 1e3:.0f} ms beside",
    )
    assert kept > 0.85 * rate
    assert beside < max(2 * alone, _FLOOR)
