"""Cuts a range of minutes into what the hourly rollup knows, and minutes at its edges. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from storage.readers.minutes import DAY, HOUR, ceiling, floor

#: [start, end) of rows to look at.
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end); None: open at that side."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A range in parts that do not overlap, oldest first: minutes, whole hours, minutes."""

    head: Span | None
    hours: Span | None
    tail: Span | None

    @property
    def minutes(self) -> tuple[Span, ...]:
        """The parts that are counted by minutes."""
        return tuple(span for span in (self.head, self.tail) if span is not None)


def cut(start: datetime | None, end: datetime | None) -> Cut:
    """The range by hours where it can be, by minutes at its edges."""
    if start is not None and end is not None and start >= end:
        return Cut(None, None, None)
    first = None if start is None else ceiling(start, HOUR)
    last = None if end is None else floor(end, HOUR)
    if first is not None and last is not None and first >= last:
        return Cut(Span(start, end), None, None)
    return Cut(
        Span(start, first) if start != first else None,
        Span(first, last),
        Span(last, end) if last != end else None,
    )


def day_windows(start: datetime, end: datetime, *, newest_first: bool) -> Iterator[Window]:
    """[start, end) in windows of 1, 2, 4, … days (UTC), in the asked order.

    What is frequent is found in the first one and touches one partition; what is rare is found after few.
    """
    days = 1
    while start < end:
        if newest_first:
            low = max(start, ceiling(end, DAY) - days * DAY)
            yield low, end
            end = low
        else:
            high = min(end, floor(start, DAY) + days * DAY)
            yield start, high
            start = high
        days *= 2


def reaching_windows(
    start: datetime, end: datetime, far: datetime | None, *, newest_first: bool
) -> Iterator[Window]:
    """[start, end) in windows cut at midnights: the first one with its hour `far`, or all of it where far is
    None; then as `day_windows` has them."""
    if start >= end:
        return
    if newest_first:
        low = start if far is None else max(start, floor(far, DAY))
        yield low, end
        yield from day_windows(start, low, newest_first=True)
    else:
        high = end if far is None else min(end, ceiling(far + HOUR, DAY))
        yield start, high
        yield from day_windows(high, end, newest_first=False)
