"""From a message's bytes to a place in the queue: decode, judge, offer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from time import monotonic

from ingest_server.decode import decode_batch
from ingest_server.errors import Unauthenticated
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from ingest_server.pending import Pending
from ingest_server.plans import PlanCache
from storage.errors import NotFound
from storage.model import Outcome, Submission
from tracking_plan.compiled import CompiledPlan

Settle = Callable[[Pending, Outcome | Exception], None]


class Intake:
    """Prepares batches, small ones at once, large ones in a thread so that the event loop goes on."""

    def __init__(self, plans: PlanCache, limits: DecodeLimits, inline_bytes: int, pool: Executor) -> None:
        self._plans = plans
        self._limits = limits
        self._inline_bytes = inline_bytes
        self._pool = pool

    async def prepare(self, message: bytes, app_id: int, settle: Settle) -> Pending:
        """Decodes and judges. Raises EnvelopeUnreadable, TooManyEvents, Unauthenticated, Unavailable."""
        plan = self._plans.held(app_id)
        loop = asyncio.get_running_loop()
        if plan is None:
            plan = await loop.run_in_executor(self._pool, self._load_plan, app_id)
        if len(message) <= self._inline_bytes:
            return self._judged(message, app_id, plan, settle)
        return await loop.run_in_executor(self._pool, self._judged, message, app_id, plan, settle)

    def rejudge(self, pending: Pending, version: int) -> Submission:
        """The batch judged anew, from its bytes, by the plan in force. Blocks. Raises as prepare."""
        plan = self._plans.of_version(pending.app_id, version)
        return judge_batch(decode_batch(pending.message, self._limits), pending.app_id, plan)

    def _judged(self, message: bytes, app_id: int, plan: CompiledPlan, settle: Settle) -> Pending:
        batch = decode_batch(message, self._limits)
        submission = judge_batch(batch, app_id, plan)
        return Pending(message, batch.batch_id, submission, monotonic(), settle)

    def _load_plan(self, app_id: int) -> CompiledPlan:
        try:
            return self._plans.load(app_id)
        except NotFound:
            # The app was deleted, and its keys with it; the keys in memory are a moment behind.
            raise Unauthenticated from None
