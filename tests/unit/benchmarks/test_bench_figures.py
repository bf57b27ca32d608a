"""Percentiles and rates."""

import pytest

from benchmarks.figures import merged, percentile, percentiles_ms, rates_by_stored, rounded


@pytest.mark.parametrize(
    ("share", "wanted"), [(0.0, 1.0), (0.5, 50.0), (0.501, 51.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)]
)
def test_percentile_is_the_nearest_rank(share: float, wanted: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == wanted


def test_percentile_of_one_sample_is_that_sample() -> None:
    assert percentiles_ms([0.002]) == {"p50_ms": 2.0, "p95_ms": 2.0, "p99_ms": 2.0}


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


@pytest.mark.parametrize(
    ("value", "wanted"), [(123_456.7, 123_457), (1_000, 1_000), (0.012345, 0.0123), (12.345, 12.3), (0, 0)]
)
def test_figures_keep_three_digits(value: float, wanted: float) -> None:
    assert rounded(value) == wanted


def test_rates_are_told_for_each_step_of_events() -> None:
    per_second = {0: 400, 1: 700, 3: 1_000, 4: 100}
    assert rates_by_stored(per_second, 1_000) == [
        {"events": 1_100, "events_per_second": 550.0},
        # Second 2 brought nothing, and counts.
        {"events": 2_100, "events_per_second": 500.0},
    ]


def test_rates_of_nothing_are_none() -> None:
    assert rates_by_stored({}, 1_000) == []


def test_merged_counts_are_sums() -> None:
    assert merged([{1: 2, 2: 3}, {2: 4}]) == {1: 2, 2: 7}
