"""One app's group with all that needs no lock done: its rows, the likely decision, and what that adds up to.

While a ledger is locked no other writer of the app goes on, and Postgres waits for us: whatever can be worked
out beforehand is.
"""

from dataclasses import dataclass

from storage.memory import RecentIdentities
from storage.seen import Search, Seen
from storage.settle import AppGroup
from storage.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class PreparedGroup:
    """A group that only waits for its app's ledger."""

    group: AppGroup
    #: What RecentIdentities remembers of its events.
    marks: list[int]
    seen: Seen
    _likely: Tally

    @classmethod
    def of(cls, group: AppGroup, search: Search, now_us: int) -> "PreparedGroup":
        """For a group that has all its submissions; `now_us`: microseconds since 1970, by any good clock."""
        group.identify()
        marks = RecentIdentities.marks(group.app_id, group.identities)
        seen = search.look_up(group, marks, now_us, now_us)
        group.prepare(seen.known)
        return cls(group, marks, seen, tally(group))

    def counts(self) -> Tally:
        """What the group adds to the rollups, as it is settled now."""
        return self._likely if self.group.is_as_prepared else tally(self.group)
