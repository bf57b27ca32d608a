"""Work that goes on beside what is measured."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event


@contextmanager
def repeating(work: Callable[[], object], over: Event | None = None) -> Iterator[None]:
    """Does it again and again beside, until the round that is under way at the end; raises what it raised.

    `over` is set at the end, for work that can stop in the middle of a round.
    """
    over = over or Event()

    def again() -> None:
        while not over.is_set():
            work()

    with ThreadPoolExecutor(1, thread_name_prefix="beside") as pool:
        rounds = pool.submit(again)
        try:
            yield
        finally:
            over.set()
        rounds.result()
