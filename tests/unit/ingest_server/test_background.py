"""What is done again and again, and what is told of it."""

from collections.abc import Callable
from threading import Event

import pytest
from structlog.testing import capture_logs

from ingest_server.background import Chore, Chores, DaemonPool
from storage.errors import Unavailable

Step = Callable[[], object]


def put_off() -> None:
    raise Unavailable("in use")


def fail() -> None:
    raise ValueError


def told_by(*steps: Step) -> list[tuple[str, str]]:
    """Event and level of each line that a chore leaves which goes through these steps."""
    left, done = list(steps), Event()

    def run() -> None:
        if left:
            left.pop(0)()
        else:
            done.set()

    chores = Chores([Chore("maintenance", 0.001, run)])
    with capture_logs() as logs:
        chores.start()
        assert done.wait(30)
        chores.stop(30)
    return [(line["event"], line["log_level"]) for line in logs]


@pytest.mark.parametrize(
    ("steps", "levels"),
    [
        ([put_off], ["info"]),
        ([put_off] * 3, ["info", "warning", "warning"]),
        ([put_off, lambda: None, put_off], ["info", "info"]),
    ],
)
def test_what_is_put_off_again_and_again_is_a_warning(steps: list[Step], levels: list[str]) -> None:
    assert told_by(*steps) == [("chore_put_off", level) for level in levels]


def test_a_fault_of_ours_ends_no_chore() -> None:
    assert told_by(fail, put_off) == [("chore_failed", "error"), ("chore_put_off", "warning")]


def test_a_pool_answers_and_hands_errors_on() -> None:
    pool = DaemonPool(2, "calls")
    assert list(pool.map(abs, (-1, -2, -3))) == [1, 2, 3]
    with pytest.raises(ValueError, match="invalid literal"):
        pool.submit(int, "x").result(30)
    pool.stop(30)


def test_a_pool_leaves_out_what_nobody_waits_for_and_ends_though_a_thread_hangs() -> None:
    pool, hanging, go = DaemonPool(1, "calls"), Event(), Event()

    def hang() -> bool:
        hanging.set()
        return go.wait(30)

    held = pool.submit(hang)
    left_out = pool.submit(pytest.fail, "nobody waits for it")
    assert hanging.wait(30)
    assert left_out.cancel()
    pool.stop(0)
    go.set()
    assert held.result(30)
    pool.stop(30)
