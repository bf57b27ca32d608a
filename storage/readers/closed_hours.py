"""The counts behind totals and row numbers: closed hours are counted once per process.

A month of hours of an app with hundreds of names is a hundred thousand rollup rows; a grid with live traffic
would count them again at every page, and tiles every minute.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import Connection

from storage.model import Ledger
from storage.readers.condition import Condition
from storage.readers.minutes import HOUR, floor
from storage.readers.rollup_counts import by_bucket, by_status
from storage.readers.spans import Cut, Span
from storage.schema import rollup_hour, rollup_minute
from tracking_plan.verdict import Verdict

T = TypeVar("T")

#: (bucket, events), newest first, without empty buckets.
Counts = tuple[tuple[datetime, int], ...]
_Key = tuple[int, int, Span, Condition]

#: Filters that are kept; a month of hours takes about 100 kB, a year 1.2 MB.
_MAX_KEPT = 128


class _Kept(Generic[T]):
    """What never changes, by the app's id and epoch, a span and a condition: what was asked for last."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[_Key, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key, count: Callable[[], T]) -> T:
        with self._lock:
            if key in self._by_key:
                self._by_key.move_to_end(key)
                return self._by_key[key]
        counted = count()
        with self._lock:
            self._by_key[key] = counted
            while len(self._by_key) > _MAX_KEPT:
                self._by_key.popitem(last=False)
        return counted


class ClosedHours:
    """Counts of hours that never change, under their app's epoch; may be used by many threads."""

    def __init__(self) -> None:
        self._counts: _Kept[Counts] = _Kept()
        self._totals: _Kept[Mapping[Verdict, int]] = _Kept()

    def counts(self, conn: Connection, app: tuple[int, int], span: Span, condition: Condition) -> Counts:
        """Events that meet the condition; `app` is app_id and epoch, `span` ends before the open hour."""
        return self._counts.get(
            (*app, span, condition), lambda: tuple(by_bucket(conn, rollup_hour, app[0], span, condition))
        )

    def totals(self, conn: Connection, app: tuple[int, int], span: Span) -> Mapping[Verdict, int]:
        """All events by verdict; every verdict is there."""
        every = Condition()
        return self._totals.get(
            (*app, span, every), lambda: by_status(conn, app[0], Cut(None, span, None), every)
        )


@dataclass(frozen=True, slots=True)
class Rollups:
    """The rollups of one app in one snapshot, as pages ask for them; conditions are countable."""

    conn: Connection
    ledger: Ledger
    closed: ClosedHours

    @property
    def app_id(self) -> int:
        """Of the app."""
        return self.ledger.app_id

    def hours(self, span: Span, condition: Condition) -> Counts:
        """By hour, of a span of whole hours. The condition's own range is not looked at."""
        condition = replace(condition, start=None, end=None)
        if not self._is_closed(span):
            return tuple(by_bucket(self.conn, rollup_hour, self.app_id, span, condition))
        return self.closed.counts(self.conn, (self.app_id, self.ledger.epoch), span, condition)

    def _is_closed(self, span: Span) -> bool:
        """Whether it never changes. A view may be ahead of this snapshot: it comes from a browser, and may
        have been read from another replica.
        """
        newest = self.ledger.last_received_at
        return newest is not None and span.end is not None and span.end <= floor(newest, HOUR)

    def minutes(self, span: Span, condition: Condition) -> Counts:
        """By minute."""
        return tuple(by_bucket(self.conn, rollup_minute, self.app_id, span, condition))

    def total(self, parts: Cut, condition: Condition) -> int:
        """Events of a range that ends before the open hour but for its minutes."""
        counts = [self.minutes(span, condition) for span in parts.minutes]
        if parts.hours is not None:
            counts.append(self.hours(parts.hours, condition))
        return sum(count for part in counts for _, count in part)
