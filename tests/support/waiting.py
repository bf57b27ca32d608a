"""Waits for what another process or thread does."""

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], seconds: float = 60, *, pause: float = 0.05) -> None:
    """Returns once it holds; fails if it does not in that time. Looks again after each pause, in seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it took more than {seconds:g} s"
        time.sleep(pause)
