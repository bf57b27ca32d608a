"""Which failures are worth a retry, and when."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from random import SystemRandom
from types import MappingProxyType
from typing import cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from livevalidation.errors import GaveUp, Refused
from livevalidation.options import Options
from livevalidation.tls import meaning_of


class Disposition(Enum):
    """What a status asks of the client."""

    RETRY = auto()
    #: Only if the server says when, by google.rpc.RetryInfo.
    RETRY_IF_TOLD = auto()
    GIVE_UP = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    disposition: Disposition
    #: For the person who reads the error; "" where it is retried.
    remedy: str = ""


_RETRY = Rule(Disposition.RETRY)

#: Every status of gRPC. As the server drops duplicates, a retry is harmless; so only what a retry cannot mend
#: is given up. OK stands for a stream that ended before every batch was acknowledged, as a server does that
#: is going down.
RULES: Mapping[grpc.StatusCode, Rule] = MappingProxyType(
    {
        grpc.StatusCode.OK: _RETRY,
        grpc.StatusCode.CANCELLED: _RETRY,
        grpc.StatusCode.UNKNOWN: _RETRY,
        grpc.StatusCode.DEADLINE_EXCEEDED: _RETRY,
        grpc.StatusCode.NOT_FOUND: _RETRY,
        grpc.StatusCode.ALREADY_EXISTS: _RETRY,
        grpc.StatusCode.FAILED_PRECONDITION: _RETRY,
        grpc.StatusCode.ABORTED: _RETRY,
        grpc.StatusCode.OUT_OF_RANGE: _RETRY,
        grpc.StatusCode.INTERNAL: _RETRY,
        grpc.StatusCode.UNAVAILABLE: _RETRY,
        grpc.StatusCode.DATA_LOSS: _RETRY,
        grpc.StatusCode.RESOURCE_EXHAUSTED: Rule(
            Disposition.RETRY_IF_TOLD, "Send smaller batches: lower batch_size or max_batch_bytes."
        ),
        grpc.StatusCode.INVALID_ARGUMENT: Rule(
            Disposition.GIVE_UP, "Check that client and server speak the same contract and limits."
        ),
        grpc.StatusCode.UNAUTHENTICATED: Rule(
            Disposition.GIVE_UP, "Check the API key; make a new one if it was revoked."
        ),
        grpc.StatusCode.PERMISSION_DENIED: Rule(
            Disposition.GIVE_UP, "Use an API key that may send events to this app."
        ),
        grpc.StatusCode.UNIMPLEMENTED: Rule(
            Disposition.GIVE_UP, "Check that the target is an ingest server, and of a fitting version."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a stream ended."""

    code: grpc.StatusCode
    details: str
    #: Seconds that the server asks to wait; None: it did not say.
    retry_after: float | None = None

    def __str__(self) -> str:
        text = f"{self.code.name}: {self.details}" if self.details else self.code.name
        meaning = meaning_of(self.details)
        return f"{text}; that is, {meaning}" if meaning else text


ENDED_EARLY = Failure(grpc.StatusCode.OK, "the server ended the stream")


def failure_of(error: grpc.RpcError) -> Failure:
    """The failure that a gRPC call raised."""
    call = cast(grpc.Call, error)  # The error that a call raises is the call itself.
    return Failure(call.code(), call.details() or "", _retry_after(call))


def _retry_after(call: grpc.Call) -> float | None:
    try:
        status = rpc_status.from_call(call)
    except (ValueError, DecodeError):
        return None  # Details that are no google.rpc.Status, like those of some proxies, ask for nothing.
    if status is None:
        return None
    info = error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info):
            nanoseconds: int = info.retry_delay.ToNanoseconds()
            return max(0.0, nanoseconds / 1e9)
    return None


_uniform = SystemRandom().uniform


class Retrying:
    """The retries in a row since the last progress."""

    def __init__(
        self,
        options: Options,
        *,
        clock: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = _uniform,
    ) -> None:
        self._options = options
        self._clock = clock
        self._uniform = uniform
        self._retries = 0
        self._failing_since: float | None = None

    def progress(self) -> None:
        """A batch was acknowledged: the next failure is the first one."""
        self._retries = 0
        self._failing_since = None

    def delay_after(self, failure: Failure) -> float:
        """Seconds until the next try. Raises Refused or GaveUp if there must be none.

        Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015), on top of
        what the server asked for: told the same delay, producers still come back spread out.
        """
        rule = RULES[failure.code]
        told = failure.retry_after is not None
        if rule.disposition is Disposition.GIVE_UP or (
            rule.disposition is Disposition.RETRY_IF_TOLD and not told
        ):
            raise Refused(failure.code, failure.details, rule.remedy)
        delay = (failure.retry_after or 0.0) + self._uniform(0.0, self._ceiling())
        self._check_patience(failure, delay)
        self._retries += 1
        return delay

    def _ceiling(self) -> float:
        # 2**60 is beyond any cap; much larger exponents overflow.
        return min(self._options.max_backoff, self._options.initial_backoff * 2.0 ** min(self._retries, 60))

    def _check_patience(self, failure: Failure, delay: float) -> None:
        now = self._clock()
        if self._failing_since is None:
            self._failing_since = now
        patience = self._options.give_up_after
        if patience is not None and now + delay - self._failing_since > patience:
            raise GaveUp(
                f"No batch was acknowledged within {patience:g} s of retries; the last failure: {failure}. "
                "Check that the server runs at this target, or raise give_up_after."
            )
