"""Judged events for the writer, as ingest would hand them over."""

from collections.abc import Sequence
from typing import Any

import orjson

from storage.identity import canonical, content_hash, event_key
from storage.model import Limits, NewEvent, Rejection, Source, Submission
from tracking_plan.catalog import shape_of
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind, Violation

DAY_US = 86_400 * 1_000_000
MINUTE_US = 60 * 1_000_000

#: The product's defaults.
LIMITS = Limits(max_future_us=10 * MINUTE_US, retention_us=30 * DAY_US, undated_window_us=2 * DAY_US)
SOURCE = Source("py/1.0", "4.2.0", "ios", "test")
WRONG_TOTAL = Violation("/total", Kind.WRONG_TYPE, "number", 'string "12"', '"12"')


def new_event(
    event_id: str | None,
    occurred_us: int | None,
    *,
    name: str = "Order Completed",
    subject: str | None = "user-1",
    run_id: str | None = None,
    payload: dict[str, Any] | None = None,
    verdict: Verdict = Verdict.VALID,
) -> NewEvent:
    """An event as ingest makes it; its position is set by `submission`."""
    body = {"order_id": "o-1", "total": 12.5} if payload is None else payload
    same = canonical(body)
    return NewEvent(
        position=0,
        name=name,
        subject=subject,
        event_id=event_id,
        occurred_us=occurred_us,
        event_key=event_key(event_id, name, subject, run_id, same),
        content_hash=content_hash(name, subject, same),
        verdict=verdict,
        violations=(WRONG_TOTAL,) if verdict is Verdict.INVALID else (),
        payload=orjson.dumps(body),
        shape=shape_of(body),
        chosen=(),
        raw=orjson.dumps([name, event_id, occurred_us, body]),
    )


def submission(
    app_id: int,
    events: Sequence[NewEvent],
    *,
    rejections: Sequence[Rejection] = (),
    plan_version: int = 0,
    run_id: str | None = None,
    source: Source = SOURCE,
) -> Submission:
    """A batch of these events; rejections come behind them."""
    placed = [event._replace(position=position) for position, event in enumerate(events)]
    received = len(placed) + len(rejections)
    return Submission(app_id, plan_version, source, run_id, received, placed, tuple(rejections))
