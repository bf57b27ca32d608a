"""How a client sends: one settings object, checked when it is made."""

from dataclasses import dataclass
from typing import Literal, get_args

import grpc

from livevalidation.event import MAX_EVENT_BYTES

#: For which events acks carry a verdict: none, those that are not `valid`, or all.
VerdictDetail = Literal["none", "problems", "all"]
#: What `send` does when too much is unanswered: wait, or drop the event that is being sent and count it.
WhenFull = Literal["block", "drop_newest"]

#: A server's limit of events in a batch.
MAX_BATCH_EVENTS = 5_000
#: The longest that is meant to pass by itself; gRPC counts its share in 32 bits of milliseconds. Seconds.
_WEEK = 7 * 24 * 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Raises ValueError, naming the field, if a value cannot work. Times are in seconds, at most a week where
    nothing else is said.
    """

    verdicts: VerdictDetail = "problems"
    #: For TLS: `tls_credentials(...)`. None: plain text.
    credentials: grpc.ChannelCredentials | None = None

    #: Events in a batch, at most MAX_BATCH_EVENTS.
    batch_size: int = 500
    #: Bytes of the events in a batch, at most MAX_EVENT_BYTES. A single larger event goes alone.
    max_batch_bytes: int = 2 * 1024 * 1024
    #: How long an event waits for others to fill its batch.
    linger: float = 0.05
    #: Batches sent and not yet acknowledged.
    max_in_flight: int = 8

    #: Events, and their bytes, that `send` took and that are not yet answered: so memory is bounded.
    max_unanswered_events: int = 20_000
    max_unanswered_bytes: int = 32 * 1024 * 1024
    when_full: WhenFull = "block"

    #: The n-th retry in a row waits between 0 and min(max, initial * 2**(n - 1)), drawn evenly.
    initial_backoff: float = 0.1
    max_backoff: float = 2.0
    #: Give up when nothing was acknowledged for so long after the first failure. None, infinity: never.
    give_up_after: float | None = None
    #: A stream that leaves batches without an ack for so long is cancelled and opened anew.
    ack_timeout: float = 60.0
    #: `close` gives what is under way so long. Infinity: as long as it takes.
    close_timeout: float = 30.0
    #: An idle connection is probed so often. Servers punish pings more often than every 300 s by default.
    keepalive: float = 330.0

    def __post_init__(self) -> None:
        _check_choice("verdicts", self.verdicts, get_args(VerdictDetail))
        _check_choice("when_full", self.when_full, get_args(WhenFull))
        _check_range("batch_size", self.batch_size, 1, MAX_BATCH_EVENTS)
        _check_range("max_batch_bytes", self.max_batch_bytes, 1, MAX_EVENT_BYTES)
        _check_range("max_in_flight", self.max_in_flight, 1, None)
        _check_range("max_unanswered_events", self.max_unanswered_events, 1, None)
        # Less could never take the largest event.
        _check_range("max_unanswered_bytes", self.max_unanswered_bytes, MAX_EVENT_BYTES, None)
        _check_range("linger", self.linger, 0, _WEEK)
        _check_range("close_timeout", self.close_timeout, 0, None)
        for name in ("initial_backoff", "max_backoff", "ack_timeout", "keepalive"):
            _check_range(name, getattr(self, name), 0.001, _WEEK)
        if self.give_up_after is not None:
            _check_range("give_up_after", self.give_up_after, 0, None)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; use one of {', '.join(choices)}.")


def _check_range(name: str, value: object, least: float, most: float | None) -> None:
    if not isinstance(value, int | float):
        raise ValueError(f"{name} is {value!r}; it must be a number.")
    # Written so that NaN fails.
    if not (value >= least and (most is None or value <= most)):
        limit = f"at least {least:,}" if most is None else f"between {least:,} and {most:,}"
        raise ValueError(f"{name} is {value:,}; it must be {limit}.")
