"""What tests of the client send, and by what."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from livevalidation import Event, Options, Source, batches_of, open_channel
from livevalidation.v1 import ingest_pb2

KEY = "lvd_test_key"
QUICK = Options(batch_size=2, linger=0.0, initial_backoff=0.01, max_backoff=0.05)


def made(count: int, name: str = "Seen") -> list[Event]:
    """Events that differ."""
    return [Event(name, {"n": number}) for number in range(count)]


def small_batches(count: int) -> list[ingest_pb2.EventBatch]:
    """Of one event each."""
    events = (event.encode() for event in made(count))
    return list(batches_of(events, Options(batch_size=1), source=Source()))


@contextmanager
def channel_to(target: str, options: Options) -> Iterator[grpc.Channel]:
    """Closed afterwards."""
    channel = open_channel(target, options)
    try:
        yield channel
    finally:
        channel.close()
