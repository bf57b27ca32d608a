"""A page of the list of rejected events."""

from typing import Any

from dashboard.api.schemas import RejectedAfter, RejectedAsked
from dashboard.grid_rows import rejected_row
from dashboard.viewer import Viewer
from storage.readers import RejectedCursor, RejectedPage

#: Rows of one answer. Each is read with up to 64 kB of raw bytes.
PAGE_ROWS = 50


def rejected(viewer: Viewer, asked: RejectedAsked) -> dict[str, Any]:
    """The rejected events that follow, last seen first, and where the next page goes on (None: nowhere)."""
    view = asked.view
    page = viewer.rejected(view.app_id, view.span(viewer.now), cursor_of(asked.after), PAGE_ROWS)
    return {"rows": [rejected_row(row, viewer.zone) for row in page.rows], "next": following(page)}


def cursor_of(after: RejectedAfter | None) -> RejectedCursor | None:
    """As the reader takes it."""
    return RejectedCursor(after.last_seen_at, after.sha256, after.reason) if after else None


def following(page: RejectedPage) -> dict[str, Any] | None:
    """Where the next page goes on, as the page's scripts send it back."""
    at = page.next
    if at is None:
        return None
    return {"last_seen_at": at.last_seen_at.isoformat(), "sha256": at.sha256, "reason": at.reason}
