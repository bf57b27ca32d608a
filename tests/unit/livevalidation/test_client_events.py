"""Events: stamped once, encoded as the contract says, or refused with the reason."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from livevalidation.channel import metadata
from livevalidation.errors import EventTooLarge, InvalidEvent
from livevalidation.event import MAX_EVENT_BYTES, Event, Source, check_label, checked_size
from livevalidation.options import Options


def wrong(value: object) -> Any:
    """Of another type than is asked for, as no type checker looks at every caller."""
    return value


def test_id_and_time_are_stamped_once_when_the_event_is_made() -> None:
    before = datetime.now(UTC)
    event = Event("Order Completed", {"total": 1})
    first, second = event.encode(), event.encode()
    assert first == second
    assert UUID(first.event_id).version == 4
    assert before <= first.occurred_at.ToDatetime(UTC) <= datetime.now(UTC)
    assert Event("Order Completed", {}).event_id != event.event_id


def test_none_leaves_id_and_time_out() -> None:
    message = Event("a", {}, event_id=None, occurred_at=None).encode()
    assert message.event_id == ""
    assert not message.HasField("occurred_at")


def test_fields_arrive_as_given() -> None:
    time = datetime(2024, 2, 29, 12, 0, 0, 123456, UTC)
    message = Event("a", {"é": [1, 1.0]}, event_id="e1", occurred_at=time, subject="user-7").encode()
    assert (message.name, message.event_id, message.subject) == ("a", "e1", "user-7")
    assert message.payload_json == '{"é":[1,1.0]}'.encode()
    assert message.occurred_at.ToDatetime(UTC) == time
    assert Event("a", {}, occurred_at=datetime(1970, 1, 1, tzinfo=UTC)).encode().HasField("occurred_at")


def test_bytes_are_taken_as_they_are() -> None:
    raw = b'{ "b": 1e2, "a": \xff }'
    assert Event("a", raw).encode().payload_json == raw


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Event("a", {"at": object()}), "not JSON serializable"),
        (Event("a", {"n": 2**64}), "64-bit"),
        (Event("\ud800", {}), "surrogates"),
        (Event("a", {}, subject="\ud800"), "surrogates"),
        (Event("a", {}, occurred_at=datetime(2024, 1, 1)), "no time zone"),  # noqa: DTZ001
        (Event("a", {}, occurred_at=wrong("2024-01-01T00:00:00Z")), "is of type str; give a datetime"),
        (Event("a", {}, occurred_at=wrong(1704067200.5)), "is of type float; give a datetime"),
        (
            Event("a", {}, occurred_at=datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
            "out of range",
        ),
        (Event("a", {}, event_id=wrong(0)), "cannot be sent"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(event: Event, reason: str) -> None:
    with pytest.raises(InvalidEvent, match=reason):
        event.encode()


def test_an_event_that_no_message_carries_is_refused() -> None:
    with pytest.raises(EventTooLarge, match=r"'Big' takes 4,\d{3},\d{3} bytes.*Make its payload smaller"):
        Event("Big", b"x" * MAX_EVENT_BYTES).encode()


def test_source_labels_are_bounded_in_bytes() -> None:
    Source(sdk="é" * 128)
    with pytest.raises(ValueError, match=r"Source\.platform takes 258 bytes"):
        Source(platform="é" * 129)


@pytest.mark.parametrize("key", ["", "lvd_1\n", "lvd 1", "clé"])
def test_a_key_that_no_header_carries_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="API key is empty, or holds") as raised:
        metadata(key, "all")
    assert not key or key.strip() not in str(raised.value)


def test_times_of_other_zones_are_the_same_instant() -> None:
    time: Any = datetime.fromisoformat("2024-01-01T02:00:00+02:00")
    message = Event("a", {}, occurred_at=time).encode()
    assert message.occurred_at.ToDatetime(UTC) == datetime(2024, 1, 1, tzinfo=UTC)
    assert time.utcoffset() == timedelta(hours=2)


def test_what_is_of_another_type_is_told_by_its_name() -> None:
    """As of os.environ.get("VERSION"), where that is not set."""
    for make, told in (
        (lambda: Source(app_version=wrong(None)), r"Source\.app_version is None; it must be a text"),
        (lambda: check_label("run_id", 7), "run_id is 7; it must be a text"),
        (lambda: Options(batch_size=wrong("500")), "batch_size is '500'; it must be a number"),
        (lambda: metadata(b"lvd_1", "all"), "The API key is no text"),
    ):
        with pytest.raises(ValueError, match=told):
            make()
    with pytest.raises(InvalidEvent, match="A dict cannot be sent; give an Event"):
        checked_size({"name": "a"})
