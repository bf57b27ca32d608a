"""Work that a server does again and again beside its calls."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

import structlog

from storage.errors import Unavailable

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that blocks and is done again and again."""

    name: str
    #: From its end to its next start.
    pause_seconds: float
    run: Callable[[], object]
    #: The same after a failure, if sooner.
    retry_seconds: float = 15.0


class Chores:
    """A thread for each chore. Daemons: one that hangs in the database must not keep the process."""

    def __init__(self, chores: Iterable[Chore]) -> None:
        self._stopping = Event()
        self._threads = [
            Thread(target=self._keep_doing, args=(chore,), name=chore.name, daemon=True) for chore in chores
        ]

    def start(self) -> None:
        """Begins each chore at once."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> None:
        """Starts none again; waits for those that are being done, up to `timeout` seconds in all."""
        self._stopping.set()
        deadline = monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))

    def _keep_doing(self, chore: Chore) -> None:
        pause, failures = 0.0, 0
        while not self._stopping.wait(pause):
            failures = 0 if _done(chore, failures) else failures + 1
            pause = min(chore.retry_seconds, chore.pause_seconds) if failures else chore.pause_seconds


def _done(chore: Chore, failures: int) -> bool:
    """Whether it is done now, after so many failures in a row."""
    try:
        chore.run()
    except Unavailable as error:
        # Once is no matter; what is put off again and again, like the retention, fills a disk.
        tell = _log.warning if failures else _log.info
        tell("chore_put_off", chore=chore.name, in_a_row=failures + 1, why=str(error))
    except Exception:  # noqa: BLE001 - a chore that fails must not end those to come
        _log.exception("chore_failed", chore=chore.name)
    else:
        return True
    return False
