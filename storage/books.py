"""Bounds how many distinct names and paths rollups keep apart; the rest counts under OTHER.

Admission happens under the app's ledger lock, so no two writers admit for one app at a time.
"""

from collections.abc import Callable, Hashable, Iterable
from time import monotonic
from typing import Any

from storage.schema import OTHER

#: Entries of all keys of a book together, after which it is emptied: it only saves reads.
_MAX_CACHED = 200_000
#: How long a key is taken for full before it is read anew, in seconds: retention may have made room.
_FULL_SECONDS = 600.0

Key = tuple[Hashable, ...]


class Book:
    """The admitted entries of each key, as far as they were asked for.

    `load(cursor, key)` reads those that the database has.
    """

    def __init__(
        self,
        limit: int,
        load: Callable[[Any, Key], Iterable[str]],
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._limit = limit
        self._load = load
        self._clock = clock
        self._cached: dict[Key, frozenset[str]] = {}
        #: When the full ones were read last.
        self._full_at: dict[Key, float] = {}
        self._entries = 0

    def admit(self, cursor: Any, key: Key, wanted: set[str]) -> frozenset[str]:
        """All entries that the key may have from now on: those it has, and new ones while there is room.

        What this answers is to be handed to `learn` once the transaction is committed.
        """
        known = self._cached.get(key, frozenset())
        was_full = len(known) >= self._limit
        if wanted <= known or (was_full and not self._is_read_anew(key)):
            return known
        known = frozenset(self._load(cursor, key)) - {OTHER}
        if was_full:
            # Committed already, whatever becomes of this transaction.
            self._full_at[key] = self._clock()
            self.learn(key, known)
        room = max(0, self._limit - len(known))
        return known | frozenset(sorted(wanted - known)[:room])

    def _is_read_anew(self, key: Key) -> bool:
        """Whether a key that was full is to be looked at again."""
        return self._clock() >= self._full_at.get(key, float("-inf")) + _FULL_SECONDS

    def learn(self, key: Key, entries: frozenset[str]) -> None:
        """Remembers what was admitted and committed."""
        before = self._cached.get(key, frozenset())
        if entries == before:
            return
        if self._entries > _MAX_CACHED:
            self._cached, self._full_at, self._entries = {}, {}, 0
            before = frozenset()
        self._cached[key] = entries
        self._entries += len(entries) - len(before)


def known_names(cursor: Any, key: Key) -> Iterable[str]:
    """Names of an app: key (app_id). By event_name_pkey."""
    cursor.execute("SELECT name FROM event_name WHERE app_id = %s", key)
    return [name for (name,) in cursor.fetchall()]


def known_paths(cursor: Any, key: Key) -> Iterable[str]:
    """Paths in the catalog: key (app_id, name). By catalog_pkey."""
    cursor.execute("SELECT DISTINCT path FROM catalog WHERE app_id = %s AND name = %s", key)
    return [path for (path,) in cursor.fetchall()]


def known_values(cursor: Any, key: Key) -> Iterable[str]:
    """Planned values that came, as `value_entry` has them: key (app_id, name). By field_value_pkey."""
    cursor.execute("SELECT path, value FROM field_value WHERE app_id = %s AND name = %s", key)
    return [value_entry(path, value) for path, value in cursor.fetchall()]


def value_entry(path: str, value: str) -> str:
    """A field's value as an entry of a book. No two are alike: JSON on one line has no line break."""
    return f"{path}\n{value}"


def known_failing_paths(cursor: Any, key: Key) -> Iterable[str]:
    """Paths that violations were at: key (app_id, name). By issue_source_pkey."""
    cursor.execute("SELECT DISTINCT path FROM issue_source WHERE app_id = %s AND name = %s", key)
    return [path for (path,) in cursor.fetchall()]
