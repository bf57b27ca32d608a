"""From a message's bytes to a place in the queue: decode, judge, offer."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TypeVar

from ingest_server.decode import decode_batch
from ingest_server.errors import Unauthenticated
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from ingest_server.pending import Pending
from ingest_server.plans import PlanCache
from ingest_server.weight import weigh, weigh_unusual
from storage.errors import NotFound
from storage.model import Outcome, Submission
from tracking_plan.compiled import CompiledPlan

T = TypeVar("T")

#: A batch of so many bytes is decoded in well under a millisecond.
_TINY_BYTES = 16 * 1024

Settle = Callable[[Pending, Outcome | Exception], None]


@dataclass(frozen=True, slots=True)
class Pools:
    """Threads beside the event loop."""

    #: For questions to the database.
    calls: Executor
    #: For decoding: apart, so that nobody's questions wait behind it.
    decoding: Executor


class Intake:
    """Prepares batches, small ones at once, large ones in a thread so that the event loop goes on.

    One of an app at a time, but for tiny ones: the streams of an app that floods wait for each other, and
    those of other apps for one batch of it at most.
    """

    def __init__(self, plans: PlanCache, limits: DecodeLimits, inline_bytes: int, pools: Pools) -> None:
        self._plans = plans
        self._limits = limits
        self._inline_bytes = inline_bytes
        self._pools = pools
        #: By app; an app comes in only with a valid key, so they are as many as there are apps.
        self._gates: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def prepare(self, message: bytes, app_id: int, settle: Settle) -> Pending:
        """Decodes and judges. Raises EnvelopeUnreadable, TooManyEvents, Unauthenticated, Unavailable."""
        plan = self._plans.held(app_id)
        if plan is None:
            plan = await self._in_thread(self._pools.calls, lambda: self._load_plan(app_id))
        if len(message) <= _TINY_BYTES:
            return self._judged(message, app_id, plan, settle)
        async with self._gates[app_id]:
            # It may have waited at the gate for long.
            plan = self._plans.held(app_id) or plan
            if len(message) > self._inline_bytes:
                decode = partial(self._judged, message, app_id, plan, settle)
                return await self._in_thread(self._pools.decoding, decode)
            # Whoever became ready meanwhile comes before the app's next batch.
            await asyncio.sleep(0)
            return self._judged(message, app_id, plan, settle)

    def rejudge(self, pending: Pending, version: int) -> Submission:
        """The batch judged anew, from its bytes, by the plan in force. Blocks. Raises as prepare."""
        plan = self._plans.of_version(pending.app_id, version)
        return judge_batch(decode_batch(pending.message, self._limits), pending.app_id, plan)

    def _judged(self, message: bytes, app_id: int, plan: CompiledPlan, settle: Settle) -> Pending:
        batch = decode_batch(message, self._limits)
        submission = judge_batch(batch, app_id, plan)
        weight = weigh(len(message), batch.received) + weigh_unusual(submission.events)
        return Pending(message, batch.batch_id, submission, weight, monotonic(), settle)

    async def _in_thread(self, pool: Executor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def _load_plan(self, app_id: int) -> CompiledPlan:
        try:
            return self._plans.load(app_id)
        except NotFound:
            # The app was deleted, and its keys with it; the keys in memory are a moment behind.
            raise Unauthenticated from None
