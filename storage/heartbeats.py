"""What the ingest servers say of themselves: how the dashboard knows of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Engine, text

from storage.database import translate_errors

#: A server that was silent for so long is forgotten. An SQL interval.
_FORGET_AFTER = "1 day"

_BEAT = text(
    "INSERT INTO server_heartbeat (server_id, started_at, seen_at, document) "
    "VALUES (:server_id, :started_at, clock_timestamp(), CAST(:document AS json)) "
    "ON CONFLICT (server_id) DO UPDATE SET seen_at = excluded.seen_at, document = excluded.document"
)
_FORGET = text("DELETE FROM server_heartbeat WHERE seen_at < clock_timestamp() - CAST(:after AS interval)")
_LIST = text(
    "SELECT server_id, started_at, seen_at, document::text, clock_timestamp() AS now FROM server_heartbeat "
    "ORDER BY started_at"
)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A server's last words; `now` is Postgres's clock when they were read."""

    server_id: UUID
    started_at: datetime
    seen_at: datetime
    document: dict[str, Any]
    now: datetime


class HeartbeatStore:
    """One row per server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, server_id: UUID, started_at: datetime, document: dict[str, Any]) -> None:
        """Says that the server lives. Raises Unavailable."""
        row = {"server_id": server_id, "started_at": started_at, "document": orjson.dumps(document).decode()}
        with translate_errors(), self._engine.begin() as conn:
            conn.execute(_BEAT, row)
            conn.execute(_FORGET, {"after": _FORGET_AFTER})

    def list(self) -> tuple[Heartbeat, ...]:
        """All servers heard of within a day. Raises Unavailable."""
        with translate_errors(), self._engine.connect() as conn:
            return tuple(
                Heartbeat(row.server_id, row.started_at, row.seen_at, orjson.loads(row.document), row.now)
                for row in conn.execute(_LIST)
            )
