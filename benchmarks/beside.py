"""Work that goes on beside what is measured."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event


@contextmanager
def repeating(work: Callable[[], object]) -> Iterator[None]:
    """Does it again and again beside, until the round that is under way at the end; raises what it raised."""
    over = Event()

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
