"""Figures from samples. Pure."""

from collections.abc import Iterable, Mapping, Sequence

#: Digits that are told of a figure: more would pretend to a precision that no run has.
_DIGITS = 3


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share (0 … 1) of them does not exceed: the nearest rank.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    if not samples:
        raise ValueError("no samples")
    rank = max(1, -(-len(samples) * round(share * 10_000) // 10_000))
    return sorted(samples)[rank - 1]


def percentiles_ms(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 of times, in milliseconds."""
    return {f"p{share}_ms": rounded(percentile(seconds, share / 100) * 1000) for share in (50, 95, 99)}


def rounded(value: float) -> float:
    """The value to a few significant digits.

    >>> rounded(123456.0), rounded(0.0123456)
    (123456, 0.0123)
    """
    if abs(value) >= 10**_DIGITS:
        return round(value)
    return float(f"{value:.{_DIGITS}g}")


def rates_by_stored(per_second: Mapping[int, int], step: int) -> list[dict[str, float]]:
    """Events per second for every `step` events, from events by second since the start.

    The whole seconds in which a step was passed count as its time; what is left at the end is not told.
    """
    rates: list[dict[str, float]] = []
    events = seconds = total = 0
    for second in range(max(per_second, default=-1) + 1):
        events += per_second.get(second, 0)
        total += per_second.get(second, 0)
        seconds += 1
        if events >= step:
            rates.append({"events": total, "events_per_second": rounded(events / seconds)})
            events = seconds = 0
    return rates


def merged(counts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The sums by key."""
    total: dict[int, int] = {}
    for each in counts:
        for key, count in each.items():
            total[key] = total.get(key, 0) + count
    return total
