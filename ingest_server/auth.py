"""Which app a call belongs to: its API key decides.

Known keys are held in memory and read anew on every notice and every few seconds. While the database is away
the last known ones go on; a key that is not among them is refused, as one that cannot be checked now.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from itertools import count
from threading import Lock
from time import monotonic
from typing import NamedTuple

from ingest_server.errors import TooManyUnknownKeys, Unauthenticated
from storage.errors import Unavailable
from storage.keys import StoredKey, key_prefix, matches

_HEADER = "authorization"
_SCHEME = "bearer"
#: An unknown key asks the database at most so often, in seconds, however many calls come with one.
_MIN_PAUSE = 0.25
#: So many calls may wait for that at once.
MAX_UNKNOWN = 256


def bearer_key(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The key in a call's metadata. Raises Unauthenticated."""
    for name, value in metadata:
        if name.lower() == _HEADER and isinstance(value, str):
            scheme, _, key = value.partition(" ")
            if scheme.lower() == _SCHEME and key.strip():
                return key.strip()
    raise Unauthenticated


class _Keys(NamedTuple):
    """What one reading brought."""

    by_prefix: dict[str, StoredKey]
    active: frozenset[int]


class KeyRing:
    """The active keys as last read. Safe for threads.

    Where readings cross, the one that began last counts: an older one may lack a key that was made, or have
    one that was revoked, in between.
    """

    def __init__(self, load: Callable[[], Sequence[StoredKey]]) -> None:
        self._load = load
        self._turns = count(1)
        self._lock = Lock()
        #: The turn of the reading that counts.
        self._newest = 0
        self._keys = _Keys({}, frozenset())
        #: Whether the last reading failed: what is not known may exist.
        self.stale = True

    def refresh(self) -> None:
        """Reads the keys. Raises Unavailable, or a fault's error; the last known keys stay."""
        turn = next(self._turns)
        try:
            keys = self._load()
        except Exception:
            self._take(turn, None)
            raise
        self._take(turn, keys)

    def _take(self, turn: int, keys: Sequence[StoredKey] | None) -> None:
        """What the reading of this turn brought; None: nothing."""
        with self._lock:
            if turn < self._newest:
                return
            self._newest = turn
            self.stale = keys is None
            if keys is not None:
                by_prefix = {key.prefix: key for key in keys}
                # At once: a key that is found is active, too.
                self._keys = _Keys(by_prefix, frozenset(key.key_id for key in keys))

    def find(self, presented: str) -> StoredKey | None:
        """The active key that was presented."""
        prefix = key_prefix(presented)
        stored = self._keys.by_prefix.get(prefix) if prefix else None
        return stored if stored is not None and matches(presented, stored.sha256) else None

    def is_active(self, key_id: int) -> bool:
        """Whether the key was not revoked, as far as is known."""
        return key_id in self._keys.active


class Authenticator:
    """Finds the key of a call; for one event loop."""

    def __init__(self, ring: KeyRing, pool: Executor) -> None:
        self._ring = ring
        self._pool = pool
        self._one_at_a_time = asyncio.Lock()
        #: When the last reading began, and the last one that was waited for until its end.
        self._began_at = self._refreshed_at = float("-inf")
        self._unknown = 0

    async def authenticate(self, metadata: Iterable[tuple[str, str | bytes]]) -> StoredKey:
        """The call's key: at once where it is known.

        Raises Unauthenticated, and Unavailable or TooManyUnknownKeys where an unknown one cannot be checked.
        """
        presented = bearer_key(metadata)
        if key_prefix(presented) is None:
            raise Unauthenticated
        return self._ring.find(presented) or await self._look_up(presented)

    async def _look_up(self, presented: str) -> StoredKey:
        """As `authenticate`, where the key is not known."""
        if self._unknown >= MAX_UNKNOWN:
            raise TooManyUnknownKeys
        self._unknown += 1
        try:
            await self._refresh_since(monotonic())
        finally:
            self._unknown -= 1
        # Asked before the key is: another thread's reading may come in between.
        stale = self._ring.stale
        known = self._ring.find(presented)
        if known is None:
            raise Unavailable("Keys cannot be read now") if stale else Unauthenticated
        return known

    async def _refresh_since(self, asked_at: float) -> None:
        """Reads the keys, unless another call has done so since then."""
        async with self._one_at_a_time:
            if self._refreshed_at >= asked_at:
                return
            await asyncio.sleep(max(0.0, self._began_at + _MIN_PAUSE - monotonic()))
            began_at = self._began_at = monotonic()
            try:
                await asyncio.get_running_loop().run_in_executor(self._pool, self._ring.refresh)
            except Unavailable:
                pass  # The ring knows that it is stale.
            except Exception:
                self._refreshed_at = began_at
                raise
            # Not where its call was given up: it ends later, and those that wait read anew.
            self._refreshed_at = began_at
