"""Whether the database takes writes. A small one does not tell: old pages have room on a full disk, too."""

from uuid import uuid4

from sqlalchemy import Engine, text

from storage.database import translate_errors

#: Small ones on pages that are filled by a tenth: 8 MB of pages, as much as a full group of events takes.
_ROWS = 22_500


def prove_room(engine: Engine) -> None:
    """Takes the room of a full group of events beside them, and gives it back. Raises Unavailable.

    What it writes is rolled back and not in the WAL. It needs the privilege by which partitions are made.
    """
    table = f"room_{uuid4().hex}"
    with translate_errors(), engine.connect() as conn:
        conn.execute(text(f"CREATE UNLOGGED TABLE {table} (number int) WITH (fillfactor = 10)"))
        conn.execute(text(f"INSERT INTO {table} SELECT generate_series(1, {_ROWS})"))
        conn.rollback()
