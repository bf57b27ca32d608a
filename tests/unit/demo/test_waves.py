from datetime import datetime

import pytest

from demo.waves import intensity

_DAY = [datetime(2026, 11, 22, hour, minute) for hour in range(24) for minute in range(0, 60, 10)]  # noqa: DTZ001


def test_a_quiet_day_has_about_the_plain_rate() -> None:
    average = sum(intensity(45 + 600 * n, time) for n, time in enumerate(_DAY)) / len(_DAY)
    assert average == pytest.approx(1, rel=0.35)


def test_evenings_are_busier_than_nights() -> None:
    assert intensity(100, _DAY[20 * 6]) > 1.5 * intensity(100, _DAY[8 * 6])


def test_it_opens_with_a_burst_and_campaigns_follow() -> None:
    noon = _DAY[12 * 6]
    assert intensity(1, noon) > 4 * intensity(46, noon)
    assert intensity(250, noon) > 2 * intensity(230, noon)
