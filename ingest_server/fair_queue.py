"""Batches that wait for a writer, and whose turn it is. Not safe for threads: group_commit holds a lock."""

from collections import deque
from collections.abc import Iterable

from ingest_server.pending import Pending


class FairQueue:
    """Takes turns between apps, a batch each, so that one that floods does not hold up the others.

    Holds what was admitted, so it is bounded by the budget of bytes in flight: see budget.py.
    """

    def __init__(self) -> None:
        #: Waiting batches by app, oldest first; apps in the order of their turns.
        self._apps: dict[int, deque[Pending]] = {}
        self.events = 0

    def __bool__(self) -> bool:
        return bool(self._apps)

    def put(self, pending: Pending) -> None:
        """Adds behind the app's other batches."""
        self._apps.setdefault(pending.app_id, deque()).append(pending)
        self.events += pending.events

    def put_back(self, batches: Iterable[Pending]) -> None:
        """Adds before the app's other batches, in the given order: these were taken and not written."""
        for pending in reversed(list(batches)):
            self._apps.setdefault(pending.app_id, deque()).appendleft(pending)
            self.events += pending.events

    def oldest_offer(self) -> float:
        """When the batch that waits longest was offered. The queue is not empty."""
        return min(waiting[0].offered_at for waiting in self._apps.values())

    def take(self, max_events: int, max_bytes: int) -> list[Pending]:
        """The next group: at least one batch, more while all fits. The queue is not empty.

        Begins with the app that waits longest: a writer waits for the lock of a group's first app, and skips
        the others that are held elsewhere.
        """
        first = min(self._apps, key=lambda app_id: self._apps[app_id][0].offered_at)
        turns = deque([first, *(app_id for app_id in self._apps if app_id != first)])
        group: list[Pending] = []
        events = size = 0
        while turns:
            app_id = turns.popleft()
            head = self._apps[app_id][0]
            events, size = events + head.events, size + head.size
            if group and (events > max_events or size > max_bytes):
                break
            group.append(self._pop(app_id))
            if app_id in self._apps:
                turns.append(app_id)
        return group

    def take_all(self) -> list[Pending]:
        """Empties the queue."""
        batches = [pending for waiting in self._apps.values() for pending in waiting]
        self._apps.clear()
        self.events = 0
        return batches

    def _pop(self, app_id: int) -> Pending:
        waiting = self._apps.pop(app_id)
        pending = waiting.popleft()
        if waiting:
            # Behind the other apps: its next turn comes after theirs.
            self._apps[app_id] = waiting
        self.events -= pending.events
        return pending
