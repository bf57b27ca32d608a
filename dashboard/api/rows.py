"""A block of the event grid."""

from typing import Any

from dashboard import formats
from dashboard.api.schemas import RowsAsked
from dashboard.filters import to_reader
from dashboard.grid_rows import event_row
from dashboard.time_ranges import TimeRange
from dashboard.view_state import Order
from dashboard.viewer import Viewer
from storage.readers import After, Page, PageQuery, RowNumber

Json = dict[str, Any]


def rows(viewer: Viewer, asked: RowsAsked) -> Json:
    """The rows of a block, the view they belong to, and how many rows it has.

    Without a token a new view is frozen; its first block is the one that all who open the page share.
    """
    view = asked.view
    newest_first = view.order is Order.NEWEST
    span = asked.token.span() if asked.token else view.span(viewer.now)
    filters = to_reader(view.chosen(), span)
    if asked.token is None and asked.offset == 0:
        page = viewer.newest(view.app_id, filters, newest_first=newest_first, limit=asked.limit)
    else:
        page = viewer.page(PageQuery(view.app_id, filters, newest_first, asked.limit, _place(asked)))
    return {
        **view_of(page, span),
        "rows": [event_row(row, viewer.zone) for row in page.rows],
        "next": _next(page),
    }


def _place(asked: RowsAsked) -> RowNumber | After:
    """By its number; behind another row where the view has no numbers."""
    frozen = asked.token.frozen() if asked.token else None
    return RowNumber(asked.offset, frozen) if asked.after is None else After(asked.after, frozen)


def _next(page: Page) -> int | None:
    """The seq behind which the view goes on; None: it ends here."""
    if page.scanned_to is not None:
        return page.scanned_to
    return page.rows[-1].seq if page.more and page.rows else None


def view_of(page: Page, span: TimeRange) -> Json:
    """The token of a page's view, and its number of rows as a number and in words."""
    total = page.view.total
    return {
        "token": {
            "view": page.view.to_token(),
            "start": span.start.isoformat() if span.start else None,
            "end": span.end.isoformat() if span.end else None,
        },
        "seq": page.view.snapshot_seq,
        "total": total,
        "total_text": formats.NONE if total is None else formats.number(total),
    }
