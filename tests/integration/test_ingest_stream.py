"""Batches over real gRPC into a real database, and what their acks say."""

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import grpc
import orjson
import pytest
from sqlalchemy import Engine, text

from ingest_server.pending import Pending
from ingest_server.stream import StreamCall
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.heartbeats import HeartbeatStore
from storage.plans import PlanStore
from tests.support.ingest import (
    RunningServer,
    Tenant,
    call_metadata,
    new_tenant,
    open_stream,
    running_server,
    send,
    send_bytes,
)
from tests.support.oracle import check_app, check_received
from tests.support.writing import engine_of

PLAN = {
    "version": 1,
    "name": "Shop",
    "events": {
        "Order Completed": {
            "schema": {
                "type": "object",
                "required": ["order_id", "total"],
                "properties": {"order_id": {"type": "string"}, "total": {"type": "number", "minimum": 0}},
            }
        }
    },
}


@dataclass(frozen=True)
class Shop:
    """A server, and an app with a plan."""

    running: RunningServer
    engine: Engine
    tenant: Tenant

    def send(self, *batches: ingest_pb2.EventBatch, verdicts: str | None = None) -> list[ingest_pb2.BatchAck]:
        return send(self.running.address, self.tenant.key, batches, verdicts)


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    with engine_of(database) as engine:
        tenant = new_tenant(engine, "shop")
        PlanStore(engine).push(tenant.app_id, PLAN)
        with running_server(database, heartbeat="1s", inline_bytes=20_000) as running:
            yield Shop(running, engine, tenant)


def order(event_id: str, *, name: str = "Order Completed", **payload: Any) -> ingest_pb2.Event:
    body = {"order_id": event_id, "total": 12.5, **payload}
    event = ingest_pb2.Event(event_id=event_id, name=name, subject="user-1", payload_json=orjson.dumps(body))
    event.occurred_at.GetCurrentTime()
    return event


def batch(number: int, *events: ingest_pb2.Event) -> ingest_pb2.EventBatch:
    return ingest_pb2.EventBatch(batch_id=number, events=events, source=ingest_pb2.Source(sdk="py/1"))


def test_each_batch_is_acked_in_order_with_its_counts(shop: Shop) -> None:
    valid, wrong, other = order("a"), order("b", total=-1), order("c", name="Page Viewed")
    unnamed = order("d", name="")
    first, second, empty = shop.send(batch(7, valid, wrong), batch(9, other, unnamed, valid), batch(3))

    assert first == ingest_pb2.BatchAck(
        batch_id=7,
        received=2,
        valid=1,
        invalid=1,
        last_seq=first.last_seq,
        plan_version=1,
        verdicts=[
            ingest_pb2.EventVerdict(
                index=1,
                verdict=ingest_pb2.VERDICT_INVALID,
                violations=[
                    ingest_pb2.Violation(
                        path="/total", kind="range", expected="number ≥ 0", received="integer -1", value="-1"
                    )
                ],
            )
        ],
    )
    counts = (second.batch_id, second.received, second.unplanned, second.rejected, second.duplicate)
    assert counts == (9, 3, 1, 1, 1)
    assert [(told.index, told.rejection.code) for told in second.verdicts] == [
        (0, ""),
        (1, "name_missing"),
        (2, ""),
    ]
    assert (empty.batch_id, empty.received) == (3, 0)
    assert check_app(shop.engine, shop.tenant.app_id) == 3
    check_received(shop.engine, shop.tenant.app_id, 5)


@pytest.mark.parametrize(
    ("verdicts", "told"), [("none", []), ("problems", [1]), (None, [1]), ("all", [0, 1, 2])]
)
def test_a_stream_chooses_the_events_it_is_told_of(verdicts: str | None, told: list[int], shop: Shop) -> None:
    (ack,) = shop.send(batch(1, order("a"), order("b", total="1"), order("c")), verdicts=verdicts)
    assert [verdict.index for verdict in ack.verdicts] == told
    assert (ack.valid, ack.invalid) == (2, 1)


def test_one_batch_may_be_sent_without_a_stream(shop: Shop) -> None:
    with grpc.insecure_channel(shop.running.address) as channel:
        ack = ingest_pb2_grpc.IngestServiceStub(channel).SendEvents(
            batch(4, order("a")), metadata=call_metadata(shop.tenant.key, "all"), timeout=20
        )
    assert (ack.batch_id, ack.valid, len(ack.verdicts)) == (4, 1, 1)


def test_large_batches_beside_small_ones_are_acked_in_order(shop: Shop) -> None:
    sizes = [5_000, 1, 2_000, 1, 1, 3_000]
    batches = [
        batch(number, *(order(f"{number}-{place}") for place in range(size)))
        for number, size in enumerate(sizes)
    ]
    acks = shop.send(*batches)
    assert [(ack.batch_id, ack.valid) for ack in acks] == list(enumerate(sizes))
    assert check_app(shop.engine, shop.tenant.app_id) == sum(sizes)
    assert sum(batches[0].ByteSize() > 20_000 for _ in sizes), "decoded in a thread"


def test_many_streams_of_many_apps_store_each_event_once(shop: Shop) -> None:
    other = new_tenant(shop.engine, "other")
    batches = [batch(number, *(order(f"{number}-{n}") for n in range(50))) for number in range(20)]

    def stream(key: str) -> int:
        acks = send(shop.running.address, key, batches)
        assert [ack.batch_id for ack in acks] == list(range(20))
        return sum(ack.valid + ack.unplanned for ack in acks)

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(stream, [shop.tenant.key, other.key] * 4))

    for tenant, counts in ((shop.tenant, stored[::2]), (other, stored[1::2])):
        assert sum(counts) == 1_000
        assert check_app(shop.engine, tenant.app_id) == 1_000
        check_received(shop.engine, tenant.app_id, 4_000)


def test_a_revision_of_the_plan_splits_the_events_at_one_seq(shop: Shop) -> None:
    strict = {**PLAN, "events": {"Order Completed": {"schema": {"required": ["never"]}}}}
    with open_stream(shop.running.address, shop.tenant.key) as stream:
        for number in range(300):
            stream.send(batch(number, order(f"order-{number}")))
            if number == 100:
                versions = [stream.ack().plan_version for _ in range(10)]
                PlanStore(shop.engine).push(shop.tenant.app_id, strict)
        versions += [stream.ack().plan_version for _ in range(290)]
    assert (versions[0], versions[-1]) == (1, 2)
    with shop.engine.connect() as conn:
        rows = conn.execute(text("SELECT plan_version, status FROM event ORDER BY seq")).all()
    assert [version for version, _ in rows] == sorted(version for version, _ in rows)
    assert {(version, status) for version, status in rows} == {(1, 0), (2, 1)}


def test_the_server_tells_of_itself(shop: Shop) -> None:
    shop.send(batch(1, order("a"), order("b")))
    deadline = time.monotonic() + 10
    while not (seen := _busy_heartbeats(shop)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    document = seen[0]
    assert document["address"] == shop.running.address
    assert document["verdicts"]["valid"] == 2
    assert document["plan_versions"] == {str(shop.tenant.app_id): 1}
    assert [(made["sdk"], made["events"]) for made in document["producers"]] == [("py/1", 2)]
    registry = shop.running.server.metrics.registry
    committed = {"verdict": "valid"}
    assert registry.get_sample_value("lvd_ingest_committed_events_total", committed) == 2
    assert registry.get_sample_value("lvd_ingest_in_flight_bytes") == 0


def _busy_heartbeats(shop: Shop) -> list[dict[str, Any]]:
    beats = HeartbeatStore(shop.engine).list()
    return [beat.document for beat in beats if beat.document["producers"]]


def _left(kind: type) -> int:
    """Objects of a kind, once those on their way out are gone. Nobody collects: what is in a cycle stays."""
    give_up_at = time.monotonic() + 5
    while (found := sum(isinstance(each, kind) for each in gc.get_objects())) > 1:
        if time.monotonic() > give_up_at:
            break
        time.sleep(0.1)
    return found


def test_an_acked_batch_leaves_nothing_for_the_collector(shop: Shop) -> None:
    """Else memory grows with the load, by all that came since the collector went through the old objects."""
    shop.send(batch(0, order("first")))
    gc.collect()
    gc.disable()
    try:
        acks = shop.send(*(batch(number, order(f"id-{number}")) for number in range(1, 21)))
        left = _left(Pending)
    finally:
        gc.enable()
    assert len(acks) == 20
    assert left <= 1, "the last one may still be on its way out"


def test_an_open_stream_keeps_nothing_of_what_it_acked(shop: Shop) -> None:
    """Else each of them holds its last batch, decoded, beside all that the budget counts."""
    with ExitStack() as stack:
        for number in range(5):
            stream = stack.enter_context(open_stream(shop.running.address, shop.tenant.key))
            stream.send(batch(number, order(f"id-{number}")))
            assert stream.ack().received == 1
        assert _left(Pending) <= 1, "the last one may still be on its way out"


def test_calls_that_end_early_leave_nothing_for_the_collector(shop: Shop) -> None:
    """Refused ones hold their message, cancelled ones what they read last."""
    shop.send(batch(0, order("first")))
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            with pytest.raises(grpc.RpcError):
                send_bytes(shop.running.address, shop.tenant.key, [b"no batch"])
            with open_stream(shop.running.address, shop.tenant.key) as stream:
                stream.send(batch(1, order("first")))
                assert stream.ack().received == 1
        left = _left(StreamCall)
    finally:
        gc.enable()
    assert left <= 1, "the last one may still be on its way out"
