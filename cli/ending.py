"""A command that is told to end does so in order: what it started or half wrote is put away."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import NoReturn

#: They end a process that does not mind them in the midst of what it does: `kill`, `timeout` and service
#: managers send the first one, a terminal that is closed the second.
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """For the `with` block SIGTERM and SIGHUP leave all that is open, as Ctrl-C does: exit code 128 + n.

    Services put their own way to end in its place. A signal that is ignored, as by `nohup`, stays so.
    """
    if current_thread() is not main_thread():  # no signal comes there
        yield
        return
    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _end) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
