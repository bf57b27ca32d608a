"""Whether a rejected event would be taken now: read and judged as the ingest server does. Pure."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from google.protobuf.message import DecodeError

from ingest_server.decode import decode_batch
from ingest_server.judge import judge_batch
from ingest_server.limits import DecodeLimits
from livevalidation import Source
from livevalidation.v1 import ingest_pb2
from storage.model import Limits
from storage.readers import RejectedRow
from storage.reasons import Reason
from tracking_plan.compiled import CompiledPlan

#: Only a part of the bytes was kept: the event cannot be made again.
CUT = "cut"


@dataclass(frozen=True, slots=True)
class Passed:
    """An event that would be taken."""

    event: ingest_pb2.Event
    source: Source
    run_id: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What the server judges by, as far as it is known here."""

    app_id: int
    plan: CompiledPlan
    limits: DecodeLimits
    window: Limits
    #: Microseconds since 1970.
    now_us: Callable[[], int]

    def judge(self, row: RejectedRow) -> Passed | str:
        """The event; or why it would be rejected again: CUT, or a code of storage.reasons."""
        if len(row.raw) < row.raw_bytes:
            return CUT
        try:
            event = ingest_pb2.Event.FromString(row.raw)
        except DecodeError:
            return Reason.EVENT_NOT_READABLE.value
        passed = Passed(event, Source(**asdict(row.source)), row.run_id or "")
        return self._refusal(passed) or passed

    def _refusal(self, passed: Passed) -> str | None:
        batch = ingest_pb2.EventBatch(
            events=[passed.event], source=passed.source.encode(), run_id=passed.run_id
        )
        decoded = decode_batch(batch.SerializeToString(), self.limits)
        submission = judge_batch(decoded, self.app_id, self.plan)
        if submission.rejections:
            return submission.rejections[0].code
        return self._out_of_time(submission.events[0].occurred_us)

    def _out_of_time(self, occurred_us: int | None) -> str | None:
        if occurred_us is None:
            return None
        now_us = self.now_us()
        if occurred_us > now_us + self.window.max_future_us:
            return Reason.OCCURRED_IN_FUTURE.value
        return Reason.OCCURRED_TOO_OLD.value if occurred_us < now_us - self.window.retention_us else None
