"""Why an event is rejected, raised where it is found and caught once per event."""

from storage.reasons import Reason


class Refused(Exception):
    """The event cannot be stored as one. Permanent: it will not be when it is sent again unchanged."""

    def __init__(self, reason: Reason, **details: object) -> None:
        super().__init__(reason.message(**details))
        self.reason = reason

    @property
    def message(self) -> str:
        """For the producer: what is wrong, where, and how to mend it."""
        return str(self)
