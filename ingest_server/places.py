"""Which calls are served: so many at once, and of one app a share of them. For one event loop."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ingest_server.errors import TooManyStreams, TooManyStreamsOfApp


@dataclass(frozen=True, slots=True)
class PlaceBounds:
    """Calls that are open at once."""

    process: int
    app: int


class Places:
    """Counts the calls whose keys are known."""

    def __init__(self, bounds: PlaceBounds) -> None:
        self._bounds = bounds
        self._by_app: Counter[int] = Counter()
        self.taken = 0

    @contextmanager
    def taken_by(self, app_id: int) -> Iterator[None]:
        """A place for a call of the app. Raises TooManyStreams, TooManyStreamsOfApp."""
        if self.taken >= self._bounds.process:
            raise TooManyStreams(self._bounds.process)
        if self._by_app[app_id] >= self._bounds.app:
            raise TooManyStreamsOfApp(self._bounds.app)
        self._count(app_id, 1)
        try:
            yield
        finally:
            self._count(app_id, -1)

    def _count(self, app_id: int, change: int) -> None:
        self.taken += change
        self._by_app[app_id] += change
        if not self._by_app[app_id]:
            del self._by_app[app_id]
