"""The cumulative counts behind totals and row numbers: closed hours are counted once per process.

A month of hours of an app with hundreds of names is a hundred thousand rollup rows; a grid with live traffic
would count them again at every page.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from storage.readers.condition import Condition
from storage.readers.rollup_counts import by_bucket
from storage.readers.spans import Cut, Span
from storage.schema import rollup_hour, rollup_minute

#: (bucket, events), newest first, without empty buckets.
Counts = tuple[tuple[datetime, int], ...]

#: Filters that are kept; a month of hours takes about 100 kB.
_MAX_KEPT = 128


class ClosedHours:
    """Counts of hours that never change, under their app's epoch; may be used by many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int, Span, Condition], Counts] = OrderedDict()
        self._lock = Lock()

    def counts(self, conn: Connection, app: tuple[int, int], span: Span, condition: Condition) -> Counts:
        """Events that meet the condition; `app` is app_id and epoch, `span` ends before the open hour."""
        key = (*app, span, condition)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        counts = tuple(by_bucket(conn, rollup_hour, app[0], span, condition))
        with self._lock:
            self._kept[key] = counts
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return counts


@dataclass(frozen=True, slots=True)
class Rollups:
    """The rollups of one app in one snapshot, as pages ask for them; conditions are countable."""

    conn: Connection
    app_id: int
    epoch: int
    closed: ClosedHours

    def hours(self, span: Span, condition: Condition) -> Counts:
        """By hour; the span ends before the open hour."""
        return self.closed.counts(self.conn, (self.app_id, self.epoch), span, condition)

    def minutes(self, span: Span, condition: Condition) -> Counts:
        """By minute."""
        return tuple(by_bucket(self.conn, rollup_minute, self.app_id, span, condition))

    def total(self, parts: Cut, condition: Condition) -> int:
        """Events of a range that ends before the open hour but for its minutes."""
        counts = [self.minutes(span, condition) for span in parts.minutes]
        if parts.hours is not None:
            counts.append(self.hours(parts.hours, condition))
        return sum(count for part in counts for _, count in part)
