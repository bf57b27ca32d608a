"""Deliver batches over streams that may break: at least once, acknowledged in order."""

import logging
from collections.abc import Callable, Iterable
from threading import Lock, Thread

import grpc

from livevalidation.channel import metadata
from livevalidation.errors import SendFailed
from livevalidation.options import Options
from livevalidation.retry import ENDED_EARLY, Failure, Retrying, failure_of
from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from livevalidation.window import OnAck, Window

logger = logging.getLogger(__name__)

#: Called once, by the stream's thread, when nothing will be acknowledged any more; None: all was.
OnEnd = Callable[[SendFailed | None], None]


class BatchStream:
    """Sends batches in order and keeps each until it is acknowledged.

    When a stream breaks, a new one is opened and given every unacknowledged batch again, unchanged. One
    thread of its own reads the acks, and one looks for streams that hang.
    """

    def __init__(self, channel: grpc.Channel, api_key: str, options: Options, on_end: OnEnd) -> None:
        self._open_stream = ingest_pb2_grpc.IngestServiceStub(channel).StreamEvents
        self._metadata = metadata(api_key, options.verdicts)
        self._ack_timeout = options.ack_timeout
        self._window = Window(options.max_in_flight)
        self._retrying = Retrying(options)
        self._on_end = on_end
        self._call_lock = Lock()
        self._call: grpc.Call | None = None
        self._threads = [
            Thread(target=run, name=f"livevalidation-{name}", daemon=True)
            for name, run in (("acks", self._run), ("watch", self._watch))
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, batch: ingest_pb2.EventBatch, on_ack: OnAck) -> None:
        """Number the batch and send it; waits while `max_in_flight` batches are unacknowledged.

        Raises SendFailed if nothing can be delivered any more.
        """
        self._window.add(batch, on_ack)

    def finish(self) -> None:
        """Say that no batch will follow; those under way are still delivered, and then `on_end` is called."""
        self._window.finish()

    def abort(self) -> None:
        """Stop at once. What was not acknowledged may or may not be stored."""
        self._window.end()
        self._drop_call()

    def join(self) -> None:
        """Wait for the threads. Call `finish` or `abort` before."""
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        try:
            self._deliver()
        except SendFailed as failure:
            self._end(failure)
        except BaseException:
            self._end(SendFailed("The client failed while it read acks; its log has the traceback."))
            raise
        else:
            self._end(None)

    def _end(self, failure: SendFailed | None) -> None:
        self._window.end(failure)
        self._on_end(failure)

    def _deliver(self) -> None:
        while self._window.wait_for_work():
            failure = self._stream_once()
            if self._window.ended or not self._window.busy:
                continue  # Whatever ended the stream, it harmed no batch.
            delay = self._retrying.delay_after(failure)
            logger.warning("Events are not acknowledged (%s); sending again in %.1f s.", failure, delay)
            self._window.wait_ended(delay)

    def _stream_once(self) -> Failure:
        try:
            for ack in self._open_call():
                self._window.acked(ack)
                self._retrying.progress()
        except grpc.RpcError as error:
            # gRPC raises the call itself, and the traceback names the call again: a cycle, found by the
            # collector perhaps only while Python exits. A call that is freed takes a lock; a thread of
            # gRPC's may have been stopped with it by then, and the exit would wait for ever.
            error.__traceback__ = None
            return failure_of(error)
        finally:
            self._window.release()
            self._drop_call()
        return ENDED_EARLY

    def _open_call(self) -> Iterable[ingest_pb2.BatchAck]:
        call = self._open_stream(self._window.requests(), metadata=self._metadata)
        with self._call_lock:
            self._call = call
        if self._window.ended:
            self._drop_call()
        return call

    def _watch(self) -> None:
        while self._window.wait_overdue(self._ack_timeout):
            logger.warning("The server has not answered for %g s; ending the stream.", self._ack_timeout)
            self._drop_call()

    def _drop_call(self) -> None:
        """End the stream, if it is open, and forget it."""
        with self._call_lock:
            call, self._call = self._call, None
        if call is not None:
            call.cancel()  # type: ignore[no-untyped-call]
