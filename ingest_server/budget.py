"""Bounds the memory of batches that were read and are not acked. For one event loop.

gRPC's own flow control does not: it hands over messages as fast as they are read. So a stream is not read
from while its own, its app's or the process's share is used up. A message is charged once its size is known;
so each share may be passed by what its streams were reading at that moment, one message each. Those wait as
bytes: decoded, which takes several times as much, is only what the same shares have room for, and how many
events it has is known afterwards: until then it counts as if it had as many as it could.

The last part of the process's share is kept for apps that use next to nothing of it: apps that flood, however
many, leave them room.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

#: What an event costs beside its message and the copy of its part of it, as Python objects: measured on
#: events of 7 fields and 130 bytes, which take 1.4 kB in all, of which 2 · 220 are these bytes.
EVENT_BYTES = 950
#: An event takes no less in a message: its tag and its length.
_LEAST_EVENT_BYTES = 2


def weigh(message_bytes: int, events: int) -> int:
    """Estimated memory of a batch that waits, in bytes: the message, its parts copied out, and objects."""
    return 2 * message_bytes + EVENT_BYTES * events


def weigh_undecoded(message_bytes: int, max_events: int) -> int:
    """The most that it may weigh once it is decoded; more events than those are refused."""
    return weigh(message_bytes, min(message_bytes // _LEAST_EVENT_BYTES, max_events))


@dataclass(frozen=True, slots=True)
class Shares:
    """Bytes that batches in flight may take."""

    process: int
    app: int
    stream: int

    def process_for(self, app_used: int) -> int:
        """How far an app that uses so much may fill the process's share."""
        kept = self.process // 8
        return self.process if app_used < kept // 8 else self.process - kept


@dataclass(slots=True, eq=False)
class Account:
    """One stream's part of the budget, or one message's."""

    app_id: int
    used: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """Somebody who waits for room."""

    has_room: Callable[[], bool]
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Budget:
    """Counts bytes in flight, and holds back streams that would exceed a share."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._by_app: defaultdict[int, int] = defaultdict(int)
        #: Batches that are decoded or are about to be, by app.
        self._places: Counter[int] = Counter()
        #: In the order in which they began to wait; the values mean nothing.
        self._waiting: dict[_Waiter, None] = {}
        self.used = 0

    async def room(self, account: Account) -> None:
        """Returns once another message may be read. For one task of an account at a time."""
        await self._until(lambda: account.used < self._shares.stream and self._has_room(account.app_id))

    async def place(self, app_id: int) -> None:
        """Returns once a message of the app may be decoded: it has a place then, until `leave`."""
        await self._until(lambda: self._has_place(app_id))
        self._places[app_id] += 1

    def leave(self, app_id: int) -> None:
        """A decoded batch is in flight no more."""
        self._places[app_id] -= 1
        if not self._places[app_id]:
            del self._places[app_id]
        self._wake()

    def charge(self, account: Account, size: int) -> None:
        """Counts so many bytes more; if they are fewer, somebody who waits may go on."""
        account.used += size
        self._by_app[account.app_id] += size
        self.used += size
        if not self._by_app[account.app_id]:
            del self._by_app[account.app_id]
        if size < 0:
            self._wake()

    def _has_room(self, app_id: int) -> bool:
        app_used = self._by_app.get(app_id, 0)
        return app_used < self._shares.app and self.used < self._shares.process_for(app_used)

    def _has_place(self, app_id: int) -> bool:
        """Messages that wait to be decoded may fill a share by themselves: then they go one by one."""
        if not self._places:
            return True
        app_used = self._by_app.get(app_id, 0)
        has_share = app_used < self._shares.app or app_id not in self._places
        return has_share and self.used < self._shares.process_for(app_used)

    async def _until(self, has_room: Callable[[], bool]) -> None:
        if has_room():
            return
        waiter = _Waiter(has_room)
        self._waiting[waiter] = None
        try:
            while not has_room():
                waiter.woken.clear()
                # What it was woken for is another's by now; there may be room for a third one.
                self._wake()
                await waiter.woken.wait()
        finally:
            del self._waiting[waiter]
            self._wake()

    def _wake(self) -> None:
        """Lets the first go on for whom there is room; it lets the next one. All at once would find none."""
        for waiter in self._waiting:
            if not waiter.woken.is_set() and waiter.has_room():
                waiter.woken.set()
                return
