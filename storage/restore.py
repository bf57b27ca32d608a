"""What a database needs after it was put back from a backup: its apps' epochs raised."""

from sqlalchemy import Engine, text

from storage.database import translate_errors

#: Seqs after the backup were given out once and are given out anew, to other events: whoever remembers one
#: must learn that it means nothing any more. Seconds since 2025 fit the column until 2093, and two lives that
#: begin with the same backup get different ones.
_RAISE = text(
    "UPDATE app_ledger SET version = version + 1, epoch = greatest(epoch + 1,"
    " extract(epoch FROM clock_timestamp() - timestamptz '2025-01-01 00:00:00Z')::int)"
)


def raise_epochs(engine: Engine) -> int:
    """Begins a new epoch of every app; returns how many there are. Raises Unavailable."""
    with translate_errors(), engine.begin() as conn:
        return conn.execute(_RAISE).rowcount
