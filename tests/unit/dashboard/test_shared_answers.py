"""The cache: one flight per key, errors shared and forgotten, readings of a bounded age."""

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import diskcache
import pytest

from dashboard.cache import Cache, OneFlight

VIEWERS = 20


class Counted:
    """Computes once all expected callers are waiting."""

    def __init__(self) -> None:
        self.calls = 0
        self.go = threading.Event()

    def __call__(self) -> int:
        self.calls += 1
        assert self.go.wait(10)
        return self.calls


class Held(Counted):
    """A reading that is told when it begins, and says as what it was made."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.begun = threading.Event()
        self._answer = answer

    def read(self) -> str:
        self.begun.set()
        self()
        return self._answer


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    opened = Cache(tmp_path)
    yield opened
    opened.close()


def test_callers_at_the_same_time_share_one_flight() -> None:
    flights, compute, begun = OneFlight(), Counted(), threading.Barrier(VIEWERS + 1)

    def ask() -> int:
        begun.wait()
        return flights.do("key", compute)

    with ThreadPoolExecutor(VIEWERS) as pool:
        answers = [pool.submit(ask) for _ in range(VIEWERS)]
        begun.wait()
        # Whoever comes after the leader waits; the last ones may still be on their way.
        threading.Timer(0.2, compute.go.set).start()
        assert {answer.result() for answer in answers} == {1}
    assert compute.calls == 1


def test_an_error_reaches_every_caller_and_is_not_kept() -> None:
    flights = OneFlight()

    def fail() -> int:
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        flights.do("key", fail)
    assert flights.do("key", lambda: 5) == 5


def test_a_keyed_answer_is_computed_once_also_for_another_process(tmp_path: Path) -> None:
    ours, theirs = Cache(tmp_path), Cache(tmp_path)
    assert ours.keyed(("counts", 1, 7), 60, lambda: [1, 2]) == [1, 2]
    assert theirs.keyed(("counts", 1, 7), 60, lambda: [3]) == [1, 2]
    assert theirs.keyed(("counts", 1, 8), 60, lambda: [3]) == [3]
    ours.close()
    theirs.close()


@pytest.mark.parametrize("part", ["get", "set"])
@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("database or disk is full"), OSError("full"), diskcache.Timeout()]
)
def test_a_disk_that_fails_costs_no_answer(
    part: str,
    error: Exception,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cache._disk, part, fail)
    assert [cache.keyed(("counts", number), 60, lambda: 5) for number in range(3)] == [5, 5, 5]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_none_is_an_answer_too(cache: Cache) -> None:
    answers: list[object] = [cache.keyed(("nothing",), 60, asked) for asked in (lambda: None, lambda: 1)]
    assert answers == [None, None]


def test_a_reading_serves_until_it_is_too_old(tmp_path: Path) -> None:
    now, numbers = [0.0], count()
    cache = Cache(tmp_path, monotonic=lambda: now[0])
    readings = []
    for now[0] in (0.0, 0.5, 1.0):
        readings.append(cache.recent(("ledger", 1), 0.8, lambda: next(numbers)))
    assert readings == [0, 0, 1]
    cache.close()


def test_readings_follow_each_other_slot_by_slot_however_many_ask(tmp_path: Path) -> None:
    """Ages are bounded by the slot, and fifty who ask once a slot at any time cost one reading a slot."""
    now, ages = [0.0], []
    cache = Cache(tmp_path, monotonic=lambda: now[0])
    readings = []

    def read() -> float:
        readings.append(now[0])
        return now[0]

    for now[0] in sorted(slot + viewer / 50 for slot in range(100) for viewer in range(50)):
        ages.append(now[0] - cache.recent(("ledger", 1), 1.0, read))
    assert len(readings) == 101
    assert max(ages) < 1.0
    cache.close()


@pytest.mark.parametrize("lateness", [0.0, 0.02, -0.02, 0.3])
def test_one_who_asks_once_a_slot_always_reads_afresh(tmp_path: Path, lateness: float) -> None:
    """Also where each other question comes a little early or late."""
    now, numbers = [0.0], count()
    cache = Cache(tmp_path, monotonic=lambda: now[0])
    answers = []
    for tick in range(1000):
        now[0] = tick + lateness * (tick % 2)
        answers.append(cache.recent(("ledger", 1), 1.0, lambda: next(numbers)))
    assert answers == list(range(1000))
    cache.close()


def test_a_slot_that_nobody_asked_in_is_not_made_up_for(tmp_path: Path) -> None:
    now, numbers = [0.0], count()
    cache = Cache(tmp_path, monotonic=lambda: now[0])
    readings = []
    for now[0] in (0.0, 5.5, 6.0, 6.5):
        readings.append(cache.recent(("ledger", 1), 1.0, lambda: next(numbers)))
    assert readings == [0, 1, 1, 2]
    cache.close()


def test_a_reading_that_lands_just_before_serves_too(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count()

    def read() -> int:
        return cache.recent(("ledger", 1), 60.0, lambda: next(numbers))

    fly = cache._flights.do

    def after_another(key: Hashable, compute: Callable[[], int], keep: Callable[[int], object]) -> int:
        """As if another thread's flight landed after this one's first look."""
        monkeypatch.setattr(cache._flights, "do", fly)
        read()
        return fly(key, compute, keep)

    monkeypatch.setattr(cache._flights, "do", after_another)
    assert (read(), next(numbers)) == (0, 1)


def test_readings_do_not_pile_up(cache: Cache) -> None:
    for number in range(5_000):
        cache.recent(("names", number), 60, lambda: number)  # noqa: B023  called at once
    assert len(cache._recent) <= 2_000


def test_a_reading_is_good_as_long_as_nothing_changed_and_young_after_that(tmp_path: Path) -> None:
    now, numbers = [0.0], count(1)
    cache = Cache(tmp_path, monotonic=lambda: now[0])

    def read(version: int) -> int:
        return cache.recent(("issues", 1), 3.0, lambda: next(numbers), version)

    assert read(7) == 1
    now[0] = 100.0
    assert read(7) == 1
    assert read(8) == 2
    now[0] = 102.0
    assert read(9) == 2
    now[0] = 103.5
    assert read(9) == 3
    cache.close()


def test_what_was_just_changed_is_read_anew(cache: Cache) -> None:
    numbers = count(1)
    assert cache.recent(("issues", 1), 60.0, lambda: next(numbers)) == 1
    cache.forget(("issues", 1))
    cache.forget(("nothing",))
    assert cache.recent(("issues", 1), 60.0, lambda: next(numbers)) == 2


def test_what_is_changed_while_it_is_read_is_read_anew(cache: Cache) -> None:
    """The page that saved a plan is not shown the one before, which another viewer was just reading."""
    key, before = ("ledger", 1), Held("before")
    with ThreadPoolExecutor(2) as pool:
        overtaken = pool.submit(cache.recent, key, 60.0, before.read)
        assert before.begun.wait(10)
        cache.forget(key)
        try:
            assert pool.submit(cache.recent, key, 60.0, lambda: "after").result(5) == "after"
        finally:
            before.go.set()
        assert overtaken.result(10) == "before"
        assert cache.recent(key, 60.0, lambda: "never") == "after"


def test_a_reading_that_was_forgotten_is_not_kept(cache: Cache) -> None:
    key = ("ledger", 1)

    def overtaken() -> str:
        cache.forget(key)
        return "before"

    assert cache.recent(key, 60.0, overtaken) == "before"
    assert cache.recent(key, 60.0, lambda: "after") == "after"


def test_nobody_is_handed_what_is_read_of_another_version(cache: Cache) -> None:
    key, first = ("plan", 1), Held("version 1")
    with ThreadPoolExecutor(2) as pool:
        overtaken = pool.submit(cache.recent, key, 0, first.read, 1)
        assert first.begun.wait(10)
        try:
            assert pool.submit(cache.recent, key, 0, lambda: "version 2", 2).result(5) == "version 2"
        finally:
            first.go.set()
        assert overtaken.result(10) == "version 1"
        assert cache.recent(key, 0, lambda: "version 2 again", 2) in {"version 2", "version 2 again"}


class Crowded(dict[Hashable, Any]):
    """Readings of which another thread drops one just while the oldest is looked for."""

    def __init__(self, cache: Cache) -> None:
        super().__init__()
        self._cache = cache
        self._asked = False

    def __iter__(self) -> Iterator[Hashable]:
        iterator = super().__iter__()
        if not self._asked:
            self._asked = True
            other = threading.Thread(target=self._cache.forget, args=(("names", 0),))
            other.start()
            # As long as it may: who changes readings may have to wait for us.
            other.join(0.5)
        return iterator


def test_readings_of_many_threads_make_room_for_each_other(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.cache._MAX_RECENT", 2)
    cache._recent = Crowded(cache)
    for number in range(4):
        assert cache.recent(("names", number), 60.0, lambda: number) == number  # noqa: B023  called at once
