"""How busy the shop is: by the time of day, in short waves, and after campaigns."""

from datetime import datetime
from math import cos, pi, sin

#: The first seconds are busy, so that a page is full soon after the start.
_OPENING_SECONDS = 8
_OPENING = 6.0
#: Every so often a campaign goes out, and customers come for a while. In seconds.
_CAMPAIGN_EVERY = 240
_CAMPAIGN_SECONDS = 25
_CAMPAIGN = 3.0
_WAVE_SECONDS = 90
#: The busiest hour of the day.
_PEAK_HOUR = 20


def intensity(elapsed: float, local_time: datetime) -> float:
    """How many times the plain rate: about 1 on average over a day.

    `elapsed`: seconds since the start; `local_time`: the wall clock where the customers are.
    """
    hour = local_time.hour + local_time.minute / 60
    day = 0.85 + 0.35 * cos((hour - _PEAK_HOUR) * 2 * pi / 24)
    wave = 1 + 0.25 * sin(elapsed * 2 * pi / _WAVE_SECONDS)
    return day * wave * _burst(elapsed)


def _burst(elapsed: float) -> float:
    if elapsed < _OPENING_SECONDS:
        return _OPENING
    into = elapsed % _CAMPAIGN_EVERY
    return _CAMPAIGN if elapsed >= _CAMPAIGN_EVERY and into < _CAMPAIGN_SECONDS else 1.0
