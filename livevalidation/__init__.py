"""Send events to a Live Validation server, and learn what each was told.

Client is for applications, SpooledClient for those whose events must outlive a restart; send_batches is for
tools that have all their events at hand.
"""

from livevalidation.batching import batches_of
from livevalidation.channel import open_channel
from livevalidation.client import Client, Stats
from livevalidation.errors import (
    ClientClosed,
    ContractBroken,
    EventTooLarge,
    GaveUp,
    InvalidEvent,
    LiveValidationError,
    QueueFull,
    Refused,
    SendFailed,
    SpoolUnusable,
    Undelivered,
)
from livevalidation.event import Event, Source
from livevalidation.options import Options
from livevalidation.results import (
    BatchResult,
    Counts,
    EventResult,
    Rejection,
    Verdict,
    Violation,
    counts_of,
    read_ack,
)
from livevalidation.sender import send_batches
from livevalidation.spooled_client import SpooledClient, SpoolStats
from livevalidation.tls import tls_credentials

__all__ = [
    "BatchResult",
    "Client",
    "ClientClosed",
    "ContractBroken",
    "Counts",
    "Event",
    "EventResult",
    "EventTooLarge",
    "GaveUp",
    "InvalidEvent",
    "LiveValidationError",
    "Options",
    "QueueFull",
    "Refused",
    "Rejection",
    "SendFailed",
    "Source",
    "SpoolStats",
    "SpoolUnusable",
    "SpooledClient",
    "Stats",
    "Undelivered",
    "Verdict",
    "Violation",
    "batches_of",
    "counts_of",
    "open_channel",
    "read_ack",
    "send_batches",
    "tls_credentials",
]
