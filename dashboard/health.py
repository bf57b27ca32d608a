"""Since when the database is away, as this process saw it."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from storage.errors import Unavailable

T = TypeVar("T")


class Health:
    """Watches calls to the database pass or fail."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._away_since: datetime | None = None

    @property
    def away_since(self) -> datetime | None:
        """When the first call failed after the last that did not; None: the database is there."""
        return self._away_since

    def watch(self, call: Callable[[], T]) -> T:
        """The result of `call`; lets its errors through."""
        try:
            result = call()
        except Unavailable:
            with self._lock:
                self._away_since = self._away_since or self._now()
            raise
        self._away_since = None
        return result
