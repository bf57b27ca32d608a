"""Times as producers write them, to the nanosecond."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NANOS: Final = 10**9
#: A number below the first limit counts seconds since 1970, below the next milliseconds, and so on: 1e11 s is
#: the year 5138, and 1e11 ms is 1973.
_UNITS: Final = (
    (Decimal(10) ** 11, 9),
    (Decimal(10) ** 14, 6),
    (Decimal(10) ** 17, 3),
    (Decimal(10) ** 20, 0),
)
#: Digits that no nanosecond needs are cut, never rounded up.
_CUTTING: Final = Context(prec=40, rounding=ROUND_DOWN)
#: The shortest is 2026-01-31T12:00Z: dates alone, which Python reads as well, are no times.
_SHORTEST: Final = 17


class NotATime(ValueError):
    """It cannot be read as a time."""


def nanos_of_text(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 time. Digits below the microsecond are cut. Raises NotATime."""
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        raise NotATime from None
    if time.tzinfo is None or len(text) < _SHORTEST:
        raise NotATime
    return (time - _EPOCH) // _MICROSECOND * 1000


def nanos_of_number(text: str) -> int:
    """Nanoseconds since 1970 of a number of seconds, milli-, micro- or nanoseconds. Raises NotATime."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotATime from None
    if not number.is_finite():
        raise NotATime
    for limit, power in _UNITS:
        if number.copy_abs() < limit:
            return int(number.scaleb(power, _CUTTING))
    raise NotATime


def seconds_and_nanos(nanos: int) -> tuple[int, int]:
    """The same as a protobuf Timestamp counts it."""
    return divmod(nanos, _NANOS)
