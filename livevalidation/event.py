"""What a producer says: events, and the program that they come from."""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from livevalidation.errors import EventTooLarge, InvalidEvent
from livevalidation.v1 import ingest_pb2

#: Longest name, id, subject, run or source field that a server takes, in bytes of UTF-8.
MAX_LABEL_BYTES = 256
#: Largest message that a server takes.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
#: Largest event that fits into a message beside the batch's source, run and number. (A server rejects
#: payloads above 1 MiB one by one; this is the limit of what can be carried to it.)
MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 8 * 1024


def _new_id() -> str:
    return str(uuid4())


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """One named occurrence. Its id and time are stamped once, here, so that every retry carries the same."""

    #: As in the tracking plan: `Order Completed`.
    name: str
    #: A JSON object: as a dict, or as its bytes in UTF-8, which are stored as they are. In a dict, NaN and
    #: the infinities become null.
    payload: dict[str, Any] | bytes
    #: None: no id; the event's identity is taken from its content.
    event_id: str | None = field(default_factory=_new_id, kw_only=True)
    #: With a time zone. None: not known.
    occurred_at: datetime | None = field(default_factory=_now, kw_only=True)
    #: The user or device that the event is about.
    subject: str = field(default="", kw_only=True)

    def encode(self) -> ingest_pb2.Event:
        """The event as a message. Raises InvalidEvent if it cannot be one."""
        try:
            message = ingest_pb2.Event(
                event_id="" if self.event_id is None else self.event_id,
                name=self.name,
                subject=self.subject,
                payload_json=self.payload if isinstance(self.payload, bytes) else orjson.dumps(self.payload),
            )
        except (TypeError, ValueError) as error:
            raise InvalidEvent(f"Event {self.name!r} cannot be sent: {error}.") from error
        if self.occurred_at is not None:
            self._stamp(message, self.occurred_at)
        return checked_size(message)

    def _stamp(self, message: ingest_pb2.Event, occurred_at: object) -> None:
        if not isinstance(occurred_at, datetime):
            raise InvalidEvent(
                f"Event {self.name!r}: occurred_at is of type {type(occurred_at).__name__}; give a datetime "
                "with a time zone, like datetime.now(timezone.utc)."
            )
        if occurred_at.tzinfo is None:
            raise InvalidEvent(
                f"Event {self.name!r}: occurred_at has no time zone; use datetime.now(timezone.utc)."
            )
        try:
            message.occurred_at.FromDatetime(occurred_at)
        except (OverflowError, ValueError) as error:
            raise InvalidEvent(f"Event {self.name!r}: occurred_at is out of range: {error}.") from error


def checked_size(message: object) -> ingest_pb2.Event:
    """The message itself. Raises InvalidEvent if it is none, EventTooLarge if no batch can carry it."""
    if not isinstance(message, ingest_pb2.Event):
        raise InvalidEvent(f"A {type(message).__name__} cannot be sent; give an Event.")
    size = message.ByteSize()
    if size > MAX_EVENT_BYTES:
        raise EventTooLarge(
            f"Event {message.name[:MAX_LABEL_BYTES]!r} takes {size:,} bytes; a message carries at most "
            f"{MAX_EVENT_BYTES:,}. Make its payload smaller."
        )
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The program that sends; "" where nothing is known. Each field is at most 256 bytes of UTF-8."""

    #: Name and version of the sending library.
    sdk: str = ""
    #: Version of the tracked application: `4.2.0`.
    app_version: str = ""
    #: `ios`, `android`, `web`, `backend`.
    platform: str = ""
    #: `production`, `staging`.
    environment: str = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            check_label(f"Source.{each.name}", getattr(self, each.name))

    def encode(self) -> ingest_pb2.Source:
        return ingest_pb2.Source(
            sdk=self.sdk,
            app_version=self.app_version,
            platform=self.platform,
            environment=self.environment,
        )


def check_label(what: str, value: object) -> None:
    """Raises ValueError if a server would not take `value`."""
    if not isinstance(value, str):
        raise ValueError(f"{what} is {value!r}; it must be a text.")
    size = len(value.encode())
    if size > MAX_LABEL_BYTES:
        raise ValueError(f"{what} takes {size} bytes of UTF-8; at most {MAX_LABEL_BYTES} are allowed.")
