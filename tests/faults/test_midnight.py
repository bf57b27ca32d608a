"""An event sent twice while the day changes: its two arrivals fall into two partitions."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from types import SimpleNamespace

import pytest

import storage.writer
from storage.memory import Memory
from storage.model import Submission, WriteResult
from storage.partitions import ensure_ahead
from storage.transaction import Transaction
from storage.writer import Writer
from tests.faults.harness.database_clock import DatabaseClock
from tests.support.events import DAY_US, new_event, submission
from tests.support.oracle import check_app, stored_identities
from tests.support.writing import engine_of, new_app, writer_on

#: From the beginning of the test to midnight: time for the first transactions and the lock. In microseconds.
_BEFORE_MIDNIGHT_US = 3_000_000


def now_us() -> int:
    return time.time_ns() // 1_000


@contextmanager
def slow_copy(monkeypatch: pytest.MonkeyPatch, until: Callable[[], bool]) -> Iterator[Event]:
    """The first COPY waits under its lock; set once it does."""
    holds, copy = Event(), Transaction._copy

    def wait(self: Transaction, parts: list[object]) -> None:
        if not holds.is_set():
            holds.set()
            while not until():
                time.sleep(0.005)
        copy(self, parts)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "_copy", wait)
        yield holds


@pytest.mark.parametrize("shared", [True, False], ids=["one server", "two servers"])
def test_an_event_sent_again_while_the_day_changes_is_stored_once(
    database: str, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    """The first sending receives before midnight and commits behind it; the second one looks in between."""
    with engine_of(database, 8) as engine:
        clock, app_id = DatabaseClock(engine), new_app(engine)
        ensure_ahead(engine)
        ahead_us = (now_us() // DAY_US + 1) * DAY_US - now_us() - _BEFORE_MIDNIGHT_US
        midnight_us = now_us() + ahead_us + _BEFORE_MIDNIGHT_US
        clock.jump(timedelta(microseconds=ahead_us))
        machine = SimpleNamespace(time_ns=lambda: time.time_ns() + ahead_us * 1_000)
        monkeypatch.setattr(storage.writer, "time", machine)
        again: Submission = submission(app_id, [new_event("once", midnight_us - 60_000_000)])
        results: list[WriteResult] = []
        memories = [Memory()] * 2 if shared else [Memory(), Memory()]
        with writer_on(engine, memories[0]) as first, writer_on(engine, memories[1]) as second:
            for number, writer in enumerate((first, second)):
                writer.write([submission(app_id, [new_event(f"w-{number}", midnight_us - 70_000_000)])])
            with slow_copy(monkeypatch, lambda: now_us() + ahead_us > midnight_us + 400_000) as holds:
                threads = [
                    Thread(target=lambda writer=writer: results.append(writer.write([again])))
                    for writer in (first, second)
                ]
                threads[0].start()
                assert holds.wait(5)
                assert now_us() + ahead_us < midnight_us
                while now_us() + ahead_us < midnight_us + 50_000:
                    time.sleep(0.002)
                threads[1].start()
                for thread in threads:
                    thread.join(30)
        assert [identity[0] for identity in stored_identities(engine, app_id)].count("once") == 1
        assert sorted(result.outcomes[0].counts for result in results) == [
            (0, 0, 0, 1, 0, 0),
            (1, 0, 0, 0, 0, 0),
        ]
        assert check_app(engine, app_id) == 3


def test_the_first_groups_of_a_process_and_a_day_look_under_the_lock(database: str) -> None:
    """Later ones need not: an arrival of the day is committed."""
    with engine_of(database, 4) as engine, writer_on(engine) as writer:
        app_id = new_app(engine)
        assert _is_final(writer, app_id) is False
        writer.write([submission(app_id, [new_event("a", now_us())])])
        assert _is_final(writer, app_id) is True


def _is_final(writer: Writer, app_id: int) -> bool:
    groups, _ = writer._group(writer._cursor(), [submission(app_id, [new_event("b", now_us())])])
    return groups[app_id].seen.is_final
