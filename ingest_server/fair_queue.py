"""Batches that wait for a writer, and whose turn it is. Not safe for threads: group_commit holds a lock.

A group is of heavy apps or of light ones, never of both: a transaction takes as long as its events are many,
and all its batches are acked behind its COMMIT. So an app that floods holds up no light one.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest_server.pending import Pending

#: Writers that may have batches of one heavy app: while one writes, the other one prepares its rows.
_HANDS = 2


@dataclass(frozen=True, slots=True)
class Turn:
    """Apps whose batches may make up the next group, in the order of their turns."""

    app_ids: tuple[int, ...]
    #: When the batch that waits longest was offered, by the monotonic clock.
    oldest_offer: float
    #: All that wait of these apps.
    events: int
    #: All batches of an app before those of the next, so that two groups seldom share one; else one of each
    #: in turn.
    is_whole: bool = False


@dataclass(slots=True)
class _Waiting:
    """An app's batches, oldest first."""

    batches: deque[Pending] = field(default_factory=deque)
    events: int = 0

    @property
    def since(self) -> float:
        return self.batches[0].offered_at


class FairQueue:
    """Takes turns between apps.

    Holds what was admitted, so it is bounded by the budget of bytes in flight: see budget.py.
    """

    def __init__(self, light_events: int, small_events: int) -> None:
        """An app of which more events wait than `light_events` is heavy, up to `small_events` a small one."""
        self._light_events = light_events
        self._small_events = small_events
        #: In the order of the apps' turns.
        self._apps: dict[int, _Waiting] = {}
        #: By app: groups that were taken and are not done.
        self._in_hand: Counter[int] = Counter()
        self.events = 0

    def __bool__(self) -> bool:
        return bool(self._apps)

    def put(self, pending: Pending) -> None:
        """Adds behind the app's other batches."""
        waiting = self._apps.setdefault(pending.app_id, _Waiting())
        waiting.batches.append(pending)
        self._count(waiting, pending.events)

    def put_back(self, batches: Iterable[Pending]) -> None:
        """Adds before the app's other batches, in the given order: these were taken and not written."""
        for pending in reversed(list(batches)):
            waiting = self._apps.setdefault(pending.app_id, _Waiting())
            waiting.batches.appendleft(pending)
            self._count(waiting, pending.events)

    def is_light(self, app_id: int) -> bool:
        """Whether few events of an app wait."""
        return self._apps[app_id].events <= self._light_events

    def is_in_hand(self, app_id: int) -> bool:
        """Whether a writer has a group with batches of it."""
        return self._in_hand[app_id] > 0

    @property
    def is_any_in_hand(self) -> bool:
        """Whether a writer has a group."""
        return bool(self._in_hand)

    def light_turn(self) -> Turn | None:
        """The light apps that no writer has in hand: their ledgers would be waited for. None: there is none.

        The app that waits longest comes first: a writer waits for the lock of a group's first app, and skips
        the others that are held elsewhere.
        """
        app_ids = [each for each in self._apps if not self.is_in_hand(each) and self.is_light(each)]
        return self._turn(app_ids) if app_ids else None

    def heavy_turn(self) -> Turn | None:
        """The heavy apps that no writer has in hand, else the one that is in a single hand the longest."""
        heavy = [each for each in self._apps if not self.is_light(each)]
        free = [each for each in heavy if not self.is_in_hand(each)]
        if free:
            return self._turn(free, is_whole=True)
        held = [each for each in heavy if self._in_hand[each] < _HANDS]
        return self._turn([min(held, key=self._since)]) if held else None

    def small_turn(self) -> Turn | None:
        """The small heavy app that waits longest and that no writer has in hand. None: there is none."""
        small = [
            each
            for each, waiting in self._apps.items()
            if self._light_events < waiting.events <= self._small_events and not self.is_in_hand(each)
        ]
        return self._turn([min(small, key=self._since)]) if small else None

    def take(self, turn: Turn, max_events: int, max_bytes: int) -> list[Pending]:
        """The next group: at least one batch, more while all fits. In hand until it is said to be done."""
        turns = deque(turn.app_ids)
        group: list[Pending] = []
        events = size = 0
        while turns:
            app_id = turns.popleft()
            head = self._apps[app_id].batches[0]
            events, size = events + head.events, size + head.size
            if group and (events > max_events or size > max_bytes):
                break
            group.append(self._pop(app_id))
            if app_id in self._apps:
                (turns.appendleft if turn.is_whole else turns.append)(app_id)
        self._in_hand.update({pending.app_id for pending in group})
        return group

    def done(self, group: Iterable[Pending]) -> None:
        """A group that was taken is settled, or put back."""
        self._in_hand.subtract({pending.app_id for pending in group})
        # Only those above 0 stay.
        self._in_hand = +self._in_hand

    def take_all(self) -> list[Pending]:
        """Empties the queue."""
        batches = [pending for waiting in self._apps.values() for pending in waiting.batches]
        self._apps.clear()
        self.events = 0
        return batches

    def _turn(self, app_ids: list[int], *, is_whole: bool = False) -> Turn:
        """Of these apps, that which waits longest first."""
        first = min(app_ids, key=self._since)
        ordered = (first, *(each for each in app_ids if each != first))
        events = sum(self._apps[each].events for each in app_ids)
        return Turn(ordered, self._since(first), events, is_whole)

    def _since(self, app_id: int) -> float:
        return self._apps[app_id].since

    def _pop(self, app_id: int) -> Pending:
        waiting = self._apps.pop(app_id)
        pending = waiting.batches.popleft()
        if waiting.batches:
            # Behind the other apps: its next turn comes after theirs.
            self._apps[app_id] = waiting
        self._count(waiting, -pending.events)
        return pending

    def _count(self, waiting: _Waiting, events: int) -> None:
        waiting.events += events
        self.events += events
