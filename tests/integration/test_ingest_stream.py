"""Batches over real gRPC into a real database, and what their acks say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from livevalidation.v1 import ingest_pb2
from storage.plans import PlanStore
from tests.support.ingest import RunningServer, Tenant, new_tenant, running_server, send
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
        with running_server(database) as running:
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
