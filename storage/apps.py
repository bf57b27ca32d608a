"""Apps: the tenants. An app's ledger is made with it; deleting one drops all of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from storage.database import translate_errors
from storage.errors import BadRequest, Conflict, NotFound
from storage.schema import EPOCH_NOW, MAX_TEXT_BYTES

#: Makes the app and its ledger; no row if the name is taken.
_CREATE = text(
    "WITH made AS (INSERT INTO app (name) VALUES (:name) ON CONFLICT DO NOTHING RETURNING app_id) "  # noqa: S608 - a constant
    f"INSERT INTO app_ledger (app_id, epoch) SELECT app_id, {EPOCH_NOW} FROM made RETURNING app_id"
)
#: By app_name_key.
_GET = text("SELECT app_id, name, created_at FROM app WHERE name = :name")
_LIST = text("SELECT app_id, name, created_at FROM app ORDER BY name")


@dataclass(frozen=True, slots=True)
class AppRecord:
    """One tracked application."""

    app_id: int
    name: str
    created_at: datetime


class AppStore:
    """Makes and finds apps."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, name: str) -> int:
        """The new app's id. Raises BadRequest (bad name), Conflict (name taken), Unavailable."""
        _check_name(name)
        with translate_errors(), self._engine.begin() as conn:
            app_id: int | None = conn.execute(_CREATE, {"name": name}).scalar_one_or_none()
        if app_id is None:
            raise Conflict(f"There is an app named {name!r} already: choose another name")
        return app_id

    def get(self, name: str) -> AppRecord:
        """The app of that name. Raises NotFound, Unavailable."""
        with translate_errors(), self._engine.connect() as conn:
            row = conn.execute(_GET, {"name": name}).one_or_none()
        if row is None:
            raise NotFound(f"There is no app named {name!r}: `lvd app list` shows those there are")
        return AppRecord(*row)

    def list(self) -> tuple[AppRecord, ...]:
        """All apps, by name. Raises Unavailable."""
        with translate_errors(), self._engine.connect() as conn:
            return tuple(AppRecord(*row) for row in conn.execute(_LIST))


def _check_name(name: str) -> None:
    if not name.strip() or "\0" in name or len(name.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise BadRequest(f"An app's name must have 1 to {MAX_TEXT_BYTES} bytes and not be blank")
