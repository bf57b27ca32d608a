"""Work that goes on beside a test's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def repeating(work: Callable[[], object]) -> Iterator[None]:
    """Does it again and again beside."""
    over = Event()

    def again() -> None:
        while not over.is_set():
            work()

    thread = Thread(target=again, name="beside")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
