"""Tracking plans by version. A version is never changed; pushing makes the next one, in force at once.

The ledger row names the version in force: a writer that judged by another one sees it under the row's lock
and judges again, so a plan changes at an exact seq.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine, text

from storage.database import translate_errors
from storage.errors import Conflict, NotFound
from storage.schema import MAX_TEXT_BYTES
from storage.texts import check_text

#: Longest note of a version, in bytes of UTF-8.
MAX_NOTE_BYTES = 1_000

#: Servers LISTEN on it to load a new plan before the first event asks for it; the payload is the app_id.
PLANS_CHANNEL = "lvd_plan"

_IN_FORCE = text(
    "SELECT l.app_id, l.plan_version, p.document::text, p.note, p.author, p.created_at FROM app_ledger l "
    "LEFT JOIN plan_version p ON p.app_id = l.app_id AND p.version = l.plan_version WHERE l.app_id = :app_id"
)
_GET = text(
    "SELECT app_id, version, document::text, note, author, created_at FROM plan_version "
    "WHERE app_id = :app_id AND version = :version"
)
_LIST = text(
    "SELECT app_id, version, NULL, note, author, created_at FROM plan_version WHERE app_id = :app_id "
    "ORDER BY version DESC"
)
_NEXT = text(
    "UPDATE app_ledger SET version = version + 1, plan_version = plan_version + 1 WHERE app_id = :app_id "
    "RETURNING plan_version"
)
_INSERT = text(
    "INSERT INTO plan_version (app_id, version, document, note, author) "
    "VALUES (:app_id, :version, CAST(:document AS json), :note, :author)"
)
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A version of an app's plan; version 0: the app has none, and `document` is None."""

    app_id: int
    version: int
    #: In the native format; None where only the versions were asked for.
    document: dict[str, Any] | None
    note: str
    author: str
    created_at: datetime | None


class PlanStore:
    """Reads and pushes plans, as documents of the native format."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def in_force(self, app_id: int) -> StoredPlan:
        """The plan that judges the app's events now. Raises NotFound (no such app), Unavailable."""
        return self._one(_IN_FORCE, {"app_id": app_id}, f"There is no app {app_id}")

    def get(self, app_id: int, version: int) -> StoredPlan:
        """One version. Raises NotFound, Unavailable."""
        parameters = {"app_id": app_id, "version": version}
        return self._one(_GET, parameters, f"The app has no plan version {version}")

    def list(self, app_id: int) -> tuple[StoredPlan, ...]:
        """All versions without their documents, newest first. Raises Unavailable."""
        with translate_errors(), self._engine.connect() as conn:
            return tuple(_plan(row) for row in conn.execute(_LIST, {"app_id": app_id}))

    def push(
        self,
        app_id: int,
        document: dict[str, Any],
        *,
        note: str = "",
        author: str = "",
        replaces: int | None = None,
    ) -> int:
        """Stores the document as the next version, in force at once; returns the version.

        The caller has checked the document (tracking_plan.formats). `replaces` is the version that the caller
        has seen in force; None: whichever it is. Raises NotFound, BadRequest, Unavailable, and Conflict where
        another version is in force by now: nothing is stored then.
        """
        check_text("the note", note, MAX_NOTE_BYTES)
        check_text("the author's name", author, MAX_TEXT_BYTES)
        with translate_errors(), self._engine.begin() as conn:
            version: int | None = conn.execute(_NEXT, {"app_id": app_id}).scalar_one_or_none()
            if version is None:
                raise NotFound(f"There is no app {app_id}")
            if replaces is not None and version != replaces + 1:
                raise Conflict(f"Version {version - 1} is in force, no longer version {replaces}")
            row = {"app_id": app_id, "version": version, "note": note, "author": author}
            conn.execute(_INSERT, {**row, "document": orjson.dumps(document).decode()})
            conn.execute(_NOTIFY, {"channel": PLANS_CHANNEL, "payload": str(app_id)})
        return version

    def _one(self, query: Any, parameters: dict[str, int], missing: str) -> StoredPlan:
        with translate_errors(), self._engine.connect() as conn:
            row = conn.execute(query, parameters).one_or_none()
        if row is None:
            raise NotFound(missing)
        return _plan(row)


def _plan(row: Any) -> StoredPlan:
    app_id, version, document, note, author, created_at = row
    loaded = None if document is None else orjson.loads(document)
    return StoredPlan(app_id, version, loaded, note or "", author or "", created_at)
