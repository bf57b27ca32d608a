"""Turns of what reads much: of all searches and exports of a process one reads at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """For many threads: so many people who search or export take one core's worth together, not all cores.

    A turn is short, a stretch of rows or a part of a file, and whoever has it may take it once more within.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @contextmanager
    def taken(self, seconds: float = threading.TIMEOUT_MAX) -> Iterator[bool]:
        """A turn for a `with` block, waited for so many seconds at most; False: it did not come."""
        came = self._lock.acquire(timeout=max(0.0, seconds))
        try:
            yield came
        finally:
            if came:
                self._lock.release()
