"""What can go wrong when events are sent.

Problems of one event (InvalidEvent), of everything that is sent (SendFailed) and of this client's own state
(QueueFull, ClientClosed, Undelivered) are different types. What is worth a retry is retried, not raised.
"""

from collections.abc import Sequence

import grpc

from livevalidation.v1 import ingest_pb2


class LiveValidationError(Exception):
    """Any error of this package."""


class InvalidEvent(LiveValidationError):
    """The event cannot be put into a message; nothing of it was sent."""


class EventTooLarge(InvalidEvent):
    """The event alone is larger than a message may be."""


class SendFailed(LiveValidationError):
    """Nothing more can be sent; what was not acknowledged may or may not be stored."""


class Refused(SendFailed):
    """The server refused the stream with a status that a retry cannot change."""

    def __init__(self, code: grpc.StatusCode, details: str, remedy: str) -> None:
        super().__init__(f"The server refused the events: {code.name}: {details or 'no details'}. {remedy}")
        self.code = code
        self.details = details


class GaveUp(SendFailed):
    """No batch was acknowledged for `give_up_after` seconds, whatever was retried."""


class ContractBroken(SendFailed):
    """The server's answer is not the one that the contract promises."""


class QueueFull(LiveValidationError):
    """The event was dropped: too much was unanswered, and the policy is `drop_newest`."""


class SpoolUnusable(LiveValidationError):
    """The file in which events are to wait cannot be used."""


class ClientClosed(LiveValidationError):
    """The client was closed, or belongs to another process."""


class Undelivered(LiveValidationError):
    """The client was closed before these events were acknowledged; each may or may not be stored.

    To send them again, as they are, is safe: what was stored is answered `duplicate`.
    """

    def __init__(self, events: Sequence[ingest_pb2.Event]) -> None:
        super().__init__(
            f"{len(events)} events were not acknowledged before the client was closed. Send `.events` again, "
            "or give close() more time."
        )
        #: In the order in which they were sent.
        self.events = tuple(events)
