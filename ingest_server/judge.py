"""Applies an app's plan to a batch that was read. Pure."""

from ingest_server.decode import DecodedBatch, ReadEvent
from storage.model import NewEvent, Rejection, Submission
from storage.reasons import Reason
from tracking_plan.catalog import shape_of
from tracking_plan.compiled import CompiledPlan
from tracking_plan.json_values import PayloadError
from tracking_plan.verdict import Verdict


def judge_batch(batch: DecodedBatch, app_id: int, plan: CompiledPlan) -> Submission:
    """The batch as storage takes it, judged by this version of the plan.

    An event that the plan wants rejected, or that cannot be judged, joins the rejections.
    """
    events: list[NewEvent] = []
    rejections = list(batch.rejections)
    judge = plan.judge
    for event in batch.events:
        try:
            judgement = judge(event.name, event.document)
        except PayloadError as error:
            rejections.append(_rejection(event, Reason.PAYLOAD_NOT_JSON, problem=str(error)))
            continue
        if judgement.verdict is Verdict.REJECTED:
            rejections.append(_rejection(event, Reason.UNPLANNED_EVENT))
            continue
        position, name, subject, event_id, occurred_us, key, content, payload, document, raw = event
        events.append(
            NewEvent(
                position,
                name,
                subject,
                event_id,
                occurred_us,
                key,
                content,
                judgement.verdict,
                judgement.violations,
                payload,
                shape_of(document),
                raw,
            )
        )
    return Submission(app_id, plan.version, batch.source, batch.run_id, batch.received, events, rejections)


def _rejection(event: ReadEvent, reason: Reason, **details: object) -> Rejection:
    return Rejection(event.position, reason.value, reason.message(**details), event.name, event.raw)
