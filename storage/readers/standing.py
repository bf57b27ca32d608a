"""Where a view stands: how many rows it has, and which of them is at a time of arrival."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from storage.model import Ledger
from storage.readers.access import access_of
from storage.readers.condition import Condition
from storage.readers.event_rows import fetch_seqs
from storage.readers.lasting import Rollups
from storage.readers.minutes import MINUTE, check_range, floor, seqs_of
from storage.readers.model import Counted, Landing, View
from storage.readers.rollup_counts import rows_only
from storage.readers.scan import Clock, Search
from storage.readers.spans import cut
from storage.readers.stretches import Stretch

#: Up to how many rows are counted that no rollup knows.
MAX_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A view in one snapshot."""

    rollups: Rollups
    ledger: Ledger
    condition: Condition
    view: View
    #: None: the view has no rows.
    extent: Stretch | None
    newest_first: bool

    @property
    def _conn(self) -> Connection:
        return self.rollups.conn

    def count(self, clock: Clock, seconds: float) -> Counted:
        """Its rows: all of them by the rollups; else those that are found in so many seconds, but for
        MAX_COUNTED at most."""
        if self.view.total is not None:
            return Counted(self.view.total, complete=True)
        if self.extent is None:
            return Counted(0, complete=True)
        access = access_of(self.condition)
        search = Search(self._conn, access, self.extent, self.newest_first, clock, seconds, fetch_seqs)
        first = self.extent.last_seq if self.newest_first else self.extent.first_seq
        found = search.run(first, MAX_COUNTED + 1)
        rows = min(len(found.rows), MAX_COUNTED)
        return Counted(rows, complete=found.scanned_to is None and rows == len(found.rows))

    def land(self, at: datetime) -> Landing:
        """Its first row, in its order, that did not arrive before (newest first: behind) that minute."""
        check_range(at, None)
        # The first minute behind the rows that are wanted, newest first; else the first that is.
        edge = at + MINUTE if self.newest_first else at
        return Landing(self._row(edge), self._after(edge))

    def _row(self, edge: datetime) -> int | None:
        total = self.view.total
        if total is None:
            return None
        later = self._rows_from(edge)
        return later if self.newest_first else total - later

    def _rows_from(self, edge: datetime) -> int:
        """Rows of the view that arrived at that minute or later; the view has a total."""
        if self.extent is None or edge >= self.extent.end:
            return 0
        if self.condition.every_row:
            return self.extent.last_seq - self._last_before(edge)
        counts = rows_only(self.condition)
        closed_end = min(self.extent.end, self.view.minute or self.extent.end)
        closed = self.rollups.total(cut(max(edge, self.extent.start), closed_end), counts)
        return closed + (self.view.in_minute or 0)

    def _after(self, edge: datetime) -> int:
        before = self._last_before(edge)
        return before + 1 if self.newest_first else before

    def _last_before(self, edge: datetime) -> int:
        """The newest seq of the view that arrived before that minute; the one before its first: none did."""
        if self.extent is None:
            return self.view.first_seq - 1
        none = self.extent.first_seq - 1
        if edge <= self.extent.start:
            return none
        seqs = seqs_of(self._conn, self.extent.app_id, floor(self.extent.start, MINUTE), edge)
        return none if seqs is None else min(max(seqs[1], none), self.extent.last_seq)
