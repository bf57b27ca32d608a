"""Reads an app's feed as a page does, and keeps what it saw."""

from contextlib import suppress
from threading import Event, Thread

from sqlalchemy import Engine

from storage.errors import Unavailable
from storage.readers import Reader
from storage.readers.model import Cursor, EventRow

_PAUSE_SECONDS = 0.02
_LIMIT = 200


class FeedLedger:
    """A reader in a thread: `rows` are what the feed gave, in its order."""

    def __init__(self, engine: Engine, app_id: int) -> None:
        self._reader = Reader(engine)
        self._app_id = app_id
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="feed")
        self.rows: list[EventRow] = []
        self.gaps = 0

    def __enter__(self) -> "FeedLedger":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        ledger = self._reader.ledger(self._app_id)
        cursor = Cursor(ledger.epoch, 0, 0)
        while True:
            # Looked at before reading: what was committed before `stop` is still read.
            last_round = self._stopping.is_set()
            # Asked again when the database is away, as a page does: Postgres ends a reading that a busy
            # machine leaves alone for five seconds.
            with suppress(Unavailable):
                cursor = self._read(cursor)
                if last_round and cursor.seq == self._reader.ledger(self._app_id).last_seq:
                    return
            self._stopping.wait(_PAUSE_SECONDS)

    def _read(self, cursor: Cursor) -> Cursor:
        changes = self._reader.since(self._app_id, cursor, _LIMIT)
        self.gaps += changes.gap
        self.rows.extend(changes.new_rows)
        seq = changes.new_rows[-1].seq if changes.new_rows else cursor.seq
        return Cursor(changes.ledger.epoch, changes.ledger.version, seq)
