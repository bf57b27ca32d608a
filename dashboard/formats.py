"""Numbers and times as people read them: the one place that words them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Shown where there is no value.
NONE = "—"

_MINUTE = 60.0
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
#: Units of 1000 bytes each, as disks and networks count.
_SIZES = ("B", "kB", "MB", "GB", "TB")


def number(value: int) -> str:
    """A whole number with thousands separators: `1,234,567`."""
    return f"{value:,}"


def noun(count: int, one: str) -> str:
    """The word for so many of a thing: `1 event`, `0 events`; `one` is the word for a single one."""
    return one if count == 1 else f"{one}s"


def counted(count: int, one: str) -> str:
    """A number of things: `1 event`, `1,500 events`."""
    return f"{number(count)} {noun(count, one)}"


def percent(part: int, whole: int) -> str:
    """A part of a whole in per cent; NONE where there is no whole."""
    return share(part / whole) if whole > 0 else NONE


def share(fraction: float) -> str:
    """A fraction in per cent with one decimal; never rounded to all or nothing: `99.9 %`, `<0.1 %`."""
    if fraction in (0, 1):
        return f"{fraction:.0%}".replace("%", " %")
    if fraction < 0.001:
        return "<0.1 %"
    return f"{min(100 * fraction, 99.9):.1f} %"


def whole_percent(fraction: float) -> str:
    """A fraction in whole per cent without the sign, for narrow cells; never rounded to all or nothing."""
    if fraction in (0, 1):
        return f"{fraction * 100:.0f}"
    if fraction < 0.01:
        return "<1"
    return f"{min(round(100 * fraction), 99)}"


def change(now: int, before: int) -> str:
    """By how much a number rose or fell, in whole per cent, like `+12 %`; NONE where it was nothing.

    Never rounded to the loss of all where some is left.
    """
    if before <= 0:
        return NONE
    percent_more = round(100 * (now - before) / before)
    if now > 0:
        percent_more = max(percent_more, -99)
    if percent_more > 999:
        return ">+999 %"
    sign = "+" if percent_more > 0 else "\N{MINUS SIGN}" if percent_more < 0 else "±"
    return f"{sign}{abs(percent_more)} %"


def rate(per_second: float) -> str:
    """Events per second: `0.25`, `12.3`, `4,560`."""
    if per_second >= 100:
        return f"{per_second:,.0f}"
    if per_second >= 10 or per_second == 0:
        return f"{per_second:.1f}".removesuffix(".0")
    return f"{per_second:.2f}"


def size(count: int) -> str:
    """A number of bytes in its largest unit: `512 B`, `1.5 MB`, `73.2 GB`."""
    power = min((len(str(count)) - 1) // 3, len(_SIZES) - 1)
    return f"{count:,} B" if power == 0 else f"{count / 1000**power:,.1f} {_SIZES[power]}"


def milliseconds(count: float) -> str:
    """A short time: `0.8 ms`, `12 ms`, `1,250 ms`."""
    return f"{count:.1f} ms" if 0 < count < 10 else f"{count:,.0f} ms"


def duration(seconds: float) -> str:
    """A length of time in its largest unit: `4 s`, `12 min`, `3 h`, `5 d`."""
    seconds = max(seconds, 0.0)
    if seconds < _MINUTE:
        return f"{seconds // 1:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR:.0f} h"
    return f"{seconds // _DAY:.0f} d"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A point in time to the millisecond in the viewer's zone: `2026-11-22 14:02:11.123`."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(" ", "milliseconds")


def to_the_minute(at: datetime, zone: ZoneInfo) -> str:
    """A point in time to the minute in the viewer's zone: `2026-11-22 14:02`."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day in the viewer's zone: `14:02:11`."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def since(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """When something began: the time of day if within the last 18 hours, else the date with it."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if now - at < timedelta(hours=18) else f"{local:%Y-%m-%d %H:%M}"


def utc(at: datetime) -> str:
    """A point in time to the microsecond in UTC, as ISO 8601: for tooltips and copying."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def zone_name(zone: ZoneInfo, now: datetime) -> str:
    """A zone by name and its distance from UTC now: `Europe/Berlin (UTC+01:00)`."""
    if zone.key == "UTC":
        return "UTC"
    offset = now.astimezone(zone).strftime("%z")
    return f"{zone.key} (UTC{offset[:3]}:{offset[3:]})"
