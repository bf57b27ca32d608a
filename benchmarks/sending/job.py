"""What a client process is asked to do, and what it tells afterwards; as JSON between the processes."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from livevalidation.options import VerdictDetail


class Times(StrEnum):
    """When events occurred."""

    #: Within the last two seconds.
    NOW = "now"
    #: In the last seconds of yesterday (UTC), as in the first minutes after midnight.
    MIDNIGHT = "midnight"
    #: At any time of the last 29 days, another one for each batch.
    BACKFILL = "backfill"


class Repeats(StrEnum):
    """Which events are sent again as duplicates."""

    #: Those of the last minute.
    RECENT = "recent"
    #: All that this client sent.
    SENT = "sent"
    #: Those that were stored before the run, given by `Job.history`.
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class StreamJob:
    """One stream: its app's key, and how many batches it sends before and after the start."""

    key: str
    warm_up_batches: int
    batches: int


@dataclass(frozen=True, slots=True)
class Job:
    """What one client process sends."""

    target: str
    streams: tuple[StreamJob, ...]
    batch_size: int
    payload_bytes: int
    #: Batches that may wait for their ack, per stream.
    unacked: int
    verdicts: VerdictDetail
    times: Times
    #: 0 … 1: the share of each batch's events that were sent before.
    duplicates: float
    repeats: Repeats
    #: A file of serialised events to repeat; "": none.
    history: str
    #: Distinct batches that are made beforehand; sent again and again with new ids.
    templates: int
    seed: int
    #: Below 16: apart from those of the other processes.
    number: int
    #: Events per second of all streams together, sent whether or not acks come; None: as fast as acks come.
    rate: float | None = None
    #: For so many seconds from the start the rate is `burst_factor` times as high.
    burst_seconds: float = 0.0
    burst_factor: float = 1.0

    def to_json(self) -> bytes:
        """In one line."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, line: bytes) -> "Job":
        """The job of such a line."""
        document: dict[str, Any] = orjson.loads(line)
        document["streams"] = tuple(StreamJob(**stream) for stream in document["streams"])
        document["times"], document["repeats"] = Times(document["times"]), Repeats(document["repeats"])
        return cls(**document)


@dataclass(slots=True)
class Report:
    """What came of a job. Times in seconds by time.monotonic, which all processes of a machine share."""

    started: float = 0.0
    ended: float = 0.0
    #: Events by what acks said of them, by the number of the stream; warm-up included.
    received: list[int] = field(default_factory=list)
    duplicate: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    invalid: list[int] = field(default_factory=list)
    #: From the start on: events acked by second since the start, and each batch's time to its ack.
    acked_by_second: dict[int, int] = field(default_factory=dict)
    ack_seconds: list[float] = field(default_factory=list)
    #: Of each of these batches: when it was sent, or was to be sent, and the app's newest seq after it.
    sent_at: list[float] = field(default_factory=list)
    last_seq: list[int] = field(default_factory=list)
    #: Calls that ended with a retryable error, after which all that was not acked was sent again.
    retries: int = 0

    def to_json(self) -> bytes:
        """In one line."""
        return orjson.dumps(self, option=orjson.OPT_NON_STR_KEYS)

    @classmethod
    def from_json(cls, line: bytes) -> "Report":
        """The report of such a line."""
        document: dict[str, Any] = orjson.loads(line)
        document["acked_by_second"] = {int(key): value for key, value in document["acked_by_second"].items()}
        return cls(**document)
