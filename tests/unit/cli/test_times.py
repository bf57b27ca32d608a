from datetime import UTC, datetime

import pytest

from cli.sending.times import NotATime, nanos_of_number, nanos_of_text, seconds_and_nanos

_NOON = 1769860800 * 10**9  # 2026-01-31T12:00:00Z


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("2026-01-31T12:00:00Z", _NOON),
        ("2026-01-31t12:00:00z", _NOON),
        ("2026-01-31 12:00:00Z", _NOON),
        ("2026-01-31T13:00:00+01:00", _NOON),
        ("2026-01-31T12:00:00.5Z", _NOON + 500_000_000),
        ("2026-01-31T12:00:00.123456789Z", _NOON + 123_456_000),
        ("1969-12-31T23:59:59.999999Z", -1000),
    ],
)
def test_a_time_as_text(text: str, nanos: int) -> None:
    assert nanos_of_text(text) == nanos


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1769860800",
    ],
)
def test_what_is_no_time_as_text(text: str) -> None:
    with pytest.raises(NotATime):
        nanos_of_text(text)


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("1769860800", _NOON),
        ("1769860800.123456", _NOON + 123_456_000),
        ("1769860800000", _NOON),
        ("1769860800000.5", _NOON + 500_000),
        ("1769860800." + "9" * 60, _NOON + 999_999_999),
        ("1769860800000000", _NOON),
        ("1769860800000000000", _NOON),
        ("1.7698608e9", _NOON),
        ("0", 0),
        ("-1.5", -1_500_000_000),
    ],
)
def test_a_time_as_number_by_its_size(text: str, nanos: int) -> None:
    assert nanos_of_number(text) == nanos


def test_seconds_and_milliseconds_meet_far_from_today() -> None:
    last_second, first_millisecond = nanos_of_number("99999999999"), nanos_of_number("100000000000")
    assert datetime.fromtimestamp(last_second // 10**9, UTC).year == 5138
    assert datetime.fromtimestamp(first_millisecond // 10**9, UTC).year == 1973


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "1e999999999", "1e20"])
def test_what_is_no_time_as_number(text: str) -> None:
    with pytest.raises(NotATime):
        nanos_of_number(text)


def test_nanos_count_forward_also_before_1970() -> None:
    assert seconds_and_nanos(-1) == (-1, 999_999_999)
    assert seconds_and_nanos(_NOON + 5) == (1769860800, 5)
