"""What is done again and again, and what is told of it."""

from collections.abc import Callable
from threading import Event

import pytest
from structlog.testing import capture_logs

from ingest_server.background import Chore, Chores
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
