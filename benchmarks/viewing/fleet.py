"""A process of viewers, from the outside."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.processes import Process, started
from benchmarks.viewing.job import ViewJob, ViewReport

#: Beyond a job's own time: for its start, its last answers and its report.
_MORE_SECONDS = 60.0


class Viewers:
    """Viewers that look."""

    def __init__(self, process: Process, job: ViewJob) -> None:
        self._process = process
        self._job = job
        self.process = psutil.Process(process.pid)

    def report(self) -> ViewReport:
        """What they got, when their time is over. Raises BenchFailed."""
        return ViewReport.from_json(
            self._process.hear(self._job.settle_seconds + self._job.seconds + _MORE_SECONDS)
        )


@contextmanager
def viewers(job: ViewJob) -> Iterator[Viewers]:
    """Begins to look."""
    with started("benchmarks.viewing.process") as process:
        process.say(job.to_json())
        # Its imports take seconds on a busy machine: what is counted begins when it looks.
        process.hear(_MORE_SECONDS)
        yield Viewers(process, job)
