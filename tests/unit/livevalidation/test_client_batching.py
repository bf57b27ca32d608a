"""Batches: all events in order, within both limits, never empty, as full as they may be."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevalidation.batching import batches_of, framed_size
from livevalidation.event import MAX_EVENT_BYTES, MAX_MESSAGE_BYTES, Source
from livevalidation.options import Options
from livevalidation.v1 import ingest_pb2

SOURCE = Source(app_version="4.2.0")


def event(size: int) -> ingest_pb2.Event:
    return ingest_pb2.Event(name="n", payload_json=b"x" * size)


@given(
    sizes=st.lists(st.integers(0, 400), max_size=60),
    batch_size=st.integers(1, 20),
    max_batch_bytes=st.integers(1, 1_500),
)
def test_batches_are_the_events_within_the_limits(
    sizes: list[int], batch_size: int, max_batch_bytes: int
) -> None:
    events = [event(size) for size in sizes]
    options = Options(batch_size=batch_size, max_batch_bytes=max_batch_bytes)

    batches = list(batches_of(events, options, source=SOURCE, run_id="r"))

    assert [each for batch in batches for each in batch.events] == events
    for batch in batches:
        assert 1 <= len(batch.events) <= batch_size
        assert sum(map(framed_size, batch.events)) <= max_batch_bytes or len(batch.events) == 1
        assert (batch.source.app_version, batch.run_id) == ("4.2.0", "r")
    for batch, following in pairwise(batches):
        grown = sum(map(framed_size, batch.events)) + framed_size(following.events[0])
        assert len(batch.events) == batch_size or grown > max_batch_bytes


@given(st.lists(st.integers(0, 70_000), max_size=8))
def test_framed_sizes_are_never_too_small(sizes: list[int]) -> None:
    batch = ingest_pb2.EventBatch(events=[event(size) for size in sizes])
    assert batch.ByteSize() <= sum(map(framed_size, batch.events))


def test_the_largest_event_fits_into_a_message_beside_the_largest_envelope() -> None:
    label = "x" * 256
    largest = event(MAX_EVENT_BYTES - event(0).ByteSize() - 3)  # 3: the longer length of the payload
    source = Source(sdk=label, app_version=label, platform=label, environment=label)
    (batch,) = batches_of([largest], Options(), source=source, run_id=label)
    batch.batch_id = 2**64 - 1
    assert MAX_EVENT_BYTES - 8 <= largest.ByteSize() <= MAX_EVENT_BYTES
    assert batch.ByteSize() <= MAX_MESSAGE_BYTES


def test_reads_only_one_event_beyond_a_batch() -> None:
    read = 0

    def endless() -> Iterator[ingest_pb2.Event]:
        nonlocal read
        while True:
            read += 1
            yield event(1)

    next(batches_of(endless(), Options(batch_size=10), source=SOURCE))
    assert read == 11


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 5_001),
        ("max_batch_bytes", MAX_MESSAGE_BYTES),
        ("max_in_flight", 0),
        ("max_unanswered_bytes", 1_000),
        ("linger", -1.0),
        ("linger", float("nan")),
        ("linger", float("inf")),
        ("initial_backoff", float("inf")),
        ("max_backoff", float("inf")),
        ("ack_timeout", 0.0),
        ("ack_timeout", float("inf")),
        ("ack_timeout", 1e12),
        ("keepalive", float("inf")),
        ("close_timeout", float("nan")),
        ("give_up_after", -1.0),
        ("verdicts", "some"),
        ("when_full", "drop_oldest"),
    ],
)
def test_options_that_cannot_work_are_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field} is "):
        Options(**{field: value})  # type: ignore[arg-type]
