"""Every error has a gRPC status, and no internals in its message."""

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from ingest_server import errors
from ingest_server.status import is_named, status_of
from storage.errors import StorageError, Unavailable


def _kinds(base: type[Exception]) -> list[type[Exception]]:
    return [kind for sub in base.__subclasses__() for kind in (sub, *_kinds(sub))]


@pytest.mark.parametrize("kind", _kinds(errors.IngestError))
def test_the_table_is_total(kind: type[Exception]) -> None:
    assert is_named(kind)


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (errors.Unauthenticated(), grpc.StatusCode.UNAUTHENTICATED, False),
        (errors.EnvelopeUnreadable(), grpc.StatusCode.INVALID_ARGUMENT, False),
        (errors.TooManyEvents(9, 5), grpc.StatusCode.INVALID_ARGUMENT, False),
        (errors.MessageTooLarge(9, 5), grpc.StatusCode.RESOURCE_EXHAUSTED, False),
        (errors.RateExceeded(9, 0.5), grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (errors.TooManyStreams(3), grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (errors.AcksUnread(1.0), grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (errors.Draining(), grpc.StatusCode.UNAVAILABLE, True),
        (Unavailable("SQLSTATE 57P01"), grpc.StatusCode.UNAVAILABLE, True),
        (KeyError("secret"), grpc.StatusCode.INTERNAL, False),
        (StorageError("secret"), grpc.StatusCode.INTERNAL, False),
    ],
)
def test_statuses_and_whether_they_ask_for_another_try(
    error: Exception, code: grpc.StatusCode, retryable: bool
) -> None:
    status = status_of(error)
    assert status.code is code
    assert (status.retry_seconds is not None) is retryable
    assert bool(status.trailing_metadata()) is retryable
    assert "secret" not in status.message
    assert "SQLSTATE" not in status.message


def test_retry_info_travels_as_google_rpc_status() -> None:
    ((key, raw),) = status_of(Unavailable("gone")).trailing_metadata()
    status, info = Status.FromString(raw), RetryInfo()
    assert key == "grpc-status-details-bin"
    assert status.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert status.details[0].Unpack(info)
    assert info.retry_delay.ToMilliseconds() == 1_000
