"""What a process holds, watched from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import psutil

_EVERY_SECONDS = 0.1


@dataclass
class Watch:
    """Resident memory in bytes: at the beginning, and the most since."""

    began: int
    most: int

    @property
    def growth(self) -> int:
        return self.most - self.began


@contextmanager
def watched_memory(pid: int) -> Iterator[Watch]:
    """Looks at the process ten times a second."""
    process, over = psutil.Process(pid), Event()
    began = process.memory_info().rss
    watch = Watch(began, began)

    def look() -> None:
        while not over.wait(_EVERY_SECONDS):
            watch.most = max(watch.most, process.memory_info().rss)

    thread = Thread(target=look, name="memory")
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class Usage:
    """What a process has open at a moment."""

    #: Resident, in bytes.
    memory: int
    descriptors: int
    threads: int


def usage_of(pid: int) -> Usage:
    """Now."""
    process = psutil.Process(pid)
    with process.oneshot():
        return Usage(process.memory_info().rss, process.num_fds(), process.num_threads())


@contextmanager
def watched_usage(pid: int) -> Iterator[list[Usage]]:
    """Looks at the process every second, and adds to the list."""
    usages, over = [usage_of(pid)], Event()

    def look() -> None:
        while not over.wait(1):
            usages.append(usage_of(pid))

    thread = Thread(target=look, name="usage")
    thread.start()
    try:
        yield usages
    finally:
        over.set()
        thread.join()
