"""What ends a call, by what the producer can do about it. The messages are for the producer.

What is wrong with one event is no error of the call: see refusal.py.
"""


class IngestError(Exception):
    """Base of all errors that this room raises to end a call; status.py gives each its gRPC status."""


class Unauthenticated(IngestError):
    """The call's key is missing, unknown or revoked. Says no more: it would help to guess keys."""

    def __init__(self) -> None:
        super().__init__(
            "The API key is missing, unknown or revoked:"
            " send the metadata `authorization: Bearer <key>` with a key that `lvd key list` shows as active"
        )


class BadMetadata(IngestError):
    """The call asks for something that does not exist. Permanent."""


class EnvelopeUnreadable(IngestError):
    """The message is no EventBatch. Permanent: it will not be one when sent again."""

    def __init__(self) -> None:
        super().__init__("The message is no livevalidation.v1.EventBatch: build it with the generated stubs")


class TooManyEvents(IngestError):
    """The batch holds more events than a message may. Permanent: it must be sent in parts."""

    def __init__(self, received: int, limit: int) -> None:
        super().__init__(
            f"The batch holds {received} events, at most {limit} are taken: send it in smaller ones"
        )


class MessageTooLarge(IngestError):
    """The message holds more bytes than one may. Permanent: it must be sent in parts.

    Told here up to twice the limit; beyond it gRPC refuses the message unread, with the same status.
    """

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"The message is {size} bytes long, at most {limit} are taken: send smaller batches")


class RateExceeded(IngestError):
    """The app sends more events than it may. Retryable, after `retry_seconds`."""

    def __init__(self, per_second: int, retry_seconds: float) -> None:
        super().__init__(
            f"The app sends more than {per_second} events per second, the most that this server takes of one:"
            " send what was not acknowledged again, after the time that RetryInfo tells"
        )
        self.retry_seconds = retry_seconds


class TooManyStreams(IngestError):
    """As many streams are open as the server serves. Retryable, best on another server."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit} streams are open, the most that this server serves: send over fewer, or try again later"
        )


class TooManyStreamsOfApp(IngestError):
    """The app has as many streams open as it may. Retryable, once others of it have ended."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The app has {limit} streams open, the most that this server serves of one: send over fewer, or"
            " try again later"
        )


class TooManyUnknownKeys(IngestError):
    """As many calls wait for their keys to be looked up as may. Retryable: known keys never wait."""

    def __init__(self) -> None:
        super().__init__("The server checks too many unknown keys now: try again later")


class AcksUnread(IngestError):
    """The producer sends and does not read its acks. Retryable, once it reads them."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"An ack was not read for {seconds:g} s: read acks while sending")


class MessageOverdue(IngestError):
    """The message of a unary call did not come in time. Retryable."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The message was not complete after {seconds:g} s: send it again, or in smaller ones"
        )


class Draining(IngestError):
    """The server is about to stop. Retryable: what was not acknowledged must be sent again."""

    def __init__(self) -> None:
        super().__init__("The server is stopping: send what was not acknowledged again")


class Overloaded(IngestError):
    """There was no room for a single batch in time. Retryable."""

    def __init__(self) -> None:
        super().__init__("The server is busy: send what was not acknowledged again")
