"""What the writers of one process remember between transactions. It saves look-ups; it never decides.

Shared by the writer threads; every change is one operation on a set or dict, which the interpreter does
whole.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from threading import Lock

from storage.books import Book, known_failing_paths, known_names, known_paths, known_values
from storage.model import Identity, Source
from storage.schema import MAX_NAMES_PER_APP, MAX_PATHS_PER_NAME, MAX_VALUES_PER_NAME

#: Identities remembered at least; twice as many at most. About 70 bytes each.
RECENT_IDENTITIES = 200_000
#: Sources remembered at most, of all apps; up to 1 kB each. A producer may name new ones without an end.
MAX_SOURCES = 10_000


class RecentIdentities:
    """A bounded set of identities committed lately: an ordinary retry is suspected by it.

    Holds hashes: a wrong suspicion costs a look-up.
    """

    def __init__(self, size: int = RECENT_IDENTITIES) -> None:
        self._size = size
        #: Two writers that find it full would forget both halves.
        self._turn = Lock()
        self._young: set[int] = set()
        self._old: set[int] = set()

    @staticmethod
    def marks(app_id: int, identities: Iterable[Identity]) -> list[int]:
        """What is remembered of each."""
        return [hash((app_id, identity)) for identity in identities]

    def add(self, marks: Iterable[int]) -> None:
        """Remembers; forgets the older half when full."""
        self._young.update(marks)
        with self._turn:
            if len(self._young) >= self._size:
                self._old, self._young = self._young, set()

    def suspects(self, identities: Sequence[Identity], marks: Sequence[int]) -> list[Identity]:
        """Those that were probably committed lately."""
        young, old = self._young, self._old
        if young.isdisjoint(marks) and old.isdisjoint(marks):
            return []
        pairs = zip(identities, marks, strict=True)
        return [identity for identity, mark in pairs if mark in young or mark in old]


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
        #: The day of each app's last arrival that one of the writers committed.
        self.arrived: dict[int, date] = {}
        self.sources: dict[tuple[int, Source], int] = {}
        self.names = Book(MAX_NAMES_PER_APP, known_names)
        self.paths = Book(MAX_PATHS_PER_NAME, known_paths)
        self.values = Book(MAX_VALUES_PER_NAME, known_values)
        self.failing_paths = Book(MAX_PATHS_PER_NAME, known_failing_paths)

    def learn_source(self, app_id: int, source: Source, number: int) -> None:
        """Remembers a source's number; forgets all others when there are too many."""
        if len(self.sources) >= MAX_SOURCES:
            self.sources.clear()
        self.sources[app_id, source] = number
