"""Numbers and times in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard import formats

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 7, 1, 12, 0, 5, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, formats.NONE),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 3, "33.3 %"),
        (1, 100_000, "<0.1 %"),
        (99_999, 100_000, "99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, whole: int, words: str) -> None:
    assert formats.percent(part, whole) == words


@pytest.mark.parametrize(
    ("per_second", "words"),
    [(0.0, "0"), (0.25, "0.25"), (9.999, "10.00"), (12.34, "12.3"), (4_560.4, "4,560")],
)
def test_rates_have_as_many_digits_as_matter(per_second: float, words: str) -> None:
    assert formats.rate(per_second) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (7_199, "1 h"),
        (172_800, "2 d"),
    ],
)
def test_durations_are_told_in_their_largest_unit(seconds: float, words: str) -> None:
    assert formats.duration(seconds) == words


def test_times_are_told_in_the_viewers_zone_and_exactly_in_utc() -> None:
    assert formats.moment(NOON, BERLIN) == "2026-07-01 14:00:05.123"
    assert formats.to_the_minute(NOON, BERLIN) == "2026-07-01 14:00"
    assert formats.utc(NOON.astimezone(BERLIN)) == "2026-07-01T12:00:05.123456Z"


@pytest.mark.parametrize(("count", "words"), [(0, "0 events"), (1, "1 event"), (1_500, "1,500 events")])
def test_a_single_thing_is_told_as_one(count: int, words: str) -> None:
    assert formats.counted(count, "event") == words


def test_a_beginning_of_today_needs_no_date() -> None:
    assert formats.since(NOON - timedelta(hours=3), NOON, BERLIN) == "11:00"
    assert formats.since(NOON - timedelta(days=1), NOON, BERLIN) == "2026-06-30 14:00"


def test_a_zone_is_named_with_its_distance_from_utc_at_that_time() -> None:
    assert formats.zone_name(BERLIN, NOON) == "Europe/Berlin (UTC+02:00)"
    assert formats.zone_name(BERLIN, datetime(2026, 1, 1, tzinfo=UTC)) == "Europe/Berlin (UTC+01:00)"
    assert formats.zone_name(ZoneInfo("UTC"), NOON) == "UTC"


@pytest.mark.parametrize(
    ("fraction", "words"),
    [(0, "0"), (0.001, "<1"), (0.0149, "1"), (0.5, "50"), (0.999, "99"), (1, "100")],
)
def test_whole_percents_are_never_rounded_to_all_or_nothing(fraction: float, words: str) -> None:
    assert formats.whole_percent(fraction) == words


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (112, 100, "+12 %"),
        (97, 100, "\N{MINUS SIGN}3 %"),
        (100, 100, "±0 %"),
        (0, 100, "\N{MINUS SIGN}100 %"),
        (4, 1_000, "\N{MINUS SIGN}99 %"),
        (10, 0, "—"),
        (20_000, 100, ">+999 %"),
    ],
)
def test_a_change_is_told_in_whole_per_cent(now: int, before: int, words: str) -> None:
    assert formats.change(now, before) == words
