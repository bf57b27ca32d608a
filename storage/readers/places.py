"""From a row's number to its minute, by cumulative counts of the rollups."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile

from sqlalchemy import Connection

from storage.errors import Unavailable
from storage.readers.access import access_of
from storage.readers.condition import Condition
from storage.readers.event_rows import seq_at
from storage.readers.lasting import Counts, Hours, Rollups
from storage.readers.minutes import HOUR, MINUTE
from storage.readers.model import View
from storage.readers.rollup_counts import rows_only
from storage.readers.spans import Span, Window, cut
from storage.readers.stretches import Stretch
from storage.readers.views import closed_minutes, narrowed


@dataclass(frozen=True, slots=True)
class Place:
    """A row within a bucket of time."""

    bucket: datetime
    #: Rows of the bucket, and those of them above this one, seen newest first.
    count: int
    above: int


def walk(counts: Iterable[tuple[datetime, int]], row: int) -> Place | int:
    """The bucket of a row number counted from the first bucket's first row; else what is left of the number.

    >>> walk([("b", 5), ("a", 3)], 6)
    Place(bucket='a', count=3, above=1)
    >>> walk([("b", 5), ("a", 3)], 9)
    1
    """
    for bucket, count in counts:
        if row < count:
            return Place(bucket, count, row)
        row -= count
    return row


def find(hours: Hours, row: int) -> Place | int:
    """The same as `walk` of the hours' counts, without a look at each.

    >>> find(Hours((("b", 5), ("a", 3))), 6)
    Place(bucket='a', count=3, above=1)
    >>> find(Hours((("b", 5), ("a", 3))), 9)
    1
    """
    index = bisect_right(hours.sums, row)
    if index == len(hours.counts):
        return row - hours.total
    bucket, count = hours.counts[index]
    return Place(bucket, count, row - (hours.sums[index] - count))


@dataclass(frozen=True, slots=True)
class Found:
    """A row that is there."""

    seq: int
    #: In which it arrived; None: it was found without.
    minute: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that retention took."""

    #: How many rows older than the oldest one there is it was the last of, itself included.
    rows: int


def locate(rollups: Rollups, condition: Condition, view: View, extent: Stretch, row: int) -> Found | Gone:
    """A view's row by its number, newest first; the view has a total."""
    if condition.every_row:
        seq = extent.last_seq - row
        return Found(seq) if seq >= extent.first_seq else Gone(extent.first_seq - seq)
    counts = rows_only(condition)
    newest = [] if view.minute is None else [(view.minute, view.in_minute or 0)]
    place = walk(newest, row)
    if not isinstance(place, Place):
        place = place_of(rollups, counts, closed_minutes(extent, view), place)
    if not isinstance(place, Place):
        return Gone(place + 1)
    return Found(_seq_at(rollups.conn, condition, extent, place), place.bucket)


def place_of(rollups: Rollups, condition: Condition, closed: Window, row: int) -> Place | int:
    """The minute of a row, numbered newest first within a range of closed minutes; else what `walk` leaves.

    Counts hours first, then minutes inside one hour: a month is 720 hours and 60 minutes.
    """
    parts = cut(*closed)
    for span in (parts.tail, parts.hours, parts.head):
        if span is None:
            continue
        by_hour = span is parts.hours
        place = (
            find(rollups.hours(span, condition), row)
            if by_hour
            else walk(rollups.minutes(span, condition), row)
        )
        if isinstance(place, Place):
            return _in_hour(rollups, condition, place) if by_hour else place
        row = place
    return row


def reached(counts: Counts, window: Window, rows: int, *, newest_first: bool) -> datetime | None:
    """The bucket up to which a window has so many rows; None: it has fewer. `counts` are newest first."""
    start, end = window
    if newest_first:
        within = dropwhile(lambda each: each[0] >= end, counts)
    else:
        within = dropwhile(lambda each: each[0] < start, reversed(counts))
    place = walk(within, rows - 1)
    return place.bucket if isinstance(place, Place) else None


def _in_hour(rollups: Rollups, condition: Condition, hour: Place) -> Place | int:
    return walk(rollups.minutes(Span(hour.bucket, hour.bucket + HOUR), condition), hour.above)


def _seq_at(conn: Connection, condition: Condition, extent: Stretch, place: Place) -> int:
    """The seq of a row inside its minute: a bounded OFFSET from the nearer end."""
    minute = narrowed(conn, replace(extent, start=place.bucket, end=place.bucket + MINUTE))
    below = place.count - 1 - place.above
    newest_first = place.above <= below
    offset = place.above if newest_first else below
    access = access_of(condition)
    seq = None if minute is None else seq_at(conn, access, minute, offset, newest_first=newest_first)
    if seq is None:
        raise Unavailable(f"rows of {place.bucket:%Y-%m-%d %H:%M} went away while they were read: try again")
    return seq
