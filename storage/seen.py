"""Looks up which events of a group are stored already, as far as that can be known before the lock.

An event that is found stays stored, so finding it needs no lock. One that is not found may be stored a moment
later, but only where events arrive now: into the partition of the day. What is searched in older ones holds
once an arrival of that day is committed: arrival times of an app never decrease, so whoever received the day
before has committed, too. Until then, just behind midnight, it is searched again under the lock.
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
    #: Whether nothing could be added to those any more when they were searched.
    is_final: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Finds stored events over one connection."""

    cursor: Any
    memory: Memory
    limits: Limits

    def look_up(self, group: AppGroup, marks: list[int], received_us: int, clock_us: int) -> Seen:
        """Late events, and those that are suspected of being stored today.

        `received_us`: when they arrive, `clock_us`: Postgres's clock, which may have been set back since the
        app's last arrival; both in microseconds since 1970, and by any good clock before the lock.
        """
        today = Partition(datetime.fromtimestamp(received_us / 1_000_000, UTC).date())
        # Asked before the search: what is committed meanwhile may be missed by it.
        is_final = self.memory.arrived.get(group.app_id) == today.day
        known = self._late(group, today, clock_us)
        distrust = self.memory.distrust
        distrusted = group.app_id in distrust
        suspects = group.identities if distrusted else self.memory.recent.suspects(group.identities, marks)
        found = self.in_partition(group.app_id, suspects, today)
        if distrusted:
            distrust.note(group.app_id, collided=bool(found))
        return Seen({**known, **found}, today.day, is_final)

    def in_partition(
        self, app_id: int, identities: list[Identity], partition: Partition
    ) -> dict[Identity, int]:
        """Those that are stored in one partition."""
        return self._find(app_id, identities, Span(to_us(partition.start), to_us(partition.end)))

    def undated(self, group: AppGroup, clock_us: int, today: Partition) -> dict[Identity, int]:
        """Events without a time that were received before today, as far back as they are compared."""
        keys = [key for key in group.identities if key[0] is None]
        span = Span(clock_us - self.limits.undated_window_us, to_us(today.start))
        return self._find(group.app_id, keys, span)

    def _late(self, group: AppGroup, today: Partition, clock_us: int) -> dict[Identity, int]:
        """Dated events that may have been received before today.

        As far back as the clock accepts events: after it was ahead, arrivals stand far behind `today`.
        """
        limits, today_us = self.limits, to_us(today.start)
        late_us = today_us + limits.max_future_us
        if group.earliest_us is None or group.earliest_us >= late_us:
            return {}
        late = [key for key in group.identities if key[0] is not None and key[0] < late_us]
        oldest_us = min(today_us, clock_us) - limits.retention_us - limits.max_future_us - _DAY_US
        return self._find(group.app_id, late, Span(oldest_us, today_us))

    def _find(self, app_id: int, identities: list[Identity], span: Span) -> dict[Identity, int]:
        if not identities:
            return {}
        return find(self.cursor, app_id, identities, span)
