"""The one table from what went wrong to the gRPC status that a producer gets.

Only statuses with RetryInfo ask for another try: OpenTelemetry's rule for RESOURCE_EXHAUSTED, which we follow
for all.
"""

from dataclasses import dataclass

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from ingest_server import errors
from storage.errors import Unavailable

#: Metadata key in which clients look for google.rpc.Status (grpc-status's own constant is private).
DETAILS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class CallStatus:
    """How a call ends."""

    code: grpc.StatusCode
    message: str
    #: When to try again, in seconds; None: trying again unchanged is of no use.
    retry_seconds: float | None
    #: The same in a word, for metrics; never renamed.
    reason: str

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """google.rpc.RetryInfo, for those that are worth another try."""
        if self.retry_seconds is None:
            return ()
        retry_delay = Duration()
        retry_delay.FromNanoseconds(int(self.retry_seconds * 1e9))
        status = Status(code=self.code.value[0], message=self.message)
        status.details.add().Pack(RetryInfo(retry_delay=retry_delay))
        return ((DETAILS_KEY, status.SerializeToString()),)


@dataclass(frozen=True, slots=True)
class _Rule:
    code: grpc.StatusCode
    reason: str
    retry_seconds: float | None = None
    #: Instead of the error's own message, which is not for producers.
    message: str | None = None


_TABLE: dict[type[Exception], _Rule] = {
    errors.Unauthenticated: _Rule(grpc.StatusCode.UNAUTHENTICATED, "unauthenticated"),
    errors.BadMetadata: _Rule(grpc.StatusCode.INVALID_ARGUMENT, "bad_metadata"),
    errors.EnvelopeUnreadable: _Rule(grpc.StatusCode.INVALID_ARGUMENT, "envelope_unreadable"),
    errors.TooManyEvents: _Rule(grpc.StatusCode.INVALID_ARGUMENT, "too_many_events"),
    errors.MessageTooLarge: _Rule(grpc.StatusCode.RESOURCE_EXHAUSTED, "message_too_large"),
    # The error says when.
    errors.RateExceeded: _Rule(grpc.StatusCode.RESOURCE_EXHAUSTED, "rate_exceeded"),
    errors.TooManyStreams: _Rule(grpc.StatusCode.RESOURCE_EXHAUSTED, "too_many_streams", retry_seconds=5),
    errors.TooManyStreamsOfApp: _Rule(
        grpc.StatusCode.RESOURCE_EXHAUSTED, "too_many_streams_of_app", retry_seconds=5
    ),
    errors.TooManyUnknownKeys: _Rule(grpc.StatusCode.UNAVAILABLE, "too_many_unknown_keys", retry_seconds=1),
    errors.AcksUnread: _Rule(grpc.StatusCode.RESOURCE_EXHAUSTED, "acks_unread", retry_seconds=1),
    errors.MessageOverdue: _Rule(grpc.StatusCode.DEADLINE_EXCEEDED, "message_overdue", retry_seconds=1),
    errors.Overloaded: _Rule(grpc.StatusCode.UNAVAILABLE, "overloaded", retry_seconds=1),
    errors.Draining: _Rule(grpc.StatusCode.UNAVAILABLE, "draining", retry_seconds=0.5),
    Unavailable: _Rule(
        grpc.StatusCode.UNAVAILABLE,
        "database_away",
        retry_seconds=1,
        message="The database cannot take events now: send what was not acknowledged again",
    ),
    Exception: _Rule(
        grpc.StatusCode.INTERNAL,
        "internal",
        message="The server failed on this call: its log says why; tell those who run it",
    ),
}

#: All that a call may end with, for metrics.
REASONS = tuple(rule.reason for rule in _TABLE.values())
STATUSES = tuple(
    sorted(
        {
            code.name
            for code in (
                grpc.StatusCode.OK,
                grpc.StatusCode.CANCELLED,
                *(rule.code for rule in _TABLE.values()),
            )
        }
    )
)


def status_of(error: Exception) -> CallStatus:
    """The status of any error; of one that the table does not name, INTERNAL without its message."""
    rule = next(_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE)
    message = str(error) if rule.message is None else rule.message
    retry_seconds = error.retry_seconds if isinstance(error, errors.RateExceeded) else rule.retry_seconds
    return CallStatus(rule.code, message, retry_seconds, rule.reason)


def is_named(kind: type[Exception]) -> bool:
    """Whether the table has a line of its own for this kind of error."""
    return kind in _TABLE
