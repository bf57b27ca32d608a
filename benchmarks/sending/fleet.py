"""Client processes, from the outside."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import psutil

from benchmarks.processes import Process, started
from benchmarks.sending.job import Job, Report

#: For making batches and warming up.
_PREPARE_SECONDS = 1_800.0


class Fleet:
    """Clients that are ready to send."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes
        self.processes = [psutil.Process(process.pid) for process in processes]

    def send(self, seconds: float) -> list[Report]:
        """Starts the clock; returns when all is acked. Raises BenchFailed, also when that takes longer."""
        for process in self._processes:
            process.say(b"go")
        return [Report.from_json(process.hear(seconds)) for process in self._processes]


@contextmanager
def fleet(jobs: Sequence[Job]) -> Iterator[Fleet]:
    """A client for each job, with all its batches made and its streams open."""
    with ExitStack() as stack:
        processes = [stack.enter_context(started("benchmarks.sending.process")) for _ in jobs]
        for process, job in zip(processes, jobs, strict=True):
            process.say(job.to_json())
        for process in processes:
            process.hear(_PREPARE_SECONDS)
        yield Fleet(processes)
