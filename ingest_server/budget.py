"""Bounds the memory of batches that were read and are not acked. For one event loop.

gRPC's own flow control does not: it hands over messages as fast as they are read. So a stream is not read
from while its own, its app's or the process's share is used up. A message is charged once its size is known;
so each share may be passed by what its streams were reading at that moment, one message each. Those wait as
bytes: decoded, which takes several times as much, is what the app's and the process's shares have room for
beside them. How many events a message has is known afterwards: until then it counts as if it had as many as
it could. What is wrong with them is known afterwards, too (see weight.py): by that a share may be passed once
more, by the messages that are being decoded at that moment, one of an app.

Where messages that wait fill a share by themselves, a part of it is still for decoded ones: else nobody would
go on, or an app whose batches cannot be written would hold up others.

The last part of the process's share is kept for apps that use next to nothing of it: apps that flood, however
many, leave them room.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


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

    @property
    def decoded_app(self) -> int:
        """What an app may have decoded in any case: by default enough that its writers find full groups."""
        return self.app // 4

    def decoded_process_for(self, app_decoded: int) -> int:
        """What all may have decoded in any case: by default more than a single app can take for itself."""
        return self.process_for(app_decoded) * 3 // 4


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
        #: Of all that is in flight, and of the part of it that is decoded or about to be.
        self._by_app: Counter[int] = Counter()
        self._decoded_by_app: Counter[int] = Counter()
        self.used = self._decoded = 0
        #: In the order in which they began to wait; the values mean nothing.
        self._waiting: dict[_Waiter, None] = {}

    async def room(self, account: Account) -> None:
        """Returns once another message may be read. For one task of an account at a time."""
        await self._until(lambda: account.used < self._shares.stream and self._has_room(account.app_id))

    async def decode(self, account: Account, size: int, decoded: int) -> None:
        """Returns once a message may be decoded, which is charged then as `charge` does."""
        await self._until(
            lambda: self._has_room_to_decode(account.app_id), lambda: self.charge(account, size, decoded)
        )

    def charge(self, account: Account, size: int, decoded: int = 0) -> None:
        """Counts so many bytes more, so many of them more that are decoded; both may be less than 0."""
        account.used += size
        self.used += size
        self._decoded += decoded
        _add(self._by_app, account.app_id, size)
        _add(self._decoded_by_app, account.app_id, decoded)
        if size < 0 or decoded < 0:
            self._wake()

    def _has_room(self, app_id: int) -> bool:
        app_used = self._by_app.get(app_id, 0)
        return app_used < self._shares.app and self.used < self._shares.process_for(app_used)

    def _has_room_to_decode(self, app_id: int) -> bool:
        app_decoded = self._decoded_by_app.get(app_id, 0)
        return self._has_room(app_id) or (
            app_decoded < self._shares.decoded_app
            and self._decoded < self._shares.decoded_process_for(app_decoded)
        )

    def _is_full(self) -> bool:
        """Whether there is room for nobody, which spares to ask everybody at each batch of a full server."""
        shares = self._shares
        return self.used >= shares.process and self._decoded >= shares.decoded_process_for(0)

    async def _until(self, has_room: Callable[[], bool], take: Callable[[], None] = lambda: None) -> None:
        if has_room():
            take()
            return
        waiter = _Waiter(has_room)
        self._waiting[waiter] = None
        try:
            while not has_room():
                waiter.woken.clear()
                # What it was woken for is another's by now; there may be room for a third one.
                self._wake()
                await waiter.woken.wait()
            take()
        finally:
            del self._waiting[waiter]
            self._wake()

    def _wake(self) -> None:
        """Lets the first go on for whom there is room; it takes what it needs, and lets the next one."""
        if self._is_full():
            return
        for waiter in self._waiting:
            if not waiter.woken.is_set() and waiter.has_room():
                waiter.woken.set()
                return


def _add(counts: Counter[int], app_id: int, size: int) -> None:
    """Keeps no app that has nothing."""
    counts[app_id] += size
    if not counts[app_id]:
        del counts[app_id]
