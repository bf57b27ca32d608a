"""A plan applied to a batch."""

from typing import Any

from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from livevalidation.v1 import ingest_pb2
from storage.model import Submission
from tracking_plan.catalog import shape_of
from tracking_plan.compiled import NO_PLAN, CompiledPlan, compile_plan
from tracking_plan.formats.native import plan_from_document
from tracking_plan.verdict import Verdict

APP = 7


TOTAL = {"properties": {"total": {"type": "number"}}}


def plan(unplanned_events: str = "flag", schema: dict[str, Any] = TOTAL) -> CompiledPlan:
    document = {
        "version": 1,
        "name": "Shop",
        "unplanned_events": unplanned_events,
        "events": {"Order": {"schema": schema}},
    }
    return compile_plan(plan_from_document(document), version=3)


def judged(by: CompiledPlan, *events: tuple[str, bytes]) -> Submission:
    batch = ingest_pb2.EventBatch(run_id="ci")
    batch.source.sdk = "py/1"
    for name, payload in events:
        batch.events.add(name=name, payload_json=payload)
    return judge_batch(decode_batch(batch.SerializeToString(), DecodeLimits()), APP, by)


def test_each_event_gets_its_verdict_and_shape() -> None:
    submission = judged(plan(), ("Order", b'{"total":1}'), ("Order", b'{"total":"1"}'), ("Page", b"{}"))

    assert (submission.app_id, submission.plan_version, submission.received) == (APP, 3, 3)
    assert (submission.source.sdk, submission.run_id) == ("py/1", "ci")
    verdicts = [event.verdict for event in submission.events]
    assert verdicts == [Verdict.VALID, Verdict.INVALID, Verdict.UNPLANNED]
    assert [violation.path for violation in submission.events[1].violations] == ["/total"]
    assert submission.events[0].shape == shape_of({"total": 1})


def test_an_event_that_the_plan_wants_rejected_is_kept_with_its_reason() -> None:
    submission = judged(plan("reject"), ("Page", b"{}"), ("Order", b"{}"), ("Order", b"[]"))
    assert [event.position for event in submission.events] == [1]
    reasons = {rejection.position: rejection.code for rejection in submission.rejections}
    assert reasons == {0: "unplanned_event", 2: "payload_not_object"}
    assert submission.received == len(submission.events) + len(submission.rejections)


def test_planned_values_are_found_in_invalid_events_too() -> None:
    schema = {"required": ["total"], "properties": {"total": {}, "paid": {"enum": ["card", "cash"]}}}
    events = [
        ("Order", b'{"total":1,"paid":"card"}'),
        ("Order", b'{"paid":"cash"}'),
        ("Page", b'{"paid":"card"}'),
    ]
    of_events = [event.chosen for event in judged(plan(schema=schema), *events).events]
    assert [[value.text for value in chosen] for chosen in of_events] == [['"card"'], ['"cash"'], []]
    assert judged(plan(), ("Order", b'{"total":1}')).events[0].chosen == ()


def test_without_a_plan_every_event_is_unplanned() -> None:
    submission = judged(NO_PLAN, ("Order", b"{}"))
    assert submission.plan_version == 0
    assert submission.events[0].verdict is Verdict.UNPLANNED
