"""How old events are when they are seen. Pure."""

from collections.abc import Iterable, Sequence


def freshness(sent: Iterable[tuple[float, int]], seen: Sequence[tuple[float, int]]) -> list[float]:
    """Seconds from sent to seen.

    `sent`: when something was sent, and the seq by which it is stored; `seen`: when a page showed all up to
    which seq, in the order of time. What the page never showed is left out.

    >>> freshness([(1.0, 5), (2.0, 8), (3.0, 20)], [(1.5, 4), (2.5, 9)])
    [1.5, 0.5]
    """
    ages = []
    place = 0
    for at, seq in sorted(sent, key=lambda pair: pair[1]):
        while place < len(seen) and seen[place][1] < seq:
            place += 1
        if place == len(seen):
            break
        ages.append(seen[place][0] - at)
    return ages
