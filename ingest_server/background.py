"""Work that a server does again and again beside its calls."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import ParamSpec, TypeVar

import structlog

from storage.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

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
        _join(self._threads, timeout)

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


class DaemonPool(Executor):
    """As ThreadPoolExecutor, but that a thread which hangs in the database does not keep the process."""

    def __init__(self, threads: int, name: str) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._run, name=f"{name}_{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs it once a thread is free; after `stop` never."""
        future: Future[T] = Future()
        self._work.put(partial(_settle, future, partial(fn, *args, **kwargs)))
        return future

    def stop(self, timeout: float) -> None:
        """Ends the threads; waits for those that are busy, up to `timeout` seconds in all."""
        for _ in self._threads:
            self._work.put(None)
        _join(self._threads, timeout)

    def _run(self) -> None:
        # A function runs each, and its frame ends: who waits for the next one holds nothing of the last.
        while self._run_next():
            pass

    def _run_next(self) -> bool:
        task = self._work.get()
        if task is None:
            return False
        task()
        return True


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - for whoever waits
        future.set_exception(error)


def _join(threads: Iterable[Thread], timeout: float) -> None:
    """Waits for their ends, up to `timeout` seconds in all."""
    deadline = monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
