"""In which order batches are decoded."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest_server.intake import Intake, Pools
from ingest_server.limits import DecodeLimits
from ingest_server.plans import PlanCache
from livevalidation.v1 import ingest_pb2
from storage.plans import StoredPlan

FLOOD, QUIET = 1, 2


def batch(payload_bytes: int) -> bytes:
    message = ingest_pb2.EventBatch()
    message.events.add(name="Probe", payload_json=b'{"a":"%s"}' % (b"x" * payload_bytes))
    return message.SerializeToString()


LARGE, TINY = batch(30_000), batch(10)


def order_of_ends(asked: Sequence[tuple[int, bytes]], inline_bytes: int) -> list[int]:
    """Asks for all at once; the apps in the order in which they were ready."""
    plans = PlanCache(lambda app_id: StoredPlan(app_id, 0, None, "", "", None))
    for app_id in (FLOOD, QUIET):
        plans.load(app_id)

    async def scenario() -> list[int]:
        ended = []
        with ThreadPoolExecutor(1) as calls, ThreadPoolExecutor(1) as decoding:
            intake = Intake(plans, DecodeLimits(), inline_bytes, Pools(calls, decoding))

            async def prepare(app_id: int, message: bytes) -> None:
                pending = await intake.prepare(message, app_id, lambda *_: None)
                assert (pending.app_id, pending.events) == (app_id, 1)
                ended.append(app_id)

            await asyncio.gather(*(prepare(app_id, message) for app_id, message in asked))
        return ended

    return asyncio.run(scenario())


@pytest.mark.parametrize("inline_bytes", [1_000_000, 0], ids=["on the loop", "in threads"])
def test_an_app_with_many_streams_takes_one_turn_at_a_time(inline_bytes: int) -> None:
    asked = [*[(FLOOD, LARGE)] * 5, (QUIET, LARGE)]
    assert order_of_ends(asked, inline_bytes).index(QUIET) == 1


def test_a_tiny_batch_waits_for_no_turn() -> None:
    asked = [*[(FLOOD, LARGE)] * 3, (FLOOD, TINY), (QUIET, TINY)]
    assert order_of_ends(asked, 1_000_000) == [FLOOD, QUIET, FLOOD, FLOOD, FLOOD]
