"""The client for producers that must outlive their server, and themselves: events wait on disk."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Self

from livevalidation.batching import fits, framed_size
from livevalidation.channel import open_channel
from livevalidation.errors import ClientClosed, SendFailed
from livevalidation.event import Event, Source, check_label, checked_size
from livevalidation.options import Options
from livevalidation.results import Counts, EventResult, read_ack
from livevalidation.spool import Spool
from livevalidation.stream import BatchStream
from livevalidation.v1 import ingest_pb2
from livevalidation.waits import within_reach

logger = logging.getLogger(__name__)

_NO_SOURCE: Final = Source()
_DEFAULTS: Final = Options()

#: Told of each event that was answered, and of what it was told.
OnResult = Callable[[ingest_pb2.Event, EventResult], None]


@dataclass(frozen=True, slots=True)
class SpoolStats:
    """What a client did so far."""

    #: Events on disk that are not answered yet, and the bytes that they take.
    waiting: int
    bytes: int
    #: Events that `send` turned away, by the policy `drop_newest`: there was no room, or the disk failed.
    dropped: int
    #: What the answered events were told.
    counts: Counts
    #: Calls of `on_result` that raised.
    callbacks_failed: int
    #: Why nothing is sent any more; None: all is well. Events are still kept.
    failure: SendFailed | None


class SpooledClient:
    """Keeps each event on disk before `send` returns, until the server has acknowledged it.

    An event outlives this process and hours without a server; the next client on the same spool sends it,
    with the source and run that it was made with, and the server stores it once. `send` never waits for the
    server: when the spool or its disk is full, or the disk fails, the event that is being sent is dropped,
    counted, and told by False.

    Any thread may use a client. A client does not survive a fork: make it in the process that uses it. Of the
    options, `when_full` and `max_unanswered_…` have no meaning here.
    """

    def __init__(  # noqa: PLR0913 - what most callers leave away is given by name
        self,
        target: str,
        api_key: str,
        *,
        spool: Path,
        spool_bytes: int = 256 * 1024 * 1024,
        source: Source = _NO_SOURCE,
        run_id: str = "",
        options: Options = _DEFAULTS,
        on_result: OnResult | None = None,
    ) -> None:
        """Opens the file `spool`, and sends what it holds; at most `spool_bytes` (and 4 MiB) are kept in it.

        `on_result` is called by the thread that reads acks, so it must be short, and must not wait for the
        client; what it raises is logged once, and counted.

        Raises SpoolUnusable, and ValueError for a key, label or option that cannot work.
        """
        check_label("run_id", run_id)
        self._context = ingest_pb2.EventBatch(source=source.encode(), run_id=run_id).SerializeToString()
        self._options = options
        self._on_result = on_result
        self._process = os.getpid()
        self._changed = Condition()
        self._closing = False
        self._ended = False
        self._dropped = 0
        #: Did the file let go of the last events that were answered?
        self._removed = True
        self._flush_up_to = 0
        self._counts = Counts()
        self._callbacks_failed = 0
        self._failure: SendFailed | None = None
        #: Of a client that is closed.
        self._last_stats: SpoolStats | None = None
        self._spool = Spool(spool, spool_bytes)
        #: Number of the last event that was answered, and of whose answer `on_result` was told.
        self._told = self._spool.before_first
        try:
            self._channel = open_channel(target, options)
            self._stream = BatchStream(self._channel, api_key, options, self._on_end)
        except BaseException:
            self._spool.close()
            raise
        self._feeder = Thread(target=self._feed, name="livevalidation-spool", daemon=True)
        self._feeder.start()

    def send(self, event: Event | ingest_pb2.Event) -> bool:
        """Keeps the event, to be sent. False: there was no room, or the disk failed, and it was dropped.

        Raises InvalidEvent for an event that cannot be sent, ClientClosed.
        """
        self._check_process()
        message = event.encode() if isinstance(event, Event) else checked_size(event)
        # Serialised messages that follow each other are one message with the fields of both.
        record = self._context + ingest_pb2.EventBatch(events=[message]).SerializeToString()
        with self._changed:
            if self._closing:
                raise ClientClosed("The client is closed; make another one to send more events.")
            kept = self._spool.append(record)
            if not kept:
                self._drop()
            self._changed.notify_all()
        return kept

    def flush(self, timeout: float | None = None) -> None:
        """Waits until all events that are kept now are answered, and `on_result` was told of each.

        Raises TimeoutError if that takes over `timeout` seconds, ClientClosed if nothing is sent any more.
        """
        self._check_process()
        with self._changed:
            mark = self._flush_up_to = self._spool.last
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._told >= mark or self._ended, within_reach(timeout))
            if self._told >= mark:
                return
            if self._ended:
                raise ClientClosed("Nothing is sent any more; the events are kept.") from self._failure
        raise TimeoutError("Some events were not acknowledged in time; they are kept, and still sent.")

    def stats(self) -> SpoolStats:
        """What the client did so far."""
        self._check_process()
        with self._changed:
            return self._last_stats or SpoolStats(
                waiting=len(self._spool),
                bytes=self._spool.size,
                dropped=self._dropped,
                counts=self._counts,
                callbacks_failed=self._callbacks_failed,
                failure=self._failure,
            )

    def close(self, timeout: float | None = None) -> None:
        """Delivers for at most `timeout` seconds (None: the options' close_timeout), then stops.

        What was not acknowledged stays on disk, for the next client. To close again does nothing.
        """
        self._check_process()
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
            seconds = within_reach(self._options.close_timeout if timeout is None else timeout)
            self._changed.wait_for(lambda: not len(self._spool) or self._ended, seconds)
        self._stream.abort()
        self._feeder.join()
        self._stream.join()
        self._channel.close()
        self._last_stats = self.stats()
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise ClientClosed("The client was made before this process was forked; make one after the fork.")

    def _drop(self) -> None:
        if not self._dropped:
            logger.warning(
                "The spool takes no events (%s): they are dropped, and counted, until it does.",
                self._spool.refusal,
            )
        self._dropped += 1

    def _feed(self) -> None:
        cursor = self._spool.before_first
        try:
            while records := self._next(cursor):
                batch, cursor = self._cut(records)
                self._stream.submit(batch, partial(self._on_ack, cursor, batch))
        except SendFailed:
            return  # The stream ended, and said so to _on_end.
        except Exception as error:  # noqa: BLE001 - or nobody would learn that nothing is sent any more
            self._on_end(
                SendFailed(
                    f"The spool cannot be read any more ({type(error).__name__}: {error}). Name another "
                    "file, and keep this one for its events."
                )
            )

    def _next(self, cursor: int) -> list[tuple[int, bytes]]:
        """Waits for records above `cursor`, and a moment for others to fill a batch. Empty: the end came."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._spool.last > cursor)
            self._changed.wait_for(lambda: self._is_due(cursor), self._options.linger)
            if self._ended:
                return []
            # No more than a batch takes: meanwhile `send` waits.
            return self._spool.read(cursor, self._options.batch_size, self._options.max_batch_bytes)

    def _is_due(self, cursor: int) -> bool:
        full = self._spool.last - cursor >= self._options.batch_size
        return full or self._ended or self._closing or self._flush_up_to > cursor

    def _cut(self, records: list[tuple[int, bytes]]) -> tuple[ingest_pb2.EventBatch, int]:
        """The first batch of the records, and the number of its last one: all of one source and run."""
        cursor, record = records[0]
        batch = ingest_pb2.EventBatch.FromString(record)
        size = framed_size(batch.events[0])
        for number, record in records[1:]:
            other = ingest_pb2.EventBatch.FromString(record)
            following = framed_size(other.events[0])
            same = other.source == batch.source and other.run_id == batch.run_id
            if not (same and fits(len(batch.events), size, following, self._options)):
                break
            batch.events.append(other.events[0])
            cursor, size = number, size + following
        return batch, cursor

    def _on_ack(self, last: int, batch: ingest_pb2.EventBatch, ack: ingest_pb2.BatchAck) -> None:
        told = read_ack(ack, self._options.verdicts)
        with self._changed:
            self._note_removed(self._spool.remove(last))
            self._counts += told.counts
            self._changed.notify_all()
        if self._on_result is not None:
            for event, result in zip(batch.events, told.results, strict=True):
                self._tell(self._on_result, event, result)
        # Last, so that whoever waits in `flush` finds all of them told.
        with self._changed:
            self._told = last
            self._changed.notify_all()

    def _tell(self, on_result: OnResult, event: ingest_pb2.Event, result: EventResult) -> None:
        try:
            on_result(event, result)
        except Exception:  # A fault of the application's, of which its events know nothing.
            if not self._callbacks_failed:
                logger.exception("on_result raised; the sending goes on. Later ones are only counted.")
            with self._changed:
                self._callbacks_failed += 1

    def _note_removed(self, removed: bool) -> None:
        if self._removed and not removed:
            logger.warning(
                "Answered events cannot be deleted from the spool: its disk is full, or fails. It is tried "
                "again; a client that is started before that sends them again, and the server drops them."
            )
        self._removed = removed

    def _on_end(self, failure: SendFailed | None) -> None:
        if failure is not None:
            logger.error("Events are kept, and sent no more: %s", failure)
        self._end(failure)

    def _end(self, failure: SendFailed | None) -> None:
        with self._changed:
            self._ended = True
            self._failure = self._failure or failure
            self._changed.notify_all()
