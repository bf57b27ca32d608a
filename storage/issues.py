"""Issues: the ways in which an app's events break the plan, and what people said of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, text

from storage.database import translate_errors
from storage.errors import BadRequest, NotFound
from storage.schema import MAX_TEXT_BYTES
from storage.texts import check_text

#: Longest reason, in bytes of UTF-8.
MAX_REASON_BYTES = 1_000

#: The clock is read once the row is locked, and never lies before the app's last arrival: what comes after
#: this transaction was received after it. By app_ledger_pkey.
_TOUCH = text(
    "UPDATE app_ledger SET version = version + 1 WHERE app_id = :app_id"
    " RETURNING greatest(clock_timestamp(), last_received_at)"
)
#: By issue_source_pkey.
_SEEN = text(
    "SELECT 1 FROM issue_source WHERE app_id = :app_id AND name = :name AND path = :path AND kind = :kind"
    " LIMIT 1"
)
_SAY = text(
    "INSERT INTO issue_state (app_id, name, path, kind, state, reason, changed_by, changed_at)"
    " VALUES (:app_id, :name, :path, :kind, :state, :reason, :changed_by, :at)"
    " ON CONFLICT (app_id, name, path, kind) DO UPDATE SET state = excluded.state, reason = excluded.reason,"
    " changed_by = excluded.changed_by, changed_at = excluded.changed_at"
)
_FORGET = text(
    "DELETE FROM issue_state WHERE app_id = :app_id AND name = :name AND path = :path AND kind = :kind"
)


class Standing(StrEnum):
    """What is to be done about an issue."""

    OPEN = "open"
    RESOLVED = "resolved"
    MUTED = "muted"


@dataclass(frozen=True, slots=True, order=True)
class IssueKey:
    """One way of breaking the plan."""

    #: The event's name; storage.schema.OTHER for names that rollups do not keep apart.
    name: str
    #: JSON Pointer with array indices folded to `*`; "" is the event itself.
    path: str
    #: A tracking_plan.violation.Kind.
    kind: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What was last said of an issue."""

    #: RESOLVED or MUTED.
    standing: Standing
    reason: str
    #: "" where nobody signs in.
    changed_by: str
    changed_at: datetime


class IssueStore:
    """Keeps what people say of issues."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def resolve(self, app_id: int, issue: IssueKey, *, who: str = "") -> None:
        """Says that it is mended; it opens by itself once it is seen again.

        Raises NotFound (no such app or issue), BadRequest, Unavailable; as all methods do.
        """
        self._say(app_id, issue, Standing.RESOLVED, reason="", who=who)

    def mute(self, app_id: int, issue: IssueKey, *, reason: str, who: str = "") -> None:
        """Says that it is known and not to be mended now; a reason must be given."""
        if not reason.strip():
            raise BadRequest("a muted issue needs a reason: say why nobody has to look at it")
        self._say(app_id, issue, Standing.MUTED, reason=reason.strip(), who=who)

    def reopen(self, app_id: int, issue: IssueKey) -> None:
        """Takes back what was said of it."""
        with translate_errors(), self._engine.begin() as conn:
            _checked_touch(conn, app_id, issue)
            conn.execute(_FORGET, _row(app_id, issue))

    def _say(self, app_id: int, issue: IssueKey, standing: Standing, *, reason: str, who: str) -> None:
        check_text("the reason", reason, MAX_REASON_BYTES)
        check_text("the name of who says so", who, MAX_TEXT_BYTES)
        with translate_errors(), self._engine.begin() as conn:
            at = _checked_touch(conn, app_id, issue)
            said = {"state": standing.value, "reason": reason, "changed_by": who, "at": at}
            conn.execute(_SAY, _row(app_id, issue) | said)


def _checked_touch(conn: Connection, app_id: int, issue: IssueKey) -> datetime:
    """The time of the change, under the app's ledger lock, if there is such an issue."""
    for part in (issue.name, issue.path, issue.kind):
        if "\0" in part:
            raise BadRequest("an issue's name, path and kind hold no NUL character")
    if conn.execute(_SEEN, _row(app_id, issue)).one_or_none() is None:
        raise NotFound("there is no such issue: it was never seen, or removed by retention")
    at: datetime | None = conn.execute(_TOUCH, {"app_id": app_id}).scalar_one_or_none()
    if at is None:
        raise NotFound(f"there is no app {app_id}: it was deleted, or never made")
    return at


def _row(app_id: int, issue: IssueKey) -> dict[str, Any]:
    return {"app_id": app_id, "name": issue.name, "path": issue.path, "kind": issue.kind}
