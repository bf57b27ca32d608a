"""The client for applications: hand events over, learn later what each was told."""

import os
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Event as Signal
from threading import Thread
from types import TracebackType
from typing import Final, Self

from livevalidation.batching import framed_size, make_batch
from livevalidation.channel import open_channel
from livevalidation.errors import ClientClosed, QueueFull, SendFailed, Undelivered
from livevalidation.event import Event, Source, check_label, checked_size
from livevalidation.options import Options
from livevalidation.outbox import Entry, Level, Outbox
from livevalidation.results import Counts, EventResult, read_ack
from livevalidation.stream import BatchStream
from livevalidation.v1 import ingest_pb2
from livevalidation.waits import within_reach

_NO_SOURCE: Final = Source()
_DEFAULTS: Final = Options()


@dataclass(frozen=True, slots=True)
class Stats:
    """What a client did so far."""

    level: Level
    #: What the acknowledged events were told.
    counts: Counts


class Client:
    """Sends events in the background, in the order of `send`, each at least once; the server stores it once.

    Any thread may use a client. A client does not survive a fork: make it in the process that uses it.
    Callbacks of futures run in the thread that reads acks: they must be short, and must not wait for the
    client. Use it in a `with` statement, or call `close`: what is under way when the program ends is lost.
    """

    def __init__(
        self,
        target: str,
        api_key: str,
        *,
        source: Source = _NO_SOURCE,
        run_id: str = "",
        options: Options = _DEFAULTS,
    ) -> None:
        """Connects to `target` (`host:port`) in the background, once there is something to send.

        `run_id` labels a test run, and is part of its events' identity. Raises ValueError for a key, label or
        option that cannot work.
        """
        check_label("run_id", run_id)
        self._source = source
        self._run_id = run_id
        self._verdicts = options.verdicts
        self._close_timeout = options.close_timeout
        self._process = os.getpid()
        self._closed = False
        self._counts = Counts()
        self._failure: SendFailed | None = None
        self._undelivered: tuple[ingest_pb2.Event, ...] = ()
        self._ended = Signal()
        self._outbox = Outbox(options)
        self._channel = open_channel(target, options)
        self._stream = BatchStream(self._channel, api_key, options, self._on_end)
        self._dispatcher = Thread(target=self._dispatch, name="livevalidation-batches", daemon=True)
        self._dispatcher.start()

    def send(self, event: Event | ingest_pb2.Event) -> "Future[EventResult]":
        """Hand an event over; the future is done once the event is committed, or cannot be.

        Returns at once, unless too much is unanswered and the policy is `block`. Under `drop_newest` the
        future then fails with QueueFull. Raises InvalidEvent for an event that cannot be sent, ClientClosed
        if nothing can. A message given instead of an Event must not be changed any more.
        """
        self._check_process()
        message = event.encode() if isinstance(event, Event) else checked_size(event)
        future: Future[EventResult] = Future()
        future.set_running_or_notify_cancel()  # An event under way cannot be called back.
        if not self._outbox.put(Entry(message, framed_size(message), future)):
            future.set_exception(
                QueueFull(f"Event {message.name!r} was dropped: too many events are unanswered.")
            )
        return future

    def flush(self, timeout: float | None = None) -> None:
        """Wait until all events handed over before are answered.

        Raises TimeoutError if that takes over `timeout` seconds, ClientClosed if it will never be.
        """
        self._check_process()
        if not self._outbox.flush(timeout):
            raise TimeoutError(
                f"Some events were not acknowledged within {timeout:g} s; they still are sent."
            )

    def stats(self) -> Stats:
        """What the client did so far; dropped events are in `stats().level.dropped`."""
        self._check_process()
        return Stats(self._outbox.level(), self._counts)

    def close(self, timeout: float | None = None) -> None:
        """Deliver what is under way, then stop. To close again does nothing.

        Raises Undelivered with the events that were not acknowledged within `timeout` seconds (None: the
        options' close_timeout), or at all; its cause is the reason, if there is one beside the time.
        """
        self._check_process()
        if self._closed:
            return
        self._closed = True
        self._outbox.close()
        self._ended.wait(within_reach(self._close_timeout if timeout is None else timeout))
        self._stream.abort()
        self._dispatcher.join()
        self._stream.join()
        self._channel.close()
        if self._undelivered:
            raise Undelivered(self._undelivered) from self._failure

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except Undelivered as undelivered:
            if error is None:
                raise
            error.add_note(str(undelivered))

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise ClientClosed("The client was made before this process was forked; make one after the fork.")

    def _dispatch(self) -> None:
        try:
            while entries := self._outbox.take():
                batch = make_batch((entry.event for entry in entries), self._source, self._run_id)
                self._stream.submit(batch, partial(self._on_ack, entries))
        except SendFailed:
            return  # The stream ended, and said so to _on_end.
        finally:
            self._stream.finish()

    def _on_ack(self, entries: list[Entry], ack: ingest_pb2.BatchAck) -> None:
        batch = read_ack(ack, self._verdicts)
        self._counts += batch.counts
        for entry, result in zip(entries, batch.results, strict=True):
            entry.future.set_result(result)
        # Last, so that whoever waits in `flush` finds the futures done.
        self._outbox.answered(len(entries))

    def _on_end(self, failure: SendFailed | None) -> None:
        left = self._outbox.end(failure)
        self._failure = failure
        self._undelivered = tuple(entry.event for entry in left)
        reason = failure or ClientClosed("The client was closed before the event was acknowledged.")
        for entry in left:
            entry.future.set_exception(reason)
        self._ended.set()
