"""What an event is told: the verdicts, in the order in which they are counted and shown."""

from enum import IntEnum


class Verdict(IntEnum):
    """The judgement of one event. The numbers are stored in Postgres: never reuse or change one."""

    VALID = 0
    INVALID = 1
    UNPLANNED = 2
    DUPLICATE = 3
    REJECTED = 4
    #: A rejection of its own count: same identity as a stored event, another content.
    ID_CONFLICT = 5

    @property
    def word(self) -> str:
        """The verdict as acks, screens and files name it: an id conflict is a kind of `rejected`."""
        return "rejected" if self is Verdict.ID_CONFLICT else self.name.lower()


#: Verdicts of events that are stored as rows and numbered by seq.
STORED = (Verdict.VALID, Verdict.INVALID, Verdict.UNPLANNED)
