"""Counts of events by verdict, as totals and as bars of a chart; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.readers import Series, Totals
from tracking_plan.verdict import Verdict

#: The verdicts that people see, in their order: an id conflict is a kind of `rejected`.
SHOWN = (Verdict.VALID, Verdict.INVALID, Verdict.UNPLANNED, Verdict.DUPLICATE, Verdict.REJECTED)


#: Of these shares are told: an event that is sent again says nothing new of how an app does.
JUDGED = tuple(verdict for verdict in SHOWN if verdict is not Verdict.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Counts:
    """Events of a time range; `rejected` includes id conflicts."""

    received: int
    by_verdict: dict[Verdict, int]

    @property
    def judged(self) -> int:
        """Events without duplicates."""
        return sum(self.by_verdict[verdict] for verdict in JUDGED)

    @classmethod
    def none(cls) -> "Counts":
        """Of a range without events."""
        return cls(0, dict.fromkeys(SHOWN, 0))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Events of a time range, counted twice: before they were judged, and as the sum of their verdicts."""

    received: int
    counted: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Counts per bar of a chart: bar i covers [starts[i], starts[i] + step)."""

    step: timedelta
    starts: tuple[datetime, ...]
    by_verdict: dict[Verdict, tuple[int, ...]]

    @classmethod
    def none(cls) -> "Bars":
        """Of a range without events."""
        return cls(timedelta(minutes=1), (), dict.fromkeys(SHOWN, ()))


def counts_of(totals: Totals) -> Counts:
    """The reader's totals, with id conflicts folded into `rejected`."""
    by_verdict = {shown: sum(totals.counts[part] for part in _kinds(shown)) for shown in SHOWN}
    return Counts(totals.received, by_verdict)


def add_counts(parts: Iterable[Counts]) -> Counts:
    """The counts of ranges that do not overlap, together."""
    total = Counts.none()
    for part in parts:
        both = {verdict: total.by_verdict[verdict] + part.by_verdict[verdict] for verdict in SHOWN}
        total = Counts(total.received + part.received, both)
    return total


def bars_of(series: Series) -> Bars:
    """The reader's series, with id conflicts folded into `rejected`."""
    by_verdict = {
        shown: tuple(map(sum, zip(*(series.counts[part] for part in _kinds(shown)), strict=True)))
        for shown in SHOWN
    }
    return Bars(series.step, series.starts, by_verdict)


def join_bars(parts: Sequence[Bars], step: timedelta) -> Bars:
    """Bars of ranges that follow each other, in their order."""
    return Bars(
        step,
        tuple(start for part in parts for start in part.starts),
        {verdict: tuple(n for part in parts for n in part.by_verdict[verdict]) for verdict in SHOWN},
    )


def _kinds(shown: Verdict) -> tuple[Verdict, ...]:
    return (Verdict.REJECTED, Verdict.ID_CONFLICT) if shown is Verdict.REJECTED else (shown,)
