"""What a batch is taken to weigh while it is in flight."""

import tracemalloc
from collections.abc import Sequence

import orjson
import pytest

from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from ingest_server.weight import weigh, weigh_undecoded, weigh_unusual
from livevalidation.v1 import ingest_pb2
from storage.model import NewEvent
from tests.support.plans import EVENT, plan_of
from tracking_plan.compiled import compile_plan
from tracking_plan.model import UnplannedProperties

_NAMES = [f"property_{number:02}" for number in range(50)]
_PLAN = compile_plan(plan_of({"required": _NAMES, "properties": {n: {"type": "string"} for n in _NAMES}}), 1)


def judged(message: bytes) -> Sequence[NewEvent]:
    return judge_batch(decode_batch(message, DecodeLimits()), 1, _PLAN).events


def batch(payload: bytes, events: int) -> bytes:
    same = [ingest_pb2.Event(name=EVENT, event_id=f"b{n}", payload_json=payload) for n in range(events)]
    return ingest_pb2.EventBatch(events=same).SerializeToString()


def test_a_message_may_not_weigh_more_than_was_reckoned_with() -> None:
    assert weigh_undecoded(190_000, 5_000) == weigh(190_000, 5_000)
    assert weigh_undecoded(100, 5_000) == weigh(100, 50)


def test_many_small_events_weigh_more_than_their_bytes() -> None:
    assert weigh(10_000, 5_000) > 100 * weigh(10_000, 1)


def test_usual_events_weigh_nothing_more() -> None:
    usual = orjson.dumps(dict.fromkeys(_NAMES[:7], "x"))
    plan = compile_plan(plan_of({"properties": {name: {"type": "string"} for name in _NAMES}}), 1)
    assert weigh_unusual(judge_batch(decode_batch(batch(usual, 10), DecodeLimits()), 1, plan).events) == 0


@pytest.mark.parametrize(
    ("payload", "events"),
    [
        (b"{}", 500),
        (orjson.dumps(dict.fromkeys(_NAMES, 0)), 300),
        (orjson.dumps({name: ["é" * 99] for name in _NAMES}), 50),
        (orjson.dumps({f"{number:05}": [] for number in range(1_000)}), 8),
        (orjson.dumps({f"{number:05}" + 20 * "📦": 1 for number in range(100)}), 50),
        (orjson.dumps({f"{number:05}": {"a": [{"b": [number]}]} for number in range(500)}), 8),
    ],
    ids=["nothing", "another type", "long values", "many names", "long names", "deep"],
)
def test_what_is_wrong_with_events_weighs_what_it_takes(payload: bytes, events: int) -> None:
    message = batch(payload, events)
    judged(message)
    tracemalloc.start()
    try:
        kept = judged(message)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    weight = weigh(len(message), events) + weigh_unusual(kept)
    # An estimate: what the interpreter keeps for itself is not in it.
    assert 0.9 * taken < weight < 4 * taken


def test_what_was_judged_leaves_nothing_behind() -> None:
    """Names are the producers', and no two need be the same: nobody may keep them."""
    schema = {"properties": {"a": {"additionalProperties": {"required": ["x"]}}}}
    plan = compile_plan(plan_of(schema, unplanned_properties=UnplannedProperties.FLAG), 1)

    def judge(number: int) -> None:
        name = f"{number}".zfill(20_000)
        payload = orjson.dumps({name: [{name: 1}, {name: [1]}], "a": {name: {}}})
        (event,) = judge_batch(decode_batch(batch(payload, 1), DecodeLimits()), 1, plan).events
        assert {violation.kind for violation in event.violations} == {
            "unplanned_property",
            "missing_required",
        }

    judge(0)
    tracemalloc.start()
    try:
        for number in range(1, 101):
            judge(number)
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert left < 5 * 20_000
