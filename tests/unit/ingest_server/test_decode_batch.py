"""A batch's bytes to events, each by itself."""

from uuid import UUID

import pytest

from ingest_server.decode import DecodedBatch, decode_batch
from ingest_server.errors import TooManyEvents
from ingest_server.limits import DecodeLimits
from livevalidation.v1 import ingest_pb2
from storage.identity import canonical, content_hash, event_key
from storage.model import Source
from storage.reasons import Reason

LIMITS = DecodeLimits(max_events=10)
ID = "7f3d2c1b-0a4e-4b6d-9c8f-112233445566"


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a message."""
    assert len(value) < 128
    return bytes([number << 3 | 2, len(value)]) + value


def decode(*events: bytes | ingest_pb2.Event, **batch: bytes) -> DecodedBatch:
    """Decodes a batch made by hand; `batch` may give source and run_id as bytes."""
    numbers = {"source": 3, "run_id": 4}
    raws = [event if isinstance(event, bytes) else event.SerializeToString() for event in events]
    head = b"".join(field(numbers[name], value) for name, value in batch.items())
    return decode_batch(head + b"".join(field(2, raw) for raw in raws), LIMITS)


def event(**fields: str | bytes) -> ingest_pb2.Event:
    return ingest_pb2.Event(**{"name": "A", "payload_json": b"{}", **fields})  # type: ignore[arg-type]


def occurred_us_of(message: ingest_pb2.Event) -> int | None:
    return decode(message).events[0][4]


def only_rejection(*events: bytes | ingest_pb2.Event, **batch: bytes) -> tuple[str, str]:
    decoded = decode(*events, **batch)
    assert not decoded.events
    (rejection,) = decoded.rejections
    return rejection.code, rejection.message


def test_an_event_is_read_whole() -> None:
    message = event(name="Order Completed", event_id=ID, subject="user-1", payload_json=b'{"b":1,"a":2.0}')
    message.occurred_at.seconds, message.occurred_at.nanos = 1_700_000_000, 123_456_789

    batch = decode(message, source=ingest_pb2.Source(platform="ios").SerializeToString(), run_id=b"ci-7")

    same = canonical({"b": 1, "a": 2.0})
    assert (batch.received, batch.run_id, batch.source) == (1, "ci-7", Source(platform="ios"))
    assert batch.events == [
        (
            *(0, "Order Completed", "user-1", ID, 1_700_000_000_123_456),
            event_key(ID, "Order Completed", "user-1", "ci-7", same),
            content_hash("Order Completed", "user-1", same),
            b'{"b":1,"a":2.0}',
            {"b": 1, "a": 2.0},
            message.SerializeToString(),
        )
    ]


def test_what_is_not_given_is_none() -> None:
    _, _, subject, event_id, occurred_us, *_ = decode(event()).events[0]
    assert (subject, event_id, occurred_us) == (None, None, None)


def test_the_epoch_itself_is_a_time() -> None:
    message = event()
    message.occurred_at.SetInParent()
    assert occurred_us_of(message) == 0


def test_a_uuid_is_its_own_key() -> None:
    assert UUID(ID).bytes in decode(event(event_id=ID)).events[0]


def test_neighbours_of_a_bad_event_are_untouched() -> None:
    bad = field(2, b"B") + field(5, b"[1]")
    batch = decode(event(name="A"), bad, event(name="C"))
    assert [read[:2] for read in batch.events] == [(0, "A"), (2, "C")]
    (rejection,) = batch.rejections
    assert (rejection.position, rejection.name, rejection.raw) == (1, "B", bad)
    assert rejection.code == "payload_not_object"
    assert batch.received == 3


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "name_missing"),
        (field(2, b"A"), "payload_missing"),
        (field(2, b"A") + field(5, b""), "payload_not_json"),
        (field(2, b"\xff") + field(5, b"{}"), "text_not_utf8"),
        (field(1, b"\xff") + field(2, b"A") + field(5, b"{}"), "text_not_utf8"),
        (field(4, b"a\xc3") + field(2, b"A") + field(5, b"{}"), "text_not_utf8"),
        (field(2, b"A\0") + field(5, b"{}"), "text_has_nul"),
        (field(2, b"A") + b"\x12\x05ab", "event_not_readable"),
        (b"\x0b" * 120, "event_not_readable"),
        (field(2, b"A") + field(3, b"\xff"), "event_not_readable"),
        (field(2, b"A") + field(6, b"\xff"), "payload_not_struct"),
    ],
)
def test_a_bad_event_is_rejected_with_its_reason(raw: bytes, code: str) -> None:
    assert only_rejection(raw)[0] == code


@pytest.mark.parametrize("name", ["name", "event_id", "subject"])
def test_texts_have_at_most_256_bytes(name: str) -> None:
    limits = DecodeLimits()
    taken = ingest_pb2.EventBatch(events=[event(**{name: "é" * 128})])
    longer = ingest_pb2.EventBatch(events=[event(**{name: "é" * 128 + "."})])
    assert decode_batch(taken.SerializeToString(), limits).events
    (rejection,) = decode_batch(longer.SerializeToString(), limits).rejections
    assert rejection.code == "text_too_long"
    assert rejection.message.startswith(f"{name} is 257 bytes long")
    assert len(rejection.name.encode()) <= 256


@pytest.mark.parametrize(
    ("seconds", "nanos", "occurred_us"),
    [
        (-62_135_596_800, 0, -62_135_596_800_000_000),
        (253_402_300_799, 999_999_999, 253_402_300_799_999_999),
        (-1, 999_999_999, -1),
        (0, 999, 0),
    ],
)
def test_times_of_the_years_1_to_9999_are_cut_to_microseconds(
    seconds: int, nanos: int, occurred_us: int
) -> None:
    message = event()
    message.occurred_at.seconds, message.occurred_at.nanos = seconds, nanos
    assert occurred_us_of(message) == occurred_us


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [(-62_135_596_801, 0), (253_402_300_800, 0), (0, -1), (0, 1_000_000_000), (-(2**63), 0), (2**63 - 1, 0)],
)
def test_other_times_are_rejected(seconds: int, nanos: int) -> None:
    message = event()
    message.occurred_at.seconds, message.occurred_at.nanos = seconds, nanos
    assert only_rejection(message)[0] == "occurred_at_out_of_range"


@pytest.mark.parametrize(
    ("batch", "code", "hint"),
    [
        ({"run_id": b"\xff"}, "text_not_utf8", "run_id"),
        ({"run_id": b"a\0"}, "text_has_nul", "run_id"),
        ({"source": field(2, b"4.\xff")}, "text_not_utf8", "source.app_version"),
        ({"source": field(3, b"\0")}, "text_has_nul", "source.platform"),
        ({"source": b"\x0a\x05a"}, "source_not_readable", "source"),
    ],
)
def test_a_bad_source_or_run_rejects_every_event_of_the_batch(
    batch: dict[str, bytes], code: str, hint: str
) -> None:
    decoded = decode(event(name="A"), event(name="B"), **batch)
    assert (decoded.events, decoded.received) == ([], 2)
    assert (decoded.source, decoded.run_id) == (Source(), None)
    assert [rejection.code for rejection in decoded.rejections] == [code, code]
    assert [rejection.name for rejection in decoded.rejections] == ["A", "B"]
    assert hint in decoded.rejections[0].message


def test_an_unreadable_name_is_kept_as_far_as_it_can_be_stored() -> None:
    (rejection,) = decode(field(2, b"A\xff\0B") + field(5, b"{}")).rejections
    assert rejection.name == "A\ufffd\ufffdB"


def test_an_empty_batch_is_a_batch() -> None:
    assert decode_batch(b"", LIMITS) == DecodedBatch(0, Source(), None, 0, [], [])


def test_too_many_events_are_counted_not_made() -> None:
    with pytest.raises(TooManyEvents, match="2000000 events, at most 10"):
        decode_batch(b"\x12\x00" * 2_000_000, LIMITS)


def test_every_reason_has_words() -> None:
    details = dict.fromkeys(
        ("field", "position", "size", "limit", "problem", "received", "escape", "number"), "X"
    )
    assert all(reason.message(**details) for reason in Reason)
