"""Token buckets: an app gets its rate over time, whatever the size of its batches."""

import pytest

from ingest_server.errors import RateExceeded
from ingest_server.rate import RateLimit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def refused(limit: RateLimit, app_id: int = 1) -> RateExceeded:
    with pytest.raises(RateExceeded) as caught:
        limit.check(app_id)
    return caught.value


def test_a_full_bucket_may_come_at_once_and_then_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(100, 2.0, clock=clock)
    for _ in range(2):
        limit.check(1)
        limit.spend(1, 100)
    error = refused(limit)
    assert error.retry_seconds == pytest.approx(0.01)
    clock.now += error.retry_seconds
    limit.check(1)


def test_a_batch_larger_than_the_bucket_passes_and_is_paid_for_afterwards() -> None:
    clock = Clock()
    limit = RateLimit(100, 1.0, clock=clock)
    limit.check(1)
    limit.spend(1, 1_100)
    error = refused(limit)
    assert error.retry_seconds == pytest.approx(10.01)
    clock.now += 10.0
    refused(limit)
    clock.now += 0.01
    limit.check(1)


def test_a_pause_saves_no_more_than_a_bucket() -> None:
    clock = Clock()
    limit = RateLimit(100, 1.0, clock=clock)
    limit.check(1)
    clock.now += 3_600
    limit.spend(1, 100)
    refused(limit)


def test_apps_do_not_share_a_bucket() -> None:
    limit = RateLimit(100, 1.0, clock=Clock())
    limit.spend(1, 1_000)
    refused(limit, 1)
    limit.check(2)


def test_without_a_rate_there_is_no_limit() -> None:
    limit = RateLimit(0, 1.0, clock=Clock())
    limit.spend(1, 10**9)
    limit.check(1)
