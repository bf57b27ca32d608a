"""`lvd`, at whose exit threads of gRPC's hold the locks of all calls that were made.

A thread that gives a call its batches, or takes its events, has the call's lock for a moment at a time.
Python stops such threads where they are when it exits; here the exit always meets that moment.
"""

import atexit
import time
from threading import Condition, Event, Thread
from typing import Any

from grpc import _channel

from cli.main import run

_locks: list[Condition] = []
_start = _channel._consume_request_iterator


def _noting_the_lock(requests: Any, state: Any, *others: Any) -> None:
    _locks.append(state.condition)
    _start(requests, state, *others)


def _hold_all() -> None:
    held = Event()

    def hold() -> None:
        for lock in _locks:
            lock.acquire()
        held.set()
        time.sleep(3600)

    Thread(target=hold, daemon=True).start()
    assert _locks
    assert held.wait(10)


if __name__ == "__main__":
    _channel._consume_request_iterator = _noting_the_lock  # type: ignore[assignment]
    atexit.register(_hold_all)
    run()
