"""Views: what a grid was when its first page was read."""

from dataclasses import replace

from sqlalchemy import Connection, text

from storage.model import Ledger
from storage.readers.condition import Condition
from storage.readers.lasting import Rollups
from storage.readers.minutes import EPOCH, MINUTE, floor, seqs_of
from storage.readers.model import View
from storage.readers.rollup_counts import rows_only
from storage.readers.spans import Span, Window, cut
from storage.readers.stretches import Stretch
from storage.schema import MAX_NAMES_PER_APP, OTHER

#: By event_name_pkey: at most MAX_NAMES_PER_APP index entries.
_NAME_COUNT = text("SELECT count(*) FROM event_name WHERE app_id = :app_id")


def closed_minutes(extent: Stretch, view: View) -> Window:
    """The extent's minutes that never change."""
    return extent.start, extent.end if view.minute is None else min(extent.end, view.minute)


def extent_of(rollups: Rollups, view: View, condition: Condition) -> Stretch | None:
    """Where rows of the view can be that retention has not taken; None: nowhere."""
    if condition.no_row:
        return None
    ledger = rollups.ledger
    first, last = max(view.first_seq, ledger.first_seq), min(view.snapshot_seq, ledger.last_seq)
    if first > last or view.minute is None:
        return None
    start, end = condition.start or EPOCH, view.minute + MINUTE
    if not condition.every_row:
        # Rollups of older minutes may go on for a while after their rows.
        start = max(start, rollups.first_minute(first))
    end = end if condition.end is None else min(end, condition.end)
    extent = Stretch(ledger.app_id, first, last, start, end)
    if condition.start is None and condition.end is None:
        return extent
    return narrowed(rollups.conn, extent) if start < end else None


def narrowed(conn: Connection, extent: Stretch) -> Stretch | None:
    """The extent with the seqs of its minutes; in its last one, which may go on filling, up to the view's."""
    seqs = seqs_of(conn, extent.app_id, extent.start, extent.end)
    if seqs is None:
        return None
    narrowed = replace(
        extent, first_seq=max(extent.first_seq, seqs[0]), last_seq=min(extent.last_seq, seqs[1])
    )
    return narrowed if narrowed.first_seq <= narrowed.last_seq else None


def new_view(ledger: Ledger) -> View:
    """A view of this moment; its total is not counted yet."""
    at = ledger.last_received_at
    minute = None if at is None else floor(at, MINUTE)
    return View(ledger.epoch, ledger.last_seq, ledger.first_seq, None, minute, None)


def with_total(rollups: Rollups, view: View, extent: Stretch | None, condition: Condition) -> View:
    """The new view with its exact total, where the rollups know it."""
    if not condition.countable or not _kept_apart(rollups, condition):
        return view
    if extent is None:
        return replace(view, total=0, in_minute=0)
    if condition.every_row:
        return replace(view, total=extent.last_seq - extent.first_seq + 1)
    return _counted_view(rollups, view, extent, rows_only(condition))


def _counted_view(rollups: Rollups, view: View, extent: Stretch, condition: Condition) -> View:
    start, end = closed_minutes(extent, view)
    parts = cut(start, end)
    # The minutes behind the whole hours and the one that may go on filling, by one statement.
    last = Span(end if parts.tail is None else parts.tail.start, extent.end)
    counts = rollups.minutes(last, condition)
    older = rollups.total(replace(parts, tail=None), condition)
    newest = sum(count for minute, count in counts if minute >= end)
    return replace(view, total=older + sum(count for _, count in counts), in_minute=newest)


def _kept_apart(rollups: Rollups, condition: Condition) -> bool:
    """Whether each name of the condition has counts of its own, or no events at all."""
    names = frozenset((*(condition.names or ()), *condition.names_not))
    if not names:
        return True
    if OTHER in names:
        return False
    if rollups.known(names) == names:
        return True
    # With room for more names, one that has no row has no events.
    found = rollups.conn.execute(_NAME_COUNT, {"app_id": rollups.app_id})
    return int(found.scalar_one()) < MAX_NAMES_PER_APP
