"""The time ranges of a view, and how finely a chart cuts them. Ranges are whole minutes [start, end)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)

ALL = "all"
CUSTOM = "custom"
DEFAULT = "1h"

#: Ranges that end now, by their key in URLs.
RELATIVE = {
    "15m": 15 * MINUTE,
    "1h": HOUR,
    "6h": 6 * HOUR,
    "24h": DAY,
    "7d": 7 * DAY,
    "30d": 30 * DAY,
}

#: Years that a view may name: at their ends no time zone, bar or range leaves what readers take.
YEARS = range(1970, 8900)
_EARLIEST = datetime(YEARS[0], 1, 1, tzinfo=UTC)

#: Every range that a view of the page Live can have.
KEYS = (*RELATIVE, ALL, CUSTOM)

TODAY = "today"
YESTERDAY = "yesterday"
WEEK = "week"
#: Ranges by the calendar of the viewer's zone; weeks begin on Monday.
CALENDAR = (TODAY, YESTERDAY, WEEK)

#: Any other range that ends now, by its key in URLs: `90m`, `36h`, `2w`.
_LENGTH = re.compile("([1-9][0-9]{0,3})([mhdw])")
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": _WEEK}

#: Keys of each kind that `is_range` knows.
EXAMPLES = ("15m", "36h", "7d", "2w", *CALENDAR, ALL, CUSTOM)

#: Widths of a chart's bars, each a divisor of the next common one, all divisors or multiples of a day.
_STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 10080)
)
#: Most bars of a chart.
MAX_BARS = 120


#: Ranges of histories that are counted by hours: how far back, and the width of a bar.
HISTORIES = {"24h": (DAY, HOUR), "7d": (7 * DAY, 6 * HOUR), "30d": (30 * DAY, DAY)}
DEFAULT_HISTORY = "24h"


@dataclass(frozen=True, slots=True)
class History:
    """Bars of whole hours up to now: the first begins at `start`, the last holds the present."""

    start: datetime
    step: timedelta
    bars: int

    @property
    def starts(self) -> tuple[datetime, ...]:
        """Where the bars begin."""
        return tuple(self.start + number * self.step for number in range(self.bars))


def history(key: str, now: datetime) -> History:
    """The bars that a key of HISTORIES means at `now`; raises KeyError for a key that is none."""
    length, step = HISTORIES[key]
    return History(floor(now, step) + step - length, step, length // step)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Whole minutes in UTC, [start, end); None: open at that side."""

    start: datetime | None = None
    end: datetime | None = None


def length_of(key: str) -> timedelta | None:
    """How far back a range goes that ends now; None for other keys."""
    found = _LENGTH.fullmatch(key)
    return RELATIVE.get(key) or (int(found[1]) * UNITS[found[2]] if found else None)


def is_range(key: str) -> bool:
    """Whether a view can have this range."""
    return key in (ALL, CUSTOM, *CALENDAR) or length_of(key) is not None


def resolve(key: str, now: datetime, custom: TimeRange, zone: tzinfo = UTC) -> TimeRange:
    """The range that a view's key means at `now`; the current minute is a part of relative ones.

    Raises KeyError for a key that is none.
    """
    if key == ALL:
        return TimeRange()
    if key == CUSTOM:
        return custom
    if key in CALENDAR:
        return _by_calendar(key, now.astimezone(zone))
    length = length_of(key)
    if length is None:
        raise KeyError(key)
    return TimeRange(start=max(floor(now, MINUTE) + MINUTE - length, _EARLIEST))


def _by_calendar(key: str, now: datetime) -> TimeRange:
    """In local days, which may have 23 or 25 hours."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if key == YESTERDAY:
        return TimeRange((today - DAY).astimezone(UTC), today.astimezone(UTC))
    first = today - timedelta(days=today.weekday()) if key == WEEK else today
    return TimeRange(first.astimezone(UTC))


def in_sight(span: TimeRange, first_bar: datetime | None, now: datetime) -> TimeRange:
    """The range, and where it is open at a side: from its first bar on, up to the end of this minute."""
    return TimeRange(span.start or first_bar, span.end or ceiling(now, MINUTE))


def floor(at: datetime, step: timedelta) -> datetime:
    """The last multiple of `step` since 1970 (UTC) that is not after `at`."""
    return datetime.fromtimestamp(at.timestamp() // step.total_seconds() * step.total_seconds(), UTC)


def ceiling(at: datetime, step: timedelta) -> datetime:
    """The first multiple of `step` since 1970 (UTC) that is not before `at`."""
    down = floor(at, step)
    return down if down == at else down + step


def step_for(span: timedelta) -> timedelta:
    """The narrowest bars of which at most MAX_BARS cover `span`; wider ones than a week are whole weeks."""
    weeks = -(-span // (MAX_BARS * _WEEK))
    return next((step for step in _STEPS if span <= MAX_BARS * step), weeks * _WEEK)


def split(span: TimeRange, boundary: datetime) -> tuple[TimeRange | None, TimeRange | None]:
    """A range before and from `boundary`; None where it has nothing on that side."""
    closed_end = boundary if span.end is None else min(span.end, boundary)
    open_start = boundary if span.start is None else max(span.start, boundary)
    closed = TimeRange(span.start, closed_end)
    later = TimeRange(open_start, span.end)
    return (
        closed if span.start is None or span.start < closed_end else None,
        later if span.end is None or open_start < span.end else None,
    )
