"""Bounds the memory of batches that were read and are not acked. For one event loop.

gRPC's own flow control does not: it hands over messages as fast as they are read. So a stream is not read
from while its own, its app's or the process's share is used up. A message is charged once its size is known;
so each share may be passed by what its streams were reading at that moment, one message each. Those wait as
bytes: decoded, which takes more than twice as much, is only what a second budget of the same shares has room
for.

The last part of the process's share is kept for apps that use next to nothing of it: apps that flood, however
many, leave them room.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

#: What an event costs beside its message and the copy of its part of it, as Python objects: measured on
#: events of 7 fields and 130 bytes, which take 1.4 kB in all, of which 2 · 220 are these bytes.
EVENT_BYTES = 950


def weigh(message_bytes: int, events: int) -> int:
    """Estimated memory of a batch that waits, in bytes: the message, its parts copied out, and objects."""
    return 2 * message_bytes + EVENT_BYTES * events


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


class Budget:
    """Counts bytes in flight, and holds back streams that would exceed a share."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._by_app: defaultdict[int, int] = defaultdict(int)
        #: In the order in which they began to wait.
        self._waiting: dict[asyncio.Future[None], Account] = {}
        self.used = 0

    async def room(self, account: Account) -> None:
        """Returns once another message may be read, or decoded. For one task of an account at a time."""
        while not self._has_room(account):
            released = asyncio.get_running_loop().create_future()
            self._waiting[released] = account
            try:
                await released
            finally:
                self._waiting.pop(released, None)

    def charge(self, account: Account, size: int) -> None:
        """Counts a batch that was read."""
        self._add(account, size)

    def release(self, account: Account, size: int) -> None:
        """Counts it no more; wakes the streams that may read again."""
        self._add(account, -size)
        if not self._by_app[account.app_id]:
            del self._by_app[account.app_id]
        for released, waiting in list(self._waiting.items()):
            if self._has_room(waiting) and not released.done():
                released.set_result(None)

    def _add(self, account: Account, size: int) -> None:
        account.used += size
        self._by_app[account.app_id] += size
        self.used += size

    def _has_room(self, account: Account) -> bool:
        app_used = self._by_app.get(account.app_id, 0)
        return (
            account.used < self._shares.stream
            and app_used < self._shares.app
            and self.used < self._shares.process_for(app_used)
        )
