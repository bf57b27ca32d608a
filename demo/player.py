"""Plays the traffic to a server at its pace."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from threading import Thread

import grpc

from demo.traffic import Shot, Traffic
from demo.waves import intensity
from livevalidation import Options, SendFailed, Source, batches_of, open_channel, send_batches
from livevalidation.v1 import ingest_pb2

#: How often events are sent. In seconds.
_TICK = 0.2
#: After a pause of the machine's or of the server's, at most so much is made up for. In seconds.
_MOST_CATCH_UP = 1.0
#: Batches that wait for a server that is away; then the traffic pauses.
_WAITING_BATCHES = 50
#: How long the last acks are waited for. In seconds.
_LAST_ACKS = 3.0

_Batches = Queue[ingest_pb2.EventBatch]


class Player:
    """Sends the traffic of several apps, each over a stream of its own, until it is stopped."""

    def __init__(
        self,
        target: str,
        keys: Mapping[str, str],
        *,
        rate: float,
        seed: int | None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """`keys`: API key by app; `rate`: events per second, on average over a day."""
        self._options = Options(verdicts="none", credentials=credentials)
        self._rate = rate
        self._traffic = Traffic(seed)
        # A plain flag: a signal handler that takes a lock may wait for the very code that it interrupts.
        self._stopped = False
        self._failure: SendFailed | None = None
        self._queues: dict[str, _Batches] = {app: Queue(_WAITING_BATCHES) for app in keys}
        self._threads = [
            Thread(target=self._deliver, args=(target, key, self._queues[app]), name=app, daemon=True)
            for app, key in keys.items()
        ]

    def stop(self) -> None:
        """Ends `run` soon; may be called by any thread or signal handler."""
        self._stopped = True

    def run(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Plays until stopped, and waits for the last acks. Raises SendFailed if it is refused for good."""
        for thread in self._threads:
            thread.start()
        begin = last = clock()
        owed = 0.0
        while not self._stopped:
            time.sleep(_TICK)
            now = clock()
            owed += (
                self._rate
                * intensity(now - begin, datetime.now().astimezone())
                * min(now - last, _MOST_CATCH_UP)
            )
            last = now
            shots = [self._traffic.next(now - begin, datetime.now(UTC)) for _ in range(int(owed))]
            owed -= len(shots)
            self._hand_over(shots)
        self._finish()
        if self._failure is not None:
            raise self._failure

    def _hand_over(self, shots: list[Shot]) -> None:
        groups: dict[tuple[str, Source], list[Shot]] = {}
        for shot in shots:
            groups.setdefault((shot.app, shot.source), []).append(shot)
        for (app, source), group in groups.items():
            for batch in batches_of((shot.event.encode() for shot in group), self._options, source=source):
                self._put(self._queues[app], batch)

    def _put(self, queue: _Batches, batch: ingest_pb2.EventBatch) -> None:
        while not self._stopped:
            try:
                queue.put(batch, timeout=_TICK)
            except Full:
                continue
            return

    def _finish(self) -> None:
        deadline = time.monotonic() + _LAST_ACKS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _deliver(self, target: str, key: str, queue: _Batches) -> None:
        try:
            with open_channel(target, self._options) as channel:
                for _ in send_batches(channel, key, self._until_stopped(queue), self._options):
                    pass
        except SendFailed as failure:
            self._failure = failure
            self.stop()

    def _until_stopped(self, queue: _Batches) -> Iterator[ingest_pb2.EventBatch]:
        while not self._stopped or not queue.empty():
            try:
                yield queue.get(timeout=_TICK)
            except Empty:
                continue
