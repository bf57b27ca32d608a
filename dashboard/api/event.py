"""One event as a document."""

from typing import Any

from dashboard.api.schemas import EventAsked
from dashboard.event_document import event_document
from dashboard.viewer import Viewer


def event(viewer: Viewer, asked: EventAsked) -> dict[str, Any]:
    """The document as text: its numbers must not pass through JavaScript's."""
    return {"text": event_document(viewer.event(asked.app_id, asked.seq))}
