"""Waits for what comes about beside the test."""

from collections.abc import Callable
from time import monotonic, sleep


def eventually(condition: Callable[[], bool]) -> None:
    """Fails unless it comes to hold."""
    deadline = monotonic() + 30
    while not condition():
        assert monotonic() < deadline, "not in time"
        sleep(0.01)
