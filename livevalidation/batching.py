"""Cut a row of events into batches that a server takes."""

from collections.abc import Iterable, Iterator

from livevalidation.event import Source
from livevalidation.options import Options
from livevalidation.v1 import ingest_pb2

#: What an event adds to its batch beyond its own bytes: a tag, and a length of at most 4 bytes, as no message
#: is that large.
FRAME_BYTES = 5


def framed_size(event: ingest_pb2.Event) -> int:
    """Bytes that the event takes in a batch, never too few."""
    return event.ByteSize() + FRAME_BYTES


def fits(count: int, size: int, following: int, options: Options) -> bool:
    """May an event of `following` framed bytes join a batch of `count` events and `size` framed bytes?

    An event joins an empty batch whatever its size: no other batch would carry it better.
    """
    return count == 0 or (count < options.batch_size and size + following <= options.max_batch_bytes)


def batches_of(
    events: Iterable[ingest_pb2.Event], options: Options, *, source: Source, run_id: str = ""
) -> Iterator[ingest_pb2.EventBatch]:
    """All events in their order, in batches as full as `options` allows; never an empty batch.

    Reads `events` no further than one event beyond the batch that it yields.
    """
    chunk: list[ingest_pb2.Event] = []
    size = 0
    for event in events:
        following = framed_size(event)
        if not fits(len(chunk), size, following, options):
            yield make_batch(chunk, source, run_id)
            chunk, size = [], 0
        chunk.append(event)
        size += following
    if chunk:
        yield make_batch(chunk, source, run_id)


def make_batch(events: Iterable[ingest_pb2.Event], source: Source, run_id: str) -> ingest_pb2.EventBatch:
    return ingest_pb2.EventBatch(events=events, source=source.encode(), run_id=run_id)
