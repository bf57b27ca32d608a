"""A page of the list of rejected events."""

from typing import Any

from dashboard.api.schemas import RejectedAsked
from dashboard.grid_rows import rejected_row
from dashboard.viewer import Viewer
from storage.readers import RejectedCursor

#: Rows of one answer. Each is read with up to 64 kB of raw bytes.
PAGE_ROWS = 50


def rejected(viewer: Viewer, asked: RejectedAsked) -> dict[str, Any]:
    """The rejected events that follow, last seen first, and where the next page goes on (None: nowhere)."""
    view = asked.view
    after = asked.after
    cursor = RejectedCursor(after.last_seen_at, after.sha256, after.reason) if after else None
    page = viewer.rejected(view.app_id, view.span(viewer.now), cursor, PAGE_ROWS)
    following = page.next
    return {
        "rows": [rejected_row(row, viewer.zone) for row in page.rows],
        "next": following
        and {
            "last_seen_at": following.last_seen_at.isoformat(),
            "sha256": following.sha256,
            "reason": following.reason,
        },
    }
