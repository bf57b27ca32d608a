"""Waits for what another process or thread does."""

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Returns once it holds; fails if it does not in that time. It is looked at all the time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it took more than {seconds:g} s"
        time.sleep(0.01)
