"""How many events per second an app may send to this server: a token bucket for each."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from ingest_server.errors import RateExceeded


@dataclass(slots=True)
class _Bucket:
    #: Events that may come at once; below 0 after a batch that was larger than what was left.
    tokens: float
    filled_at: float


class RateLimit:
    """For one event loop. A batch is let in while its app's bucket is not empty, whatever its size.

    So a batch larger than the bucket passes too, and is paid for afterwards: over time an app gets its rate.
    """

    def __init__(
        self, per_second: int, burst_seconds: float, *, clock: Callable[[], float] = monotonic
    ) -> None:
        """`per_second` 0: no limit. The bucket holds the events of `burst_seconds`."""
        self._per_second = per_second
        self._capacity = per_second * burst_seconds
        self._clock = clock
        #: By app; an app comes in only with a valid key, so they are as many as there are apps.
        self._buckets: dict[int, _Bucket] = {}

    def check(self, app_id: int) -> None:
        """Raises RateExceeded, with the time after which the next batch is let in."""
        if self._per_second:
            tokens = self._filled(app_id).tokens
            if tokens <= 0:
                raise RateExceeded(self._per_second, (1 - tokens) / self._per_second)

    def spend(self, app_id: int, events: int) -> None:
        """Counts a batch that was let in."""
        if self._per_second:
            self._filled(app_id).tokens -= events

    def _filled(self, app_id: int) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(app_id, _Bucket(self._capacity, now))
        grown = bucket.tokens + (now - bucket.filled_at) * self._per_second
        bucket.tokens, bucket.filled_at = min(self._capacity, grown), now
        return bucket
