"""Rejected events out of storage, through the gate, to the server."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from cli.replaying.gate import Gate, Passed
from livevalidation import Counts, Options, SendFailed, batches_of, counts_of, open_channel, send_batches
from livevalidation.v1 import ingest_pb2
from storage.readers import Reader, RejectedCursor, RejectedRow

#: Rows of one reading. Each has up to 64 kB of raw bytes.
_PART_ROWS = 50


@dataclass(slots=True)
class Replayed:
    """What became of a replay."""

    read: int = 0
    #: Would be, or were, sent.
    passed: int = 0
    #: Left where they are, by why they would be rejected again.
    left: Counter[str] = field(default_factory=Counter)
    #: What those that were sent were told.
    counts: Counts = field(default_factory=Counts)
    failure: SendFailed | None = None

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        told = ("received", "valid", "invalid", "unplanned", "duplicate", "rejected")
        return {
            "read": self.read,
            "passed": self.passed,
            "left": dict(sorted(self.left.items())),
            **{name: getattr(self.counts, name) for name in told},
        }


def rejected_rows(reader: Reader, app_id: int, reasons: tuple[str, ...]) -> Iterator[RejectedRow]:
    """All that were rejected for one of the reasons, last seen first; a short reading for each part."""
    after: RejectedCursor | None = None
    while True:
        page = reader.rejected(app_id, None, None, reasons, after, _PART_ROWS)
        yield from page.rows
        after = page.next
        if after is None:
            return


def tell(rows: Iterable[RejectedRow], gate: Gate) -> Replayed:
    """What `send` would do; sends nothing."""
    replayed = Replayed()
    for _ in _passing(rows, gate, replayed):
        pass
    return replayed


def send(rows: Iterable[RejectedRow], gate: Gate, target: str, api_key: str, options: Options) -> Replayed:
    """Sends those that pass, as their producers did, and waits for all answers."""
    replayed = Replayed()
    batches = _batches(_passing(rows, gate, replayed), options)
    try:
        with open_channel(target, options) as channel:
            for _, ack in send_batches(channel, api_key, batches, options):
                replayed.counts += counts_of(ack)
    except SendFailed as failure:
        replayed.failure = failure
    return replayed


def _passing(rows: Iterable[RejectedRow], gate: Gate, replayed: Replayed) -> Iterator[Passed]:
    for row in rows:
        replayed.read += 1
        judged = gate.judge(row)
        if isinstance(judged, Passed):
            replayed.passed += 1
            yield judged
        else:
            replayed.left[judged] += 1


def _batches(passing: Iterable[Passed], options: Options) -> Iterator[ingest_pb2.EventBatch]:
    """Source and run hold for a whole batch: neighbours that share them go together."""
    for (source, run_id), together in groupby(passing, key=lambda each: (each.source, each.run_id)):
        yield from batches_of((each.event for each in together), options, source=source, run_id=run_id)


def now_us() -> int:
    """This machine's clock, in microseconds since 1970."""
    return time.time_ns() // 1_000
