"""The apps that send, and which of their releases is how widely in use as time goes by."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto
from itertools import pairwise


class Bug(Flag):
    """What a release does wrong."""

    NONE = 0
    #: Money is formatted too early: amounts are sent as strings.
    MONEY_AS_TEXT = auto()
    #: Orders lost their number.
    NO_ORDER_ID = auto()
    #: The currency is sent as the system spells it: `eur`.
    LOWER_CASE_CURRENCY = auto()


@dataclass(frozen=True, slots=True)
class Release:
    """A version of an app."""

    version: str
    #: How widely it is used: (seconds since the demo's start, weight), linear in between.
    use: tuple[tuple[float, float], ...]
    bugs: Bug = Bug.NONE

    def weight(self, elapsed: float) -> float:
        """How widely it is used now, beside the others' weights."""
        if elapsed <= self.use[0][0]:
            return self.use[0][1]
        for (begin, first), (end, second) in pairwise(self.use):
            if elapsed < end:
                return first + (second - first) * (elapsed - begin) / (end - begin)
        return self.use[-1][1]


@dataclass(frozen=True, slots=True)
class ShopApp:
    """One tracked application."""

    name: str
    platform: str
    sdk: str
    #: How much of the traffic is its own.
    share: float
    releases: Sequence[Release]


#: The first is the one that opens first on the page, and whose key is kept for events sent by hand.
APPS = (
    ShopApp(
        "Shop Android",
        "android",
        "kotlin/2.4.1",
        0.45,
        (
            Release("4.1.3", ((20, 1.0), (120, 0.4), (480, 0.35), (600, 0.1))),
            # Rolled out within two minutes, found to be broken, and replaced after eight.
            Release(
                "4.2.0",
                ((20, 0.0), (120, 0.6), (480, 0.65), (600, 0.08)),
                Bug.MONEY_AS_TEXT | Bug.NO_ORDER_ID,
            ),
            Release("4.2.1", ((480, 0.0), (600, 0.82))),
        ),
    ),
    ShopApp(
        "Shop Web",
        "web",
        "js/5.0.2",
        0.3,
        (Release("2026.11.2", ((0, 0.9),)), Release("2026.11.3", ((0, 0.1), (300, 1.0)))),
    ),
    ShopApp(
        "Shop iOS",
        "ios",
        "swift/3.1.0",
        0.25,
        (
            Release("4.1.5", ((0, 0.7), (300, 0.2))),
            Release("4.2.0", ((0, 0.3), (300, 0.75))),
            Release("4.3.0-beta", ((60, 0.0), (90, 0.06)), Bug.LOWER_CASE_CURRENCY),
        ),
    ),
)
