"""An app's events as they come in, one by one."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from storage.errors import Unavailable
from storage.readers import Cursor, EventRow, Filters, PageQuery, Reader
from storage.readers.model import MAX_ROWS
from tracking_plan.verdict import Verdict

_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; an empty condition asks nothing."""

    names: tuple[str, ...] = ()
    statuses: tuple[Verdict, ...] = ()

    def admits(self, row: EventRow) -> bool:
        """Whether the event is one of them."""
        return (not self.names or row.name in self.names) and (
            not self.statuses or row.status in self.statuses
        )


def follow(
    reader: Reader, app_id: int, wanted: Wanted, *, last: int, say: Callable[[str], None]
) -> Iterator[EventRow]:
    """The `last` events that are wanted, oldest first, and then each as it comes, without end.

    None is missed and none comes twice; where that cannot be kept (the app was made anew, or retention
    overtook us) it is said.
    """
    filters = Filters(names=wanted.names, statuses=wanted.statuses)
    page = reader.page(PageQuery(app_id, filters, newest_first=True, limit=max(1, min(last, MAX_ROWS))))
    yield from reversed(page.rows[:last])
    cursor = Cursor(page.ledger.epoch, page.ledger.version, page.ledger.last_seq)
    away = False
    while True:
        try:
            changes = reader.since(app_id, cursor, MAX_ROWS)
        except Unavailable as error:
            if not away:
                say(f"{error}; going on when it is back")
            away = True
            time.sleep(_PAUSE_SECONDS)
            continue
        away = False
        if changes.gap:
            say("Events were replaced or dropped meanwhile: going on with the newest")
        cursor = changes.next
        yield from filter(wanted.admits, changes.new_rows)
        if not changes.truncated:
            time.sleep(_PAUSE_SECONDS)
