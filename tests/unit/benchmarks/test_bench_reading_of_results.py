"""What benchmarks make of logs, of what pages saw, and of their own figures."""

import pytest

from benchmarks.freshness import freshness
from benchmarks.report import as_text
from benchmarks.sending.job import Job, Repeats, Times
from benchmarks.sending.process import due_times
from benchmarks.statements import asks_for_stats, logged

LOG = """\
2026-01-31 12:00:00.001 UTC [41] lvd-dashboard LOG:  statement: SELECT 1
2026-01-31 12:00:00.002 UTC [42] lvd ingest LOG:  statement: COMMIT
2026-01-31 12:00:00.003 UTC [41] lvd-dashboard LOG:  statement: SELECT name, sum(count)
\tFROM rollup_minute
\tWHERE app_id = 1
2026-01-31 12:00:00.004 UTC [41] lvd-dashboard LOG:  duration: 2400.100 ms
2026-01-31 12:00:00.005 UTC [41] lvd-dashboard ERROR:  canceling statement
2026-01-31 12:00:00.006 UTC [43]  LOG:  checkpoint starting: time
""".splitlines()


def test_each_statement_is_read_once_with_its_application() -> None:
    found = list(logged(LOG))
    assert [application for application, _ in found] == ["lvd-dashboard", "lvd ingest", "lvd-dashboard"]
    assert " ".join(found[2][1].split()) == "SELECT name, sum(count) FROM rollup_minute WHERE app_id = 1"


def test_statements_on_rollups_are_stats_also_on_a_later_line() -> None:
    assert [asks_for_stats(statement) for _, statement in logged(LOG)] == [False, False, True]


def test_an_event_is_seen_with_the_first_sight_that_reaches_it() -> None:
    sent = [(3.0, 20), (1.0, 5), (2.0, 8)]
    assert freshness(sent, [(1.5, 4), (2.5, 9), (6.0, 20)]) == [1.5, 0.5, 3.0]


def test_what_was_never_seen_has_no_age() -> None:
    assert freshness([(1.0, 5)], [(2.0, 4)]) == []
    assert freshness([(1.0, 5)], []) == []


def job(**changes: object) -> Job:
    given: dict[str, object] = {
        "target": "",
        "streams": (None, None),
        "batch_size": 10,
        "payload_bytes": 140,
        "unacked": 1,
        "verdicts": "none",
        "times": Times.NOW,
        "duplicates": 0.0,
        "repeats": Repeats.SENT,
        "history": "",
        "templates": 1,
        "seed": 1,
        "number": 0,
        **changes,
    }
    return Job(**given)  # type: ignore[arg-type]


def test_an_open_loop_sends_evenly_over_its_streams() -> None:
    # 10 events in a batch, 100 a second: a batch each 0.1 s, from two streams in turn.
    first, second = (due_times(job(rate=100.0), 50.0, number) for number in (0, 1))
    assert first is not None
    assert second is not None
    assert [first(place) for place in range(3)] == pytest.approx([50.0, 50.2, 50.4])
    assert [second(place) for place in range(3)] == pytest.approx([50.1, 50.3, 50.5])


def test_a_burst_is_as_much_faster_and_then_over() -> None:
    due = due_times(job(rate=100.0, streams=(None,), burst_seconds=1.0, burst_factor=10.0), 0.0, 0)
    assert due is not None
    times = [due(place) for place in range(110)]
    # 100 batches in the first second, then one each 0.1 s.
    assert times[100] == pytest.approx(1.0)
    assert times[50] == pytest.approx(0.5)
    assert times[109] == pytest.approx(1.9)


def test_a_closed_loop_has_no_times() -> None:
    assert due_times(job(), 0.0, 0) is None


def test_a_report_tells_every_figure_and_what_it_depends_on() -> None:
    text = as_text(
        {
            "benchmark": "read",
            "surroundings": {"seed": 7},
            "rows": 1_000_000,
            "readers": {"newest": {"p50_ms": 1.5}, "feed": {"p50_ms": 2.5, "p99_ms": 9.5}},
        }
    )
    for told in ("lvd bench read", "1,000,000", "newest", "1.5", "9.5", "surroundings: seed 7"):
        assert told in text
