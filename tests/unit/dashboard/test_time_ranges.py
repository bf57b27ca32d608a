"""What a view's time range means, and how finely a chart cuts it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.time_ranges import (
    ALL,
    CUSTOM,
    DAY,
    HOUR,
    MAX_BARS,
    MINUTE,
    RELATIVE,
    YEARS,
    TimeRange,
    ceiling,
    floor,
    is_range,
    resolve,
    split,
    step_for,
)

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = TIMES.map(lambda at: floor(at, MINUTE))
SIDES = st.none() | MINUTES


def test_a_relative_range_covers_as_many_minutes_as_it_says_with_the_current_one() -> None:
    span = resolve("1h", NOW, TimeRange())
    assert span == TimeRange(datetime(2026, 11, 22, 12, 38, tzinfo=UTC), None)
    assert [(ceiling(NOW, MINUTE) - resolve(key, NOW, TimeRange()).start) for key in RELATIVE] == list(  # type: ignore[operator]
        RELATIVE.values()
    )


def test_all_and_custom_are_what_they_say() -> None:
    custom = TimeRange(NOW - DAY, NOW - HOUR)
    assert resolve(ALL, NOW, custom) == TimeRange()
    assert resolve(CUSTOM, NOW, custom) == custom


@given(TIMES, st.sampled_from([MINUTE, 15 * MINUTE, HOUR, DAY]))
def test_floor_and_ceiling_are_the_multiples_around(at: datetime, step: timedelta) -> None:
    down, up = floor(at, step), ceiling(at, step)
    assert down <= at <= up
    assert up - down in (timedelta(0), step)
    assert (down - datetime(1970, 1, 1, tzinfo=UTC)) % step == timedelta(0)


@given(st.timedeltas(MINUTE, 2_000 * DAY) | st.timedeltas(MINUTE, 2_500_000 * DAY))
def test_a_chart_has_no_more_bars_than_can_be_seen(span: timedelta) -> None:
    assert -(-span // step_for(span)) <= MAX_BARS


@pytest.mark.parametrize(
    ("weeks", "wide"), [(MAX_BARS, 1), (MAX_BARS + 1, 2), (3 * MAX_BARS, 3), (10_000, 84)]
)
def test_bars_of_many_years_are_whole_weeks(weeks: int, wide: int) -> None:
    assert step_for(timedelta(weeks=weeks)) == timedelta(weeks=wide)


def test_a_relative_range_begins_in_a_year_that_is_taken() -> None:
    assert resolve("9999w", NOW, TimeRange()) == TimeRange(datetime(YEARS[0], 1, 1, tzinfo=UTC))
    assert resolve("9999d", NOW, TimeRange()).start == floor(NOW, MINUTE) + MINUTE - 9_999 * DAY


@pytest.mark.parametrize(
    ("span", "step"), [(HOUR, MINUTE), (6 * HOUR, 5 * MINUTE), (DAY, 15 * MINUTE), (30 * DAY, 6 * HOUR)]
)
def test_usual_ranges_have_usual_bars(span: timedelta, step: timedelta) -> None:
    assert step_for(span) == step


@given(SIDES, SIDES, MINUTES, MINUTES)
def test_a_split_range_covers_each_minute_once(
    start: datetime | None, end: datetime | None, boundary: datetime, minute: datetime
) -> None:
    def covers(span: TimeRange | None) -> bool:
        if span is None:
            return False
        return (span.start is None or span.start <= minute) and (span.end is None or minute < span.end)

    closed, still_open = split(TimeRange(start, end), boundary)
    assert covers(closed) + covers(still_open) == covers(TimeRange(start, end))
    assert not (covers(closed) and minute >= boundary)
    assert not (covers(still_open) and minute < boundary)


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("90m", "2026-03-29T08:31Z", None),
        ("2w", "2026-03-15T10:01Z", None),
        # The last Sunday of March has 23 hours in Berlin.
        ("today", "2026-03-28T23:00Z", None),
        ("yesterday", "2026-03-27T23:00Z", "2026-03-28T23:00Z"),
        ("week", "2026-03-22T23:00Z", None),
    ],
)
def test_ranges_by_length_and_by_the_viewers_calendar(key: str, start: str, end: str | None) -> None:
    now = datetime(2026, 3, 29, 10, 0, 30, tzinfo=UTC)
    assert is_range(key)
    assert resolve(key, now, TimeRange(), ZoneInfo("Europe/Berlin")) == TimeRange(
        datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None
    )


@pytest.mark.parametrize("key", ["", "m", "0m", "1y", "10000m", "1h2", "Today"])
def test_other_keys_are_no_ranges(key: str) -> None:
    assert not is_range(key)
    with pytest.raises(KeyError):
        resolve(key, datetime(2026, 3, 29, tzinfo=UTC), TimeRange())
