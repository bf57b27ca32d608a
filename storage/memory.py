"""What the writers of one process remember between transactions. It saves look-ups; it never decides.

Shared by the writer threads; every change is one operation on a set or dict, which the interpreter does
whole.
"""

from collections.abc import Iterable
from datetime import date

from storage.books import Book, known_failing_paths, known_names, known_paths
from storage.model import Source
from storage.schema import MAX_NAMES_PER_APP, MAX_PATHS_PER_NAME
from storage.settle import Identity

#: Identities remembered at least; twice as many at most. About 70 bytes each.
RECENT_IDENTITIES = 200_000


class RecentIdentities:
    """A bounded set of identities committed lately: an ordinary retry is suspected by it.

    Holds hashes: a wrong suspicion costs a look-up.
    """

    def __init__(self, size: int = RECENT_IDENTITIES) -> None:
        self._size = size
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, app_id: int, identities: Iterable[Identity]) -> None:
        """Remembers; forgets the older half when full."""
        self._young.update([hash((app_id, *identity)) for identity in identities])
        if len(self._young) >= self._size:
            self._old, self._young = self._young, set()

    def suspects(self, app_id: int, identities: Iterable[Identity]) -> list[Identity]:
        """Those that were probably committed lately."""
        young, old = self._young, self._old
        if not young and not old:
            return []
        return [
            identity for identity in identities if (key := hash((app_id, *identity))) in young or key in old
        ]


class Distrust:
    """Apps whose groups keep colliding with stored events: their groups are looked up before the COPY."""

    #: Collisions in a row after which an app is distrusted.
    _PATIENCE = 2

    def __init__(self) -> None:
        self._collisions: dict[int, int] = {}

    def __contains__(self, app_id: int) -> bool:
        return self._collisions.get(app_id, 0) >= self._PATIENCE

    def note(self, app_id: int, *, collided: bool) -> None:
        """Says whether the app's last group held events, unsuspected, that were stored before."""
        if collided:
            self._collisions[app_id] = self._collisions.get(app_id, 0) + 1
        else:
            self._collisions.pop(app_id, None)


class Memory:
    """All that the writers of one process share."""

    def __init__(self) -> None:
        self.recent = RecentIdentities()
        self.distrust = Distrust()
        #: Days whose partitions were seen.
        self.days: set[date] = set()
        self.sources: dict[tuple[int, Source], int] = {}
        self.names = Book(MAX_NAMES_PER_APP, known_names)
        self.paths = Book(MAX_PATHS_PER_NAME, known_paths)
        self.failing_paths = Book(MAX_PATHS_PER_NAME, known_failing_paths)
