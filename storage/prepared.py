"""One app's group with all that needs no lock done: its rows, the likely decision, and what that adds up to.

While a ledger is locked no other writer of the app goes on, and Postgres waits for us: whatever can be worked
out beforehand is.
"""

from dataclasses import dataclass

from storage.memory import RecentIdentities
from storage.settle import AppGroup
from storage.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class PreparedGroup:
    """A group that only waits for its app's ledger."""

    group: AppGroup
    #: What RecentIdentities remembers of its events.
    marks: list[int]
    _likely: Tally

    @classmethod
    def of(cls, group: AppGroup) -> "PreparedGroup":
        """For a group that has all its submissions."""
        group.prepare()
        return cls(group, RecentIdentities.marks(group.app_id, group.identities), tally(group))

    def counts(self) -> Tally:
        """What the group adds to the rollups, as it is settled now."""
        return self._likely if self.group.is_as_prepared else tally(self.group)
