"""The private twins of the contract's messages read the same bytes."""

import pytest
from google.protobuf.message import DecodeError

from ingest_server import wire
from ingest_server.errors import EnvelopeUnreadable
from livevalidation.v1 import ingest_pb2


def test_a_batch_is_read_as_the_contract_says() -> None:
    batch = ingest_pb2.EventBatch(batch_id=2**64 - 1, run_id="run-é")
    batch.source.platform = "ios"
    batch.events.add(name="A").occurred_at.seconds = -5
    batch.events.add(name="B", payload_json=b"{}")

    read = wire.parse_batch(batch.SerializeToString())

    assert (read.batch_id, read.run_id.decode()) == (2**64 - 1, "run-é")
    assert wire.parse_source(read.source).platform == "ios"
    assert list(read.events) == [event.SerializeToString() for event in batch.events]
    assert wire.parse_event(read.events[0]).occurred_at.seconds == -5


def test_a_struct_stays_unparsed() -> None:
    event = ingest_pb2.Event()
    event.payload.update({"total": 1})
    read = wire.parse_event(event.SerializeToString())
    assert read.payload == event.payload.SerializeToString()
    assert read.WhichOneof("body") == "payload"


def test_one_bad_byte_spoils_its_own_event_only() -> None:
    good, bad = ingest_pb2.Event(name="A").SerializeToString(), b"\x12\x01\xff"
    message = b"".join(b"\x12" + bytes([len(event)]) + event for event in (good, bad, good))
    with pytest.raises(DecodeError):
        ingest_pb2.EventBatch.FromString(message)

    events = wire.parse_batch(message).events

    assert wire.parse_event(events[2]).name == "A"
    with pytest.raises(DecodeError):
        wire.parse_event(events[1])
    assert wire.parse_event_as_bytes(events[1]).name == b"\xff"


@pytest.mark.parametrize(
    "message",
    [b"\xff", b"\x12\x05ab", b"\x0b" * 200, b"\x08"],
    ids=["no tag", "cut off", "deep groups", "cut off in a number"],
)
def test_what_is_no_batch_is_refused(message: bytes) -> None:
    with pytest.raises(EnvelopeUnreadable, match="EventBatch"):
        wire.parse_batch(message)


def test_unknown_fields_do_no_harm() -> None:
    message = ingest_pb2.EventBatch(batch_id=4).SerializeToString() + b"\xfa\x7f\x03abc"
    assert wire.parse_batch(message).batch_id == 4
