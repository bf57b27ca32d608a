"""When the intake closes, and opens again."""

from threading import Thread
from time import monotonic, sleep

from ingest_server.outage import Outage
from storage.errors import Unavailable


class Database:
    """Answers, or not."""

    def __init__(self, *, failures: int = 0) -> None:
        self.failures = failures

    def probe(self) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise Unavailable("away")


class Seen:
    """What was said, in order."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def change(self, available: bool) -> None:
        self.said.append(available)

    def refuse(self) -> None:
        self.said.append("refused")


def test_one_failure_of_a_database_that_answers_closes_nothing() -> None:
    seen = Seen()
    outage = Outage(Database().probe, seen.change)
    outage.failed(seen.refuse)
    assert (outage.available, seen.said) == (True, [])


def test_a_database_that_is_away_closes_the_intake_until_it_answers() -> None:
    seen = Seen()
    outage = Outage(Database(failures=3).probe, seen.change)
    outage.failed(seen.refuse)
    assert seen.said == [False, "refused", True]
    assert outage.available


def test_failures_in_a_row_close_it_though_the_database_answers() -> None:
    seen = Seen()
    outage = Outage(Database().probe, seen.change)
    outage.failed(seen.refuse)
    outage.failed(seen.refuse)
    assert seen.said == [False, "refused", True]


def test_a_success_between_failures_keeps_it_open() -> None:
    seen = Seen()
    outage = Outage(Database().probe, seen.change)
    for _ in range(3):
        outage.failed(seen.refuse)
        outage.succeeded()
    assert seen.said == []


def test_stopping_ends_the_wait_and_leaves_it_closed() -> None:
    outage = Outage(Database(failures=10**9).probe, lambda _: None)
    outage.close()
    waiting = Thread(target=outage.wait_for_return)
    waiting.start()
    sleep(0.05)
    started = monotonic()
    outage.stop()
    waiting.join(5)
    assert monotonic() - started < 1
    assert not outage.available
