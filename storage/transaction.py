"""One attempt to write a group, from the ledgers' locks to COMMIT. See docs/design.md §4.

The order: lock the ledgers and read the clock; look up what may be stored; settle which events are new;
COPY them; add to the rollups; update the ledgers; commit.
"""

from dataclasses import dataclass
from typing import Any

from storage.copy_rows import head, interleaved
from storage.copying import Copying, IdentityTaken, PartitionMissing, RowRange, RowsRefused
from storage.ledger import LockedLedger, Locks, lock_ledgers
from storage.memory import Memory
from storage.model import Identity, Limits, WriteResult
from storage.partitions import Partition
from storage.prepared import PreparedGroup
from storage.rollups import RollupWrite, Written, learn
from storage.seen import Search
from storage.settle import AppGroup, Window


@dataclass(frozen=True, slots=True)
class _Part:
    """One app's part of the transaction, under its lock."""

    prepared: PreparedGroup
    ledger: LockedLedger
    window: Window
    #: Content hashes of stored events, as far as they were looked up.
    known: dict[Identity, int]

    @property
    def group(self) -> AppGroup:
        """Its submissions, and what becomes of their events."""
        return self.prepared.group

    @property
    def partition(self) -> Partition:
        """Where its events go."""
        return Partition(self.ledger.received_at.date())

    def settle(self) -> None:
        """Decides anew with all that is known."""
        self.group.settle(self.known, self.window)

    def written(self) -> Written:
        """What became of it."""
        first, last = self.ledger.last_seq + 1, self.ledger.last_seq + len(self.group.stored)
        return Written(self.group, self.prepared.counts(), self.ledger.received_at, first, last)


class Transaction:
    """Runs on a cursor in autocommit; whoever catches an error of it rolls back."""

    def __init__(self, cursor: Any, limits: Limits, memory: Memory) -> None:
        self._cursor = cursor
        self._limits = limits
        self._memory = memory
        self._search = Search(cursor, memory, limits)

    def run(self, groups: dict[int, PreparedGroup]) -> WriteResult:
        """Writes what can be written now; the result says what must be offered again.

        Raises PartitionMissing, and the driver's errors.
        """
        locks = lock_ledgers(self._cursor, list(groups))
        parts = [
            self._part(groups[app_id], ledger)
            for app_id, ledger in locks.ledgers.items()
            if groups[app_id].group.judged_by == {ledger.plan_version}
        ]
        result = _left_out(groups, locks, {part.group.app_id for part in parts})
        if not parts:
            self._cursor.execute("ROLLBACK")
            return result
        for written in self._store(parts):
            result.outcomes.update(written.group.outcomes(written.last_seq))
        return result

    def _part(self, prepared: PreparedGroup, ledger: LockedLedger) -> _Part:
        limits, now = self._limits, ledger.clock_us
        window = Window(now - limits.retention_us, now + limits.max_future_us)
        return _Part(prepared, ledger, window, dict(prepared.seen.known))

    def _store(self, parts: list[_Part]) -> list[Written]:
        for part in parts:
            self._look_up(part)
            part.settle()
        self._copy(parts)
        written = [part.written() for part in parts]
        rollups = RollupWrite(self._cursor, self._memory)
        for app in written:
            rollups.add(app)
        rollups.write()
        # Before others can take the ledger: whoever has it next suspects these. If the COMMIT fails, a
        # suspicion that is wrong costs a look-up.
        for part in parts:
            self._memory.recent.add(part.prepared.marks)
        self._cursor.execute("COMMIT")
        learn(rollups.admissions)
        self._memory.arrived.update(
            (app.group.app_id, app.received_at.date()) for app in written if app.group.received
        )
        return written

    def _look_up(self, part: _Part) -> None:
        """Looks up what could not be known before the lock, or is not true any more."""
        prepared, group = part.prepared, part.group
        ledger = part.ledger
        if prepared.seen.day != part.partition.day or not prepared.seen.is_final:
            seen = self._search.look_up(group, prepared.marks, ledger.received_us, ledger.clock_us)
            part.known.update(seen.known)
        else:
            suspects = self._memory.recent.suspects(group.identities, prepared.marks)
            self._find_today(part, [key for key in suspects if key not in part.known])
        if group.has_undated:
            part.known.update(self._search.undated(group, ledger.clock_us, part.partition))

    def _find_today(self, part: _Part, identities: list[Identity]) -> bool:
        """Looks up in the partition that the events go to; whether any is there."""
        found = self._search.in_partition(part.group.app_id, identities, part.partition)
        part.known.update(found)
        return bool(found)

    def _copy(self, parts: list[_Part]) -> None:
        """Copies what is new; events that are stored after all, or refused, are settled anew."""
        copying, collided = Copying(self._cursor), False
        while True:
            try:
                self._copy_settled(copying, parts)
            except IdentityTaken:
                if collided:
                    raise RuntimeError("an identity is taken, yet no event was found to have it") from None
                collided = True
                copying.undo()
                self._look_up_all(parts)
            except RowsRefused:
                copying.undo()
            else:
                break
            for part in parts:
                part.settle()
        if not collided:
            self._note_peace(parts)

    def _copy_settled(self, copying: Copying, parts: list[_Part]) -> None:
        for partition in dict.fromkeys(part.partition for part in parts):
            rows = _Rows([part for part in parts if part.partition == partition])
            self._check(partition)
            try:
                copying.copy(partition.day, RowRange(0, len(rows), rows.encode))
            except RowsRefused as refused:
                rows.blame(refused.places)
                raise

    def _check(self, partition: Partition) -> None:
        """Raises PartitionMissing unless the partition was seen."""
        if partition.day in self._memory.days:
            return
        self._cursor.execute("SELECT to_regclass(%s)", (partition.name,))
        if self._cursor.fetchone() == (None,):
            raise PartitionMissing(partition.day)
        self._memory.days.add(partition.day)

    def _look_up_all(self, parts: list[_Part]) -> None:
        for part in parts:
            identities = part.group.identities
            found = self._find_today(part, [identities[place] for place in part.group.stored])
            self._memory.distrust.note(part.group.app_id, collided=found)

    def _note_peace(self, parts: list[_Part]) -> None:
        for part in parts:
            if part.group.app_id not in self._memory.distrust:
                self._memory.distrust.note(part.group.app_id, collided=False)


class _Rows:
    """The rows of several apps for one COPY, in the order of their apps and seqs."""

    def __init__(self, parts: list[_Part]) -> None:
        self._parts = parts
        self._heads: list[bytes] = []
        self._tails: list[bytes] = []
        for part in parts:
            stored, ledger = part.group.stored, part.ledger
            seqs = range(ledger.last_seq + 1, ledger.last_seq + 1 + len(stored))
            self._heads += [head(seq, ledger.received_us) for seq in seqs]
            self._tails += [part.group.tails[place] for place in stored]

    def __len__(self) -> int:
        return len(self._tails)

    def encode(self, start: int, stop: int) -> bytes:
        """The bytes of a range of rows."""
        return interleaved(self._heads[start:stop], self._tails[start:stop])

    def blame(self, rows: tuple[int, ...]) -> None:
        """Tells the apps' groups which of their events Postgres refuses."""
        origins = [(part.group, place) for part in self._parts for place in part.group.stored]
        for row in rows:
            group, place = origins[row]
            group.blame(place)


def _left_out(groups: dict[int, PreparedGroup], locks: Locks, taken: set[int]) -> WriteResult:
    """Says why each app that is not taken was left out."""
    unlocked = groups.keys() - locks.ledgers.keys()
    # A row that was waited for and not found is gone; one that was skipped is locked, or gone.
    gone = set() if locks.waited_in_vain else unlocked & {next(iter(groups))}
    return WriteResult(
        busy=_positions(groups, unlocked - gone),
        gone=_positions(groups, gone),
        replanned={
            app_id: ledger.plan_version for app_id, ledger in locks.ledgers.items() if app_id not in taken
        },
    )


def _positions(groups: dict[int, PreparedGroup], app_ids: set[int]) -> tuple[int, ...]:
    return tuple(position for app_id in app_ids for position, _, _ in groups[app_id].group.submissions)
