"""Calls that are given up at an unlucky moment: what they read is given back all the same."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from ingest_server.acks import Detail
from ingest_server.auth import Authenticator, KeyRing
from ingest_server.budget import Budget, Shares
from ingest_server.group_commit import GroupCommit
from ingest_server.in_flight import CallBounds, Context, Edge
from ingest_server.intake import Intake, Pools
from ingest_server.limits import DecodeLimits
from ingest_server.metrics import Metrics
from ingest_server.pending import Pending
from ingest_server.plans import PlanCache
from ingest_server.rate import RateLimit
from ingest_server.stream import StreamCall
from ingest_server.unary import UnaryCall
from livevalidation.v1 import ingest_pb2
from storage.errors import Unavailable
from storage.keys import StoredKey
from storage.plans import StoredPlan

KEY = StoredKey(1, 7, "shop", "a" * 12, b"")


class Queue:
    """Stands for the queue of batches: they wait until the test settles them."""

    def __init__(self) -> None:
        self.waiting: list[Pending] = []
        self.on_offer: Callable[[], object] = lambda: None

    def offer(self, pending: Pending) -> None:
        self.waiting.append(pending)
        self.on_offer()

    async def settle(self) -> None:
        """Says of each that it was not committed; returns once that is heard."""
        for pending in self.waiting:
            pending.settle(pending, Unavailable("away"))
        await asyncio.sleep(0)


class Producer:
    """Stands for the other end of a call: sends so many batches."""

    def __init__(self, batches: int) -> None:
        self._left = batches
        #: Called when its reading is given up, before the reader hears of it.
        self.on_unread: Callable[[], object] = lambda: None

    async def read(self) -> bytes:
        if self._left == 0:
            try:
                await asyncio.Event().wait()
            finally:
                self.on_unread()
        self._left -= 1
        batch = ingest_pb2.EventBatch(batch_id=1)
        batch.events.add(name="Seen", payload_json=b"{}")
        return batch.SerializeToString()


def edge_of(queue: Queue, pool: ThreadPoolExecutor) -> Edge:
    ring = KeyRing(lambda: (KEY,))
    ring.refresh()
    plans = PlanCache(lambda app_id: StoredPlan(app_id, 0, None, "", "", None))
    plans.load(KEY.app_id)
    return Edge(
        ring=ring,
        authenticator=Authenticator(ring, pool),
        intake=Intake(plans, DecodeLimits(), 1_000_000, Pools(pool, pool)),
        group_commit=cast(GroupCommit, queue),
        budget=Budget(Shares(process=10**9, app=10**9, stream=10**9)),
        rate=RateLimit(0, 1),
        bounds=CallBounds(16, 10, 10**6, 100),
        metrics=Metrics(),
    )


def left_in_flight(scenario: Callable[[Edge, Queue], Awaitable[None]]) -> int:
    """What the budget still counts once all that was queued is settled."""

    async def run() -> int:
        with ThreadPoolExecutor(1) as pool:
            queue = Queue()
            edge = edge_of(queue, pool)
            await scenario(edge, queue)
            assert edge.budget.used > 0
            await queue.settle()
            return edge.budget.used

    return asyncio.run(run())


def test_a_unary_call_that_is_cancelled_just_when_its_batch_was_queued_gives_it_back() -> None:
    async def scenario(edge: Edge, queue: Queue) -> None:
        call = UnaryCall(edge, cast(Context, Producer(1)), KEY, Detail.NONE)
        served: asyncio.Task[Any] = asyncio.create_task(call.serve())
        # Behind the reader's last step, before its call hears of it.
        queue.on_offer = lambda: asyncio.get_running_loop().call_soon(served.cancel)
        with pytest.raises(asyncio.CancelledError):
            await served
        assert len(queue.waiting) == 1

    assert left_in_flight(scenario) == 0


def test_a_stream_that_is_cancelled_while_it_ends_already_gives_all_back() -> None:
    async def scenario(edge: Edge, queue: Queue) -> None:
        producer = Producer(3)
        call = StreamCall(edge, cast(Context, producer), KEY, Detail.NONE)
        served = asyncio.create_task(call.serve())
        while len(queue.waiting) < 3:
            await asyncio.sleep(0)
        producer.on_unread = lambda: asyncio.get_running_loop().call_soon(served.cancel)
        # The first one ends the call.
        first = queue.waiting.pop(0)
        first.settle(first, Unavailable("away"))
        with pytest.raises(asyncio.CancelledError):
            await served

    assert left_in_flight(scenario) == 0
