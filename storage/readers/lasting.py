"""What never changes while an app's epoch lasts, kept per process: closed hours and minutes, where a row
arrived, and which names have counts of their own.

A month of hours of an app with hundreds of names is a hundred thousand rollup rows; a grid with live traffic
would count them again at every page, and tiles every minute.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import Connection, bindparam, text

from storage.model import Ledger
from storage.readers.condition import Condition
from storage.readers.minutes import HOUR, MINUTE, floor, minutes_of
from storage.readers.rollup_counts import by_bucket, by_status
from storage.readers.spans import Cut, Span
from storage.schema import rollup_hour, rollup_minute
from tracking_plan.verdict import Verdict

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

#: (bucket, events), newest first, without empty buckets.
Counts = tuple[tuple[datetime, int], ...]
#: An app's id and epoch.
_App = tuple[int, int]

#: Entries of each kind; the hours of a filter and a month take about 100 kB, of a year 1.5 MB.
_MAX_KEPT = 128

#: By event_name_pkey: which of these names the rollups keep apart.
_KNOWN_NAMES = text("SELECT name FROM event_name WHERE app_id = :app_id AND name IN :names").bindparams(
    bindparam("names", expanding=True)
)


@dataclass(frozen=True)
class Hours:
    """Events by hour: a year of hours is added up once, and not at every page."""

    counts: Counts

    @cached_property
    def sums(self) -> tuple[int, ...]:
        """Events of each hour and all before it in `counts`, which are the newer ones."""
        return tuple(accumulate(count for _, count in self.counts))

    @property
    def total(self) -> int:
        """All events."""
        return self.sums[-1] if self.sums else 0


class _Kept(Generic[K, T]):
    """What was asked for last, by its key."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[K, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, read: Callable[[], T], lasts: Callable[[T], bool] = lambda _: True) -> T:
        """What is kept, or is read now: it is kept if it lasts."""
        with self._lock:
            if key in self._by_key:
                self._by_key.move_to_end(key)
                return self._by_key[key]
        value = read()
        if not lasts(value):
            return value
        with self._lock:
            self._by_key[key] = value
            while len(self._by_key) > _MAX_KEPT:
                self._by_key.popitem(last=False)
        return value


class Lasting:
    """Remembers what was read last; may be used by many threads.

    `app` is app_id and epoch. Spans are of whole hours, or minutes, and end before the open one; they begin
    with one that is there, so another span is asked for once retention took it.
    """

    def __init__(self) -> None:
        self._hours: _Kept[tuple[_App, Span, Condition], Hours] = _Kept()
        self._totals: _Kept[tuple[_App, Span], Mapping[Verdict, int]] = _Kept()
        self._minutes: _Kept[tuple[_App, Span, Condition], Counts] = _Kept()
        self._arrivals: _Kept[tuple[_App, int], datetime] = _Kept()
        self._known: _Kept[tuple[_App, frozenset[str]], frozenset[str]] = _Kept()

    def hours(self, conn: Connection, app: _App, span: Span, condition: Condition) -> Hours:
        """Events that meet the condition, by hour."""
        return self._hours.get((app, span, condition), lambda: _hours(conn, app[0], span, condition))

    def minutes(self, conn: Connection, app: _App, span: Span, condition: Condition) -> Counts:
        """The same by minute."""
        return self._minutes.get((app, span, condition), lambda: _minutes(conn, app[0], span, condition))

    def totals(self, conn: Connection, app: _App, span: Span) -> Mapping[Verdict, int]:
        """All events by verdict; every verdict is there."""
        hours = Cut(None, span, None)
        return self._totals.get((app, span), lambda: by_status(conn, app[0], hours, Condition()))

    def minute(self, conn: Connection, app: _App, seq: int) -> datetime:
        """In which a stored row arrived."""
        return self._arrivals.get((app, seq), lambda: minutes_of(conn, app[0], (seq,))[seq])

    def known(self, conn: Connection, app: _App, names: frozenset[str]) -> frozenset[str]:
        """Those of the names that have counts of their own: one that has some keeps them."""
        return self._known.get(
            (app, names), lambda: _known(conn, app[0], names), lambda known: known == names
        )


def _hours(conn: Connection, app_id: int, span: Span, condition: Condition) -> Hours:
    return Hours(tuple(by_bucket(conn, rollup_hour, app_id, span, condition)))


def _minutes(conn: Connection, app_id: int, span: Span, condition: Condition) -> Counts:
    return tuple(by_bucket(conn, rollup_minute, app_id, span, condition))


def _known(conn: Connection, app_id: int, names: frozenset[str]) -> frozenset[str]:
    parameters = {"app_id": app_id, "names": sorted(names)}
    return frozenset(conn.execute(_KNOWN_NAMES, parameters).scalars())


@dataclass(frozen=True, slots=True)
class Rollups:
    """The rollups of one app in one snapshot, as pages ask for them; conditions are countable."""

    conn: Connection
    ledger: Ledger
    lasting: Lasting

    @property
    def app_id(self) -> int:
        """Of the app."""
        return self.ledger.app_id

    @property
    def _app(self) -> _App:
        return self.ledger.app_id, self.ledger.epoch

    def hours(self, span: Span, condition: Condition) -> Hours:
        """By hour, of a span of whole hours. The condition's own range is not looked at."""
        condition = replace(condition, start=None, end=None)
        if not self._is_closed(span, HOUR):
            return _hours(self.conn, self.app_id, span, condition)
        return self.lasting.hours(self.conn, self._app, span, condition)

    def _is_closed(self, span: Span, bucket: timedelta) -> bool:
        """Whether it never changes. A view may be ahead of this snapshot: it comes from a browser, and may
        have been read from another replica.
        """
        newest = self.ledger.last_received_at
        return newest is not None and span.end is not None and span.end <= floor(newest, bucket)

    def first_minute(self, seq: int) -> datetime:
        """In which the first row of many readings arrived."""
        return self.lasting.minute(self.conn, self._app, seq)

    def minutes(self, span: Span, condition: Condition) -> Counts:
        """By minute. The condition's own range is not looked at."""
        condition = replace(condition, start=None, end=None)
        if not self._is_closed(span, MINUTE):
            return _minutes(self.conn, self.app_id, span, condition)
        return self.lasting.minutes(self.conn, self._app, span, condition)

    def total(self, parts: Cut, condition: Condition) -> int:
        """Events of a range that ends before the open hour but for its minutes."""
        total = sum(count for span in parts.minutes for _, count in self.minutes(span, condition))
        return total if parts.hours is None else total + self.hours(parts.hours, condition).total

    def known(self, names: frozenset[str]) -> frozenset[str]:
        """Those of the names that have counts of their own."""
        return self.lasting.known(self.conn, self._app, names)
