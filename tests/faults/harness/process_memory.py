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
