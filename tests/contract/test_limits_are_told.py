"""Each limit that can be set has its own answer: a status with words and metric, or a rejection's reason."""

from pathlib import Path

from ingest_server import errors
from ingest_server.errors import IngestError
from ingest_server.settings import IngestSettings
from ingest_server.status import STATUSES, status_of
from storage.errors import Unavailable
from storage.reasons import Reason

#: Limits of a call: setting → the error that ends it.
OF_CALLS: dict[str, IngestError] = {
    "max_message_bytes": errors.MessageTooLarge(2, 1),
    "max_events_per_batch": errors.TooManyEvents(2, 1),
    "max_streams": errors.TooManyStreams(1),
    "app_streams": errors.TooManyStreamsOfApp(1),
    "ack_timeout": errors.AcksUnread(1.0),
    "app_events_per_second": errors.RateExceeded(1, 1.0),
}
#: Limits of an event: setting → why it is rejected.
OF_EVENTS: dict[str, Reason] = {
    "max_payload_bytes": Reason.PAYLOAD_TOO_LARGE,
    "max_payload_depth": Reason.PAYLOAD_TOO_DEEP,
    "max_payload_keys": Reason.PAYLOAD_TOO_MANY_KEYS,
}
#: Limits that hold a producer back without a word, by not reading from it or not opening its stream yet.
HOLD_BACK = {"max_streams_per_connection", "max_unread_acks", "stream_bytes", "app_bytes", "process_bytes"}


def test_every_limit_has_its_answer() -> None:
    limits = {name for name in IngestSettings.model_fields if name.startswith("max_")}
    assert limits <= OF_CALLS.keys() | OF_EVENTS.keys() | HOLD_BACK


def test_every_setting_is_there() -> None:
    assert OF_CALLS.keys() | OF_EVENTS.keys() | HOLD_BACK <= IngestSettings.model_fields.keys()


def test_no_two_limits_say_the_same() -> None:
    statuses = [status_of(error) for error in OF_CALLS.values()]
    assert len({status.reason for status in statuses}) == len(statuses)
    assert len({status.message for status in statuses}) == len(statuses)
    assert len(set(OF_EVENTS.values())) == len(OF_EVENTS)


def test_every_end_has_a_word_of_its_own_for_metrics() -> None:
    ends: list[Exception] = [
        *OF_CALLS.values(),
        errors.Unauthenticated(),
        errors.BadMetadata(""),
        errors.EnvelopeUnreadable(),
        errors.Overloaded(),
        errors.MessageOverdue(1.0),
        errors.TooManyUnknownKeys(),
        errors.Draining(),
        Unavailable(""),
        RuntimeError(),
    ]
    kinds = set(IngestError.__subclasses__())
    assert kinds <= {type(error) for error in ends}
    assert len({status_of(error).reason for error in ends}) == len(ends)


def test_the_contract_says_of_every_status_whether_to_retry() -> None:
    contract = Path(__file__).parents[2] / "proto" / "livevalidation" / "v1" / "ingest.proto"
    told, _, _ = contract.read_text(encoding="utf-8").partition("service IngestService")
    for status in set(STATUSES) - {"OK", "CANCELLED"}:
        assert status in told
    assert "RESOURCE_EXHAUSTED with RetryInfo" in told
