"""The shop's traffic as a row of events: who sends what, and what goes wrong with it. Pure."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from demo import mishaps
from demo.releases import APPS, Release, ShopApp
from demo.shopper import Step, Visit
from livevalidation import Event, Source

#: Customers who are in the shop at once, in all apps.
_VISITORS = 40
#: Events that a retry may bring once more.
_REMEMBERED = 300
#: The way from the phone to the server takes up to so long, in seconds.
_LATENCY = 1.5


@dataclass(frozen=True, slots=True)
class Shot:
    """An event on its way."""

    app: str
    source: Source
    event: Event


@dataclass(frozen=True, slots=True)
class _Visitor:
    app: ShopApp
    release: Release
    user_id: str
    steps: Iterator[Step]


class Traffic:
    """An endless row of events; the same seed and the same times give the same row."""

    def __init__(self, seed: int | None = None) -> None:
        """`seed` None: another row each time."""
        self._rng = Random(seed)  # noqa: S311 - dice, not secrets
        self._visitors: list[_Visitor] = []
        self._sent: deque[Shot] = deque(maxlen=_REMEMBERED)

    def next(self, elapsed: float, now: datetime) -> Shot:
        """The next event; `elapsed`: seconds since the demo's start, `now`: the wall clock."""
        rng = self._rng
        if self._sent and rng.random() < mishaps.DUPLICATE:
            return rng.choice(self._sent)
        if self._sent and rng.random() < mishaps.ID_CONFLICT:
            shot = rng.choice(self._sent)
            return replace(shot, event=mishaps.conflicting(shot.event))
        visitor, (name, payload) = self._step(elapsed)
        if rng.random() < mishaps.UNPLANNED:
            name, payload = mishaps.unplanned(rng)
        elif payload and rng.random() < mishaps.TYPO:
            payload = mishaps.mistyped(rng, payload)
        event = Event(
            name,
            payload,
            event_id=str(UUID(int=rng.getrandbits(128), version=4)),
            occurred_at=now - timedelta(seconds=rng.random() * _LATENCY),
            subject=visitor.user_id,
        )
        return self._remember(visitor, self._way(event))

    def _way(self, event: Event) -> Event:
        if self._rng.random() < mishaps.LATE:
            event = mishaps.late(self._rng, event)
        if self._rng.random() < mishaps.REJECTED:
            event = mishaps.unacceptable(self._rng, event)
        return event

    def _remember(self, visitor: _Visitor, event: Event) -> Shot:
        source = Source(
            sdk=visitor.app.sdk,
            app_version=visitor.release.version,
            platform=visitor.app.platform,
            environment="staging" if "beta" in visitor.release.version else "production",
        )
        shot = Shot(visitor.app.name, source, event)
        self._sent.append(shot)
        return shot

    def _step(self, elapsed: float) -> tuple[_Visitor, Step]:
        while True:
            if len(self._visitors) < _VISITORS:
                self._visitors.append(self._arrive(elapsed))
            place = self._rng.randrange(len(self._visitors))
            step = next(self._visitors[place].steps, None)
            if step is not None:
                return self._visitors[place], step
            del self._visitors[place]

    def _arrive(self, elapsed: float) -> _Visitor:
        (app,) = self._rng.choices(APPS, [app.share for app in APPS])
        weights = [release.weight(elapsed) for release in app.releases]
        (release,) = self._rng.choices(app.releases, weights)
        visit = Visit(self._rng, release.bugs)
        return _Visitor(app, release, visit.user_id, visit.steps())
