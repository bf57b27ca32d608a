"""How long a wait may be."""

from threading import TIMEOUT_MAX


def within_reach(seconds: float | None) -> float | None:
    """The same, or the 292 years that a lock can wait where it is longer, as infinity is. None: for ever."""
    return None if seconds is None else min(seconds, TIMEOUT_MAX)
