"""The page Live of an app whose events come over gRPC."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine

from dashboard.ids import tile_value
from livevalidation.v1 import ingest_pb2
from storage.plans import PlanStore
from tests.support.dashboards import dashboard_on
from tests.support.ingest import Tenant, new_tenant, running_server, send
from tests.support.relay import Relay
from tests.support.served import served
from tests.support.visits import Visit
from tests.support.writing import engine_of

PLAN: dict[str, Any] = {
    "version": 1,
    "name": "Shop",
    "events": {
        "Order Completed": {
            "schema": {
                "type": "object",
                "required": ["order_id", "total"],
                "properties": {
                    "order_id": {"type": "string"},
                    "total": {"type": "number", "minimum": 0},
                    "coupon": {"type": "string"},
                },
            }
        }
    },
}
GOOD: dict[str, Any] = {"order_id": "o-1", "total": 12.5}
BAD: dict[str, Any] = {"order_id": "o-2", "total": "12"}


@dataclass(frozen=True)
class Site:
    """An ingest server and a dashboard on one database, which a test can take away from the dashboard."""

    address: str
    ingest: str
    engine: Engine
    relay: Relay
    tenant: Tenant

    def of_an_app(self, name: str) -> "Site":
        """With an app of this name, whose plan is PLAN."""
        tenant = new_tenant(self.engine, name)
        PlanStore(self.engine).push(tenant.app_id, PLAN)
        return replace(self, tenant=tenant)

    def send(
        self,
        *payloads: dict[str, Any],
        name: str = "Order Completed",
        key: str | None = None,
        subject: str = "user-7",
        run: str = "",
    ) -> ingest_pb2.BatchAck:
        """One batch of such events; returns its ack."""
        events = [ingest_pb2.Event(name=name, payload_json=orjson.dumps(payload)) for payload in payloads]
        for number, event in enumerate(events):
            event.event_id = f"{time.monotonic_ns()}-{number}"
            event.occurred_at.GetCurrentTime()
            event.subject = subject
        source = ingest_pb2.Source(sdk="test/1.0", app_version="4.2.0", platform="ios", environment="test")
        batch = ingest_pb2.EventBatch(events=events, source=source, run_id=run)
        (ack,) = send(self.ingest, key or self.tenant.key, [batch])
        return ack


@contextmanager
def live_site(database_url: str, cache_dir: Path, *, direct: bool = False) -> Iterator[Site]:
    """Runs until the block is left; has no app yet. `direct`: no relay to cut the dashboard off by."""
    with ExitStack() as stack:
        engine = stack.enter_context(engine_of(database_url, pool_size=8))
        relay = stack.enter_context(Relay(database_url))
        relayed = engine if direct else stack.enter_context(engine_of(relay.url, pool_size=8))
        ingest = stack.enter_context(running_server(database_url))
        app = dashboard_on(relayed, cache_dir, coalesce_seconds=1.0)
        address, _ = stack.enter_context(served(app))
        yield Site(address, ingest.address, engine, relay, Tenant(0, "", ""))


def number(visit: Visit, tile: str) -> int:
    """A tile's number; -1: none yet."""
    told = visit.text(tile_value(tile)).replace(",", "")
    return int(told) if told.isdigit() else -1
