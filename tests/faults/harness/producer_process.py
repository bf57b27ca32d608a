"""A producer in a process of its own, which can be killed: it keeps a journal, as an app keeps an outbox.

A line of the journal is one write, which a kill does not cut: `sent FIRST COUNT` before a batch goes out, and
`acked FIRST COUNT` behind its ack. Started again, it sends first what was sent and not acked.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import sleep

from livevalidation import Options, open_channel, send_batches
from livevalidation.v1.ingest_pb2 import EventBatch
from tests.faults.harness.ledger import ClientLedger, batch_of

_REPOSITORY = Path(__file__).resolve().parents[3]
_OPTIONS = Options(verdicts="none", initial_backoff=0.02, max_backoff=0.3, ack_timeout=20, give_up_after=60)
_PAUSE_SECONDS = 0.005
_BATCH = 20
#: Said once SIGTERM is heard.
_READY = b"ready\n"


class ProducerProcess:
    """Starts, kills and stops it; reads its journal."""

    def __init__(self, journal: Path, first: int) -> None:
        """`first`: its events' numbers begin there."""
        self._journal = journal
        self._first = first
        self._arguments: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        """With an address and a key the first time; the same later."""
        self._arguments = list(arguments) or self._arguments
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._journal), str(self._first), *self._arguments],
            cwd=_REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == _READY

    def kill(self) -> None:
        """It gets no word in."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """It waits for the acks of what it has sent."""
        assert self._end(signal.SIGTERM) == 0

    def finish(self) -> None:
        """Stops; all that it ever sent is acked."""
        self.stop()
        sent, acked = self.read()
        assert sent == acked

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        with self._process:
            return self._process.wait(90)

    def read(self) -> tuple[set[int], set[int]]:
        """Numbers of the events that it sent, and of those acked."""
        ranges = _read_journal(self._journal)
        sent, acked = (
            {number for first, count in ranges[word] for number in range(first, first + count)}
            for word in ("sent", "acked")
        )
        return sent, acked

    def add_to(self, ledger: ClientLedger) -> None:
        """Its part of the clients' ledger."""
        sent, acked = self.read()
        ledger.sent |= sent
        ledger.acked |= acked


def _read_journal(journal: Path) -> dict[str, list[tuple[int, int]]]:
    ranges: dict[str, list[tuple[int, int]]] = {"sent": [], "acked": []}
    if journal.exists():
        for line in journal.read_text().splitlines():
            word, first, count = line.split()
            ranges[word].append((int(first), int(count)))
    return ranges


def main() -> None:
    """Sends until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("address")
    parser.add_argument("key")
    options = parser.parse_args()
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    os.write(sys.stdout.fileno(), _READY)
    ranges = _read_journal(options.journal)
    unacked = [part for part in ranges["sent"] if part not in set(ranges["acked"])]
    next_number = max((first + count for first, count in ranges["sent"]), default=options.first)
    under_way: deque[tuple[int, int]] = deque()
    with options.journal.open("a", buffering=1) as journal:

        def batches() -> Iterator[EventBatch]:
            nonlocal next_number
            while unacked or not stopping.is_set():
                first, count = unacked.pop(0) if unacked else (next_number, _BATCH)
                next_number = max(next_number, first + count)
                under_way.append((first, count))
                journal.write(f"sent {first} {count}\n")
                yield batch_of(range(first, first + count))
                sleep(_PAUSE_SECONDS)

        with open_channel(options.address, _OPTIONS) as channel:
            for _ in send_batches(channel, options.key, batches(), _OPTIONS):
                first, count = under_way.popleft()
                journal.write(f"acked {first} {count}\n")


if __name__ == "__main__":
    main()
