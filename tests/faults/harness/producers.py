"""Producers that go on through every fault, as the Python client does, until they are told to stop."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from time import monotonic, sleep

from livevalidation import Options, open_channel, send_batches
from livevalidation.v1.ingest_pb2 import EventBatch
from tests.faults.harness.ledger import ClientLedger, batch_of
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import Tenant

_FINISH_SECONDS = 90


@dataclass(frozen=True)
class Load:
    """What each producer sends."""

    producers: int = 3
    #: Batches have 1 … so many events.
    largest_batch: int = 60
    #: Between batches, in seconds: bounds what a test stores.
    pause: float = 0.004
    #: Share of batches that the producer has sent before.
    repeated: float = 0.1
    #: Seconds without any ack after which a producer gives up: a test that fails must still end. Where seven
    #: of ten transactions fail, one producer of three may have bad luck for 40.
    patience: float = 120.0

    @property
    def options(self) -> Options:
        """The client's."""
        return Options(
            verdicts="all",
            initial_backoff=0.02,
            max_backoff=0.3,
            ack_timeout=20,
            give_up_after=self.patience,
        )


DEFAULT_LOAD = Load()


@dataclass
class Producing:
    """Producers at work."""

    ledger: ClientLedger
    stop: Event
    running: list["Future[None]"]
    #: When acks came, in seconds of the monotonic clock; bounded.
    ack_times: deque[float] = field(default_factory=lambda: deque(maxlen=100_000))
    #: Of the reader beside them, if there is one.
    feed: FeedLedger | None = None

    def wait_for_acks(self, more: int = 1, timeout: float = 30) -> float:
        """Returns once so many more batches are acked: the seconds that it took."""
        began, count = monotonic(), len(self.ack_times)
        while len(self.ack_times) < count + more:
            for producer in self.running:
                assert not producer.done(), producer.exception() or "a producer ended too soon"
            assert monotonic() < began + timeout, f"no {more} batches were acked within {timeout} s"
            sleep(0.005)
        return monotonic() - began

    def finish(self) -> None:
        """Sends no more; returns when all that was sent is acked."""
        self.stop.set()
        for producer in self.running:
            producer.result(_FINISH_SECONDS)


@contextmanager
def producing(
    addresses: Sequence[str], tenant: Tenant, seed: int, load: Load = DEFAULT_LOAD
) -> Iterator[Producing]:
    """Producers of one app, by turns on the addresses. Finishes when the block is left without an error."""
    ledger, stop = ClientLedger(), Event()
    work = Producing(ledger, stop, [])
    with ThreadPoolExecutor(load.producers, "producer") as pool:
        try:
            for number in range(load.producers):
                address = addresses[number % len(addresses)]
                rng = random.Random(seed * 1_000 + number)
                work.running.append(pool.submit(_produce, work, address, tenant.key, rng, load))
            yield work
            work.finish()
        finally:
            stop.set()


def _produce(work: Producing, address: str, key: str, rng: random.Random, load: Load) -> None:
    ledger, under_way = work.ledger, deque[list[int]]()

    def batches() -> Iterator[EventBatch]:
        sent_before: deque[list[int]] = deque(maxlen=20)
        while not work.stop.is_set():
            if sent_before and rng.random() < load.repeated:
                numbers = rng.choice(sent_before)
            else:
                numbers = ledger.new_numbers(rng.randint(1, load.largest_batch))
                sent_before.append(numbers)
            ledger.note_sent(numbers)
            under_way.append(numbers)
            yield batch_of(numbers)
            sleep(load.pause)

    with open_channel(address, load.options) as channel:
        for _, ack in send_batches(channel, key, batches(), load.options):
            ledger.note_ack(under_way.popleft(), ack)
            work.ack_times.append(monotonic())
