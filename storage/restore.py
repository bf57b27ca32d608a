"""What a database needs after it was put back from a backup: its apps' epochs raised."""

from sqlalchemy import Engine, text

from storage.database import translate_errors
from storage.schema import EPOCH_NOW

#: Seqs after the backup were given out once and are given out anew, to other events: whoever remembers one
#: must learn that it means nothing any more.
_RAISE = text(
    f"UPDATE app_ledger SET version = version + 1, epoch = greatest(epoch + 1, {EPOCH_NOW})"  # noqa: S608 - a constant
)


def raise_epochs(engine: Engine) -> int:
    """Begins a new epoch of every app; returns how many there are. Raises Unavailable."""
    with translate_errors(), engine.begin() as conn:
        return conn.execute(_RAISE).rowcount
