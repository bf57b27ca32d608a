"""What the prototype did to answer, written as plainly as it did: what the readers are held against."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Engine, text

from storage.database import translate_errors
from storage.schema import event

#: Of one round trip, where the rows are only counted.
_CHUNK = 10_000
_GROUPED = text("SELECT status, count(*) FROM event WHERE app_id = :app_id GROUP BY status")
_TIME_PAGE = text(
    "SELECT * FROM event WHERE app_id = :app_id ORDER BY received_at DESC OFFSET :offset LIMIT :limit"
)
_OFFSET_PAGE = text(
    "SELECT * FROM event WHERE app_id = :app_id ORDER BY seq DESC OFFSET :offset LIMIT :limit"
)


def stats_of_every_row(engine: Engine, app_id: int) -> Counter[int]:
    """Every row to Python, to count there. Only what is counted is read, and no more than a chunk is held."""
    query = text("SELECT name, status FROM event WHERE app_id = :app_id")
    counts: Counter[int] = Counter()
    with translate_errors(), engine.connect() as conn:
        streamed = conn.execution_options(stream_results=True, yield_per=_CHUNK)
        for _, status in streamed.execute(query, {"app_id": app_id}):
            counts[status] += 1
    return counts


def stats_of_loaded_rows(engine: Engine, app_id: int) -> Counter[int]:
    """As the prototype did it: all rows, as objects with every column, at once."""
    with translate_errors(), engine.connect() as conn:
        # Making a million objects takes longer than a session of ours may stay silent.
        conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        rows = _dicts(conn, text(f"SELECT {_ALL_COLUMNS} FROM event WHERE app_id = :app_id"), app_id=app_id)
    return Counter(row["status"] for row in rows)


def stats_by_group(engine: Engine, app_id: int) -> dict[int, int]:
    """A GROUP BY over all rows."""
    with translate_errors(), engine.connect() as conn:
        return dict(conn.execute(_GROUPED, {"app_id": app_id}).tuples().all())


def page_by_offset(engine: Engine, app_id: int, offset: int, limit: int) -> list[dict[str, Any]]:
    """A page by counting all rows before it."""
    with translate_errors(), engine.connect() as conn:
        return _dicts(conn, _OFFSET_PAGE, app_id=app_id, offset=offset, limit=limit)


_ALL_COLUMNS = ", ".join(event.c.keys())


def page_by_time(engine: Engine, app_id: int, offset: int, limit: int) -> list[dict[str, Any]]:
    """The same in the order of arrival, for which there is no index: every row is sorted."""
    with translate_errors(), engine.connect() as conn:
        return _dicts(conn, _TIME_PAGE, app_id=app_id, offset=offset, limit=limit)


def _dicts(conn: Connection, query: Any, **parameters: int) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in conn.execute(query, parameters)]
