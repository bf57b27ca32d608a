"""Looks up which events of a group are stored already, as far as that can be known before the lock.

An event that is found stays stored, so finding it needs no lock. One that is not found may be stored a moment
later, but only where events arrive now: into the partition of the day. So what is searched in older ones
holds for as long as the ledger's day is the one that was searched up to.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from storage.ledger import to_us
from storage.lookup import Span, find
from storage.memory import Memory
from storage.model import Identity, Limits
from storage.partitions import Partition
from storage.settle import AppGroup

#: So much farther back than the retention is searched: the clock that is read before the lock may be behind
#: or ahead of the ledger's by less than a day, else the day is another.
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of a group."""

    #: Content hashes of events that are stored.
    known: dict[Identity, int]
    #: Partitions before this day were searched for every dated event that may lie in one.
    day: date


@dataclass(frozen=True, slots=True)
class Search:
    """Finds stored events over one connection."""

    cursor: Any
    memory: Memory
    limits: Limits

    def look_up(self, group: AppGroup, marks: list[int], now_us: int) -> Seen:
        """Late events, and those that are suspected of being stored today. `now_us`: since 1970."""
        today = Partition(datetime.fromtimestamp(now_us / 1_000_000, UTC).date())
        known = self._late(group, today)
        distrust = self.memory.distrust
        distrusted = group.app_id in distrust
        suspects = group.identities if distrusted else self.memory.recent.suspects(group.identities, marks)
        found = self.in_partition(group.app_id, suspects, today)
        if distrusted:
            distrust.note(group.app_id, collided=bool(found))
        return Seen({**known, **found}, today.day)

    def in_partition(
        self, app_id: int, identities: list[Identity], partition: Partition
    ) -> dict[Identity, int]:
        """Those that are stored in one partition."""
        return self._find(app_id, identities, Span(to_us(partition.start), to_us(partition.end)))

    def undated(self, group: AppGroup, received_us: int, today: Partition) -> dict[Identity, int]:
        """Events without a time that were received before today, as far back as they are compared."""
        keys = [key for key in group.identities if key[0] is None]
        span = Span(received_us - self.limits.undated_window_us, to_us(today.start))
        return self._find(group.app_id, keys, span)

    def _late(self, group: AppGroup, today: Partition) -> dict[Identity, int]:
        """Dated events that may have been received before today."""
        limits, today_us = self.limits, to_us(today.start)
        late_us = today_us + limits.max_future_us
        if group.earliest_us is None or group.earliest_us >= late_us:
            return {}
        late = [key for key in group.identities if key[0] is not None and key[0] < late_us]
        oldest_us = today_us - limits.retention_us - limits.max_future_us - _DAY_US
        return self._find(group.app_id, late, Span(oldest_us, today_us))

    def _find(self, app_id: int, identities: list[Identity], span: Span) -> dict[Identity, int]:
        if not identities:
            return {}
        return find(self.cursor, app_id, identities, span, self.limits.max_future_us)
