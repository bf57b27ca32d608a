"""Which statuses are retried, and when."""

import grpc
import pytest

from livevalidation.errors import GaveUp, Refused
from livevalidation.options import Options
from livevalidation.retry import RULES, Disposition, Failure, Retrying

UNAVAILABLE = Failure(grpc.StatusCode.UNAVAILABLE, "connection refused")
PERMANENT = {
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNIMPLEMENTED,
}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def longest(low: float, high: float) -> float:
    assert low == 0.0
    return high


def test_the_rules_cover_every_status() -> None:
    assert set(RULES) == set(grpc.StatusCode)


@pytest.mark.parametrize("code", list(grpc.StatusCode), ids=lambda code: code.name)
@pytest.mark.parametrize("told", [None, 0.5])
def test_only_what_a_retry_cannot_mend_is_given_up(code: grpc.StatusCode, told: float | None) -> None:
    retrying = Retrying(Options())
    exhausted = code is grpc.StatusCode.RESOURCE_EXHAUSTED and told is None
    if code in PERMANENT or exhausted:
        with pytest.raises(Refused, match=f"{code.name}: why") as raised:
            retrying.delay_after(Failure(code, "why", told))
        assert raised.value.code is code
    else:
        assert retrying.delay_after(Failure(code, "why", told)) >= (told or 0.0)


def test_given_up_statuses_say_what_to_do() -> None:
    given_up = {code for code, rule in RULES.items() if rule.disposition is not Disposition.RETRY}
    assert {code for code, rule in RULES.items() if rule.remedy} == given_up


def test_the_ceiling_doubles_up_to_the_cap_and_starts_again_after_progress() -> None:
    retrying = Retrying(Options(initial_backoff=0.1, max_backoff=2.0), uniform=longest)
    delays = [retrying.delay_after(UNAVAILABLE) for _ in range(7)]
    assert delays == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0])
    retrying.progress()
    assert retrying.delay_after(UNAVAILABLE) == pytest.approx(0.1)


def test_any_number_of_retries_keeps_the_cap() -> None:
    retrying = Retrying(Options(), uniform=longest)
    assert {retrying.delay_after(UNAVAILABLE) for _ in range(2_000)} >= {2.0}
    assert retrying.delay_after(UNAVAILABLE) == 2.0


def test_delays_are_spread_over_the_whole_range() -> None:
    options = Options(initial_backoff=1.0)
    delays = [Retrying(options).delay_after(UNAVAILABLE) for _ in range(400)]
    assert 0.0 <= min(delays) < 0.1
    assert 0.9 < max(delays) <= 1.0


def test_the_jitter_comes_on_top_of_what_the_server_asks() -> None:
    retrying = Retrying(Options(initial_backoff=0.1), uniform=longest)
    told = Failure(grpc.StatusCode.UNAVAILABLE, "", retry_after=7.0)
    assert retrying.delay_after(told) == pytest.approx(7.1)


def test_gives_up_when_the_patience_is_over_since_the_first_failure() -> None:
    clock = Clock()
    retrying = Retrying(Options(give_up_after=10.0, initial_backoff=0.5), clock=clock, uniform=longest)
    retrying.delay_after(UNAVAILABLE)
    clock.now += 8.0
    retrying.delay_after(UNAVAILABLE)
    clock.now += 1.0
    with pytest.raises(GaveUp, match=r"within 10 s.*UNAVAILABLE: connection refused"):
        retrying.delay_after(UNAVAILABLE)


def test_progress_renews_the_patience() -> None:
    clock = Clock()
    retrying = Retrying(Options(give_up_after=10.0), clock=clock, uniform=longest)
    retrying.delay_after(UNAVAILABLE)
    clock.now += 9.9
    retrying.progress()
    clock.now += 5.0
    assert retrying.delay_after(UNAVAILABLE) == pytest.approx(0.1)


def test_a_delay_longer_than_the_patience_is_not_waited_for() -> None:
    retrying = Retrying(Options(give_up_after=5.0), clock=Clock(), uniform=longest)
    with pytest.raises(GaveUp):
        retrying.delay_after(Failure(grpc.StatusCode.UNAVAILABLE, "", retry_after=60.0))
