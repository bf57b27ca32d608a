"""What a heartbeat says."""

from time import monotonic

import pytest

from ingest_server.activity import Activity
from ingest_server.heartbeat import Gauges, heartbeat_document
from storage.model import Outcome, Source, Submission

GAUGES = Gauges(2, 30, 400, database_available=True, retention_days=30, plan_versions={7: 3})
IOS, WEB = Source(sdk="swift/3", platform="ios"), Source(platform="web")


def committed(activity: Activity, source: Source, valid: int, seconds: float) -> None:
    submission = Submission(7, 3, source, None, valid, [], [])
    outcome = Outcome((valid, 0, 0, 0, 0, 0), frozenset(), (), 1, 3)
    activity.committed(submission, 1_000, outcome, seconds)


def test_rates_are_counted_over_the_time_since_the_last_one() -> None:
    activity = Activity(since=monotonic() - 10)
    for number in range(100):
        committed(activity, IOS if number % 4 else WEB, 50, number / 1000)

    document = heartbeat_document("127.0.0.1:50051", 42, activity, GAUGES)

    assert document["events_per_second"] == pytest.approx(500, rel=0.05)
    assert document["batches_per_second"] == pytest.approx(10, rel=0.05)
    assert document["bytes_per_second"] == pytest.approx(10_000, rel=0.05)
    assert document["verdicts"]["valid"] == 5_000
    assert document["commit_ms"] == {"p50": 50.0, "p99": 99.0}
    assert (document["open_calls"], document["queued_events"], document["in_flight_bytes"]) == (2, 30, 400)
    assert document["retention_days"] == 30
    assert document["plan_versions"] == {"7": 3}
    assert [(made["platform"], made["events"]) for made in document["producers"]] == [
        ("ios", 3_750),
        ("web", 1_250),
    ]
    assert document["producers"][0]["app_id"] == 7


def test_a_quiet_server_says_so() -> None:
    document = heartbeat_document("127.0.0.1:50051", 42, Activity(), GAUGES)
    assert (document["events_per_second"], document["commit_ms"]) == (0, {"p50": 0, "p99": 0})
