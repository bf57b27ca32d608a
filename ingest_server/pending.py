"""A batch on its way from the wire to its ack."""

from collections.abc import Callable
from dataclasses import dataclass

from storage.model import Outcome, Submission


@dataclass(slots=True, eq=False)
class Pending:
    """A judged batch that waits to be committed."""

    #: The EventBatch as it was read: after a change of the plan judging starts anew from it.
    message: bytes
    #: The producer's number for it.
    batch_id: int
    #: Replaced when it is judged anew.
    submission: Submission
    #: Estimated memory of it all, in bytes.
    weight: int
    #: Monotonic clock, in seconds.
    offered_at: float
    #: Called once, with what became of it: after COMMIT, or with the error for which it was not committed.
    settle: Callable[["Pending", Outcome | Exception], None]

    @property
    def app_id(self) -> int:
        return self.submission.app_id

    @property
    def events(self) -> int:
        """Events received, the rejected ones too."""
        return self.submission.received

    @property
    def size(self) -> int:
        """Bytes of the message."""
        return len(self.message)
