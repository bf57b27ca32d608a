"""Send a row of batches and read their acks: the way for tools that have all their events at hand."""

from collections.abc import Iterable, Iterator
from functools import partial
from queue import SimpleQueue

import grpc

from livevalidation.errors import SendFailed
from livevalidation.options import Options
from livevalidation.stream import BatchStream
from livevalidation.v1 import ingest_pb2

Answered = tuple[ingest_pb2.EventBatch, ingest_pb2.BatchAck]


def send_batches(
    channel: grpc.Channel, api_key: str, batches: Iterable[ingest_pb2.EventBatch], options: Options
) -> Iterator[Answered]:
    """Each batch with its ack, in the order of `batches`, once its events are committed.

    Numbers the batches from 1. At most `options.max_in_flight` are read ahead of the acks, so memory is
    bounded whatever the length of `batches`. Batches lost with a connection are sent again, unchanged, until
    they are acknowledged; raises SendFailed, after the last ack that came, if that is over. To leave the loop
    early cancels the stream.
    """
    # Acks in order, then the end: None, or why it failed.
    inbox: SimpleQueue[Answered | SendFailed | None] = SimpleQueue()
    stream = BatchStream(channel, api_key, options, inbox.put)
    try:
        for batch in batches:
            try:
                stream.submit(batch, partial(_keep, inbox, batch))
            except SendFailed:
                break  # The inbox says so too, after the acks that came before.
            while not inbox.empty():
                yield from _next(inbox)
        stream.finish()
        while answered := list(_next(inbox)):
            yield from answered
    finally:
        stream.abort()
        stream.join()


def _keep(
    inbox: "SimpleQueue[Answered | SendFailed | None]",
    batch: ingest_pb2.EventBatch,
    ack: ingest_pb2.BatchAck,
) -> None:
    inbox.put((batch, ack))


def _next(inbox: "SimpleQueue[Answered | SendFailed | None]") -> Iterator[Answered]:
    """The next answer, or nothing at the end. Raises SendFailed."""
    outcome = inbox.get()
    if isinstance(outcome, SendFailed):
        raise outcome
    if outcome is not None:
        yield outcome
