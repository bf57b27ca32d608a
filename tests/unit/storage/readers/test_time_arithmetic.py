"""Whole minutes, cuts into hours, windows of days, bars, and the rate."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BadRequest
from storage.readers.minutes import DAY, EPOCH, HOUR, MINUTE, ceiling, check_range, floor
from storage.readers.spans import Cut, Span, cut, day_windows, reaching_windows
from storage.readers.stats import MAX_BARS, bar_starts, per_second, series_of
from tracking_plan.verdict import Verdict

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
times = st.integers(0, 200_000).map(lambda minutes: NOON + minutes * MINUTE)


def minutes_in(span: Span | None) -> set[datetime]:
    if span is None:
        return set()
    assert span.start is not None
    assert span.end is not None
    return {span.start + n * MINUTE for n in range((span.end - span.start) // MINUTE)}


@given(times, st.integers(-100, 500))
def test_the_parts_of_a_cut_are_the_range_and_do_not_overlap(start: datetime, minutes: int) -> None:
    end = start + minutes * MINUTE
    parts = cut(start, end)
    spans = [parts.head, parts.hours, parts.tail]
    whole = [minute for span in spans for minute in sorted(minutes_in(span))]
    assert whole == sorted(minutes_in(Span(start, end)))
    assert parts.hours is None or parts.hours == Span(ceiling(start, HOUR), floor(end, HOUR))
    assert len(minutes_in(parts.head)) + len(minutes_in(parts.tail)) < 120


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, Cut(None, Span(None, None), None)),
        (NOON, None, Cut(None, Span(NOON, None), None)),
        (None, NOON + MINUTE, Cut(None, Span(None, NOON), Span(NOON, NOON + MINUTE))),
        (NOON + MINUTE, None, Cut(Span(NOON + MINUTE, NOON + HOUR), Span(NOON + HOUR, None), None)),
    ],
)
def test_an_open_side_is_counted_by_hours(
    start: datetime | None, end: datetime | None, expected: Cut
) -> None:
    assert cut(start, end) == expected


@given(times, st.integers(0, 60 * 24 * 60), st.booleans())
def test_windows_are_the_range_in_order_and_cut_at_midnights(
    start: datetime, minutes: int, newest_first: bool
) -> None:
    end = start + minutes * MINUTE
    windows = list(day_windows(start, end, newest_first=newest_first))
    check_windows(windows, start, end, newest_first=newest_first)
    assert len(windows) <= 7


@given(times, st.integers(1, 60 * 24 * 60), st.floats(0, 1, exclude_max=True), st.booleans())
def test_a_window_that_reaches_an_hour_comes_first(
    start: datetime, minutes: int, part: float, newest_first: bool
) -> None:
    end, far = start + minutes * MINUTE, floor(start + int(part * minutes) * MINUTE, HOUR)
    windows = list(reaching_windows(start, end, far, newest_first=newest_first))
    check_windows(windows, start, end, newest_first=newest_first)
    assert windows[0][0] <= max(far, start) < min(far + HOUR, end) <= windows[0][1]
    assert list(reaching_windows(start, end, None, newest_first=newest_first)) == [(start, end)]
    assert not list(reaching_windows(end, start, far, newest_first=newest_first))


def check_windows(
    windows: list[tuple[datetime, datetime]], start: datetime, end: datetime, *, newest_first: bool
) -> None:
    in_order = windows[::-1] if newest_first else windows
    assert [edge for window in in_order for edge in window][1:-1:2] == [window[0] for window in in_order][1:]
    assert not windows or (in_order[0][0], in_order[-1][1]) == (start, end)
    assert all(low < high for low, high in windows)
    assert bool(windows) == (start < end)
    assert all(edge == floor(edge, DAY) for window in in_order[1:] for edge in window[:1])


@given(times, st.sampled_from([MINUTE, 7 * MINUTE, HOUR, DAY, 7 * DAY]))
def test_floor_and_ceiling_are_the_multiples_around(at: datetime, step: timedelta) -> None:
    assert floor(at, step) <= at <= ceiling(at, step)
    assert ceiling(at, step) - floor(at, step) in (timedelta(0), step)
    assert (floor(at, step) - EPOCH) % step == (ceiling(at, step) - EPOCH) % step == timedelta(0)


def test_a_range_is_of_whole_minutes_with_a_time_zone() -> None:
    check_range(None, None)
    check_range(NOON, NOON + MINUTE)
    for start in (
        NOON.replace(tzinfo=None),
        NOON + timedelta(microseconds=1),
        datetime.max.replace(tzinfo=UTC),
    ):
        with pytest.raises(BadRequest, match="start"):
            check_range(start, None)
        with pytest.raises(BadRequest, match="end"):
            check_range(None, start)


def test_bars_cover_the_range() -> None:
    starts = bar_starts(NOON + MINUTE, NOON + 3 * HOUR, HOUR)
    assert starts == (NOON, NOON + HOUR, NOON + 2 * HOUR)
    assert len(bar_starts(NOON, NOON + MAX_BARS * MINUTE, MINUTE)) == MAX_BARS
    with pytest.raises(BadRequest, match="501 bars"):
        bar_starts(NOON, NOON + (MAX_BARS + 1) * MINUTE, MINUTE)


def test_bars_without_events_count_zero() -> None:
    series = series_of([(NOON + HOUR, 1, 5)], (NOON, NOON + HOUR), HOUR)
    assert series.counts[Verdict.INVALID] == (0, 5)
    assert all(series.counts[verdict] == (0, 0) for verdict in Verdict if verdict is not Verdict.INVALID)


@pytest.mark.parametrize(
    ("minutes", "seconds", "expected"),
    [
        ([], 30, 0.0),
        ([(NOON, 60)], 60, 1.0),
        ([(NOON, 60)], 30, 1.0),
        ([(NOON, 60)], 90, 0.5),
        ([(NOON, 60)], 120, 0.0),
        ([(NOON, 60)], 300, 0.0),
        ([(NOON, 60), (NOON + MINUTE, 120)], 75, 0.75 + 2.0),
        ([(NOON + MINUTE, 60)], 0, 1.0),
    ],
)
def test_a_minute_counts_by_the_part_that_lies_in_the_last_one(
    minutes: list[tuple[datetime, int]], seconds: int, expected: float
) -> None:
    assert per_second(minutes, NOON + timedelta(seconds=seconds)) == pytest.approx(expected)
