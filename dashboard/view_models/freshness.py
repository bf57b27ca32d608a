"""How fresh a page can be: when the newest event was stored, and whether the servers still speak; pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dashboard import formats
from dashboard.view_models.system import SILENT_AFTER
from storage.heartbeats import Heartbeat
from storage.model import Ledger


def freshness(ledger: Ledger, now: datetime, beats: Sequence[Heartbeat]) -> dict[str, Any]:
    """For the page's badge. `now` is Postgres's clock.

    `stored` tells one newest arrival from the next, `age` is its age in seconds (None: there is none), and
    `alarm` says in words that no ingest server speaks; "" while one does.
    """
    at = ledger.last_received_at
    return {
        "stored": None if at is None else at.isoformat(),
        "age": None if at is None else max(round((now - at).total_seconds(), 3), 0.0),
        "alarm": _alarm(beats),
    }


def _alarm(beats: Sequence[Heartbeat]) -> str:
    if not beats:
        return "No ingest server is running"
    silence = min(beat.now - beat.seen_at for beat in beats)
    if silence <= SILENT_AFTER:
        return ""
    return f"Ingest has been silent for {formats.duration(silence.total_seconds())}"
