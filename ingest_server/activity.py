"""What the server did since its last heartbeat. For one event loop."""

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

from storage.model import Outcome, Source, Submission
from tracking_plan.verdict import Verdict

#: Sources named in a heartbeat, the busiest first.
MAX_PRODUCERS = 50
#: Ack times kept between heartbeats; beyond it only every so many-th would change a percentile.
_MAX_TIMES = 10_000


@dataclass(slots=True)
class Activity:
    """Counts between two heartbeats."""

    since: float = field(default_factory=monotonic)
    batches: int = 0
    bytes: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    #: Events by app and source.
    producers: Counter[tuple[int, Source]] = field(default_factory=Counter)
    #: From a batch read to its COMMIT known, in seconds.
    seconds: list[float] = field(default_factory=list)

    def committed(self, submission: Submission, size: int, outcome: Outcome, seconds: float) -> None:
        """A batch was committed, so many seconds after it was read."""
        self.batches += 1
        self.bytes += size
        for verdict in Verdict:
            self.verdicts[verdict] += outcome.counts[verdict]
        self.producers[submission.app_id, submission.source] += submission.received
        if len(self.seconds) < _MAX_TIMES:
            self.seconds.append(seconds)

    @property
    def events(self) -> int:
        """Events of committed batches, whatever became of them."""
        return self.verdicts.total()

    def percentile(self, share: float) -> float:
        """The time that this share of the batches did not exceed, in seconds; 0 where there was none."""
        times = sorted(self.seconds)
        return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0
