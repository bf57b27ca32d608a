"""News of a grid's frozen view: the rows that came since for a grid that follows, else their number."""

from typing import Any

from dashboard import formats
from dashboard.api.rows import view_of
from dashboard.api.schemas import HEAD_ROWS, FeedAsked, Token
from dashboard.filters import to_reader
from dashboard.grid_rows import event_row
from dashboard.time_ranges import TimeRange
from dashboard.view_state import Order
from dashboard.viewer import Viewer
from storage.model import Ledger
from storage.readers import MAX_ROWS, Filters, Page, View

Json = dict[str, Any]

#: The view's epoch is over: its seqs mean nothing any more.
_GAP: Json = {"gap": True}


def grid_news(viewer: Viewer, asked: FeedAsked, token: Token, ledger: Ledger) -> Json:
    """What came behind the view that the token froze."""
    frozen = token.frozen()
    if frozen.epoch != ledger.epoch:
        return _GAP
    view = asked.view
    span = view.span(viewer.now) if asked.live else token.span()
    filters = to_reader(view.chosen(), span)
    if frozen.total is None:
        return _uncounted(viewer, asked, frozen, filters, span)
    newest_first = view.order is Order.NEWEST
    page = viewer.newest(view.app_id, filters, newest_first=newest_first, limit=HEAD_ROWS)
    if asked.live:
        return _followed(viewer, page, asked, frozen, span)
    came = max((page.view.total or 0) - frozen.total, 0)
    return {"fresh": came, "fresh_text": formats.number(came)}


def _uncounted(viewer: Viewer, asked: FeedAsked, frozen: View, filters: Filters, span: TimeRange) -> Json:
    """Of filters that no rollup counts: what came is read, as far as one page goes."""
    app_id = asked.view.app_id
    page = viewer.arrived(app_id, filters, frozen.snapshot_seq, MAX_ROWS)
    came = len(page.rows)
    if not asked.live:
        return {"fresh": came, "fresh_text": formats.number(came) + ("+" if page.more else "")}
    head = viewer.newest(app_id, filters, newest_first=True, limit=HEAD_ROWS) if came else page
    return _followed(viewer, head, asked, frozen, span)


def _followed(viewer: Viewer, page: Page, asked: FeedAsked, frozen: View, span: TimeRange) -> Json:
    """All viewers share the page that was read, later than the ledger; each gets what its grid draws."""
    if page.view.epoch != frozen.epoch:
        return _GAP
    drawn = page.rows[: asked.drawn]
    rows = [event_row(row, viewer.zone) for row in drawn if row.seq > frozen.snapshot_seq]
    return {**view_of(page, span), "rows": rows, "whole": len(rows) == len(drawn)}
