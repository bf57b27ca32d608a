"""Hears NOTIFY. A notice only warms caches: what must be exact is read under the ledger lock."""

import logging
import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import psycopg2
from sqlalchemy import Engine

from storage.database import translate_errors
from storage.errors import Unavailable

#: How long to wait before connecting again, and how often to look whether to stop. In seconds.
_PAUSE_SECONDS = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification. `channel` None: notices may have been missed, look at everything again."""

    channel: str | None
    payload: str


class Listener:
    """A thread that calls `on_notice` for each notice, and with MISSED after every (re)connection."""

    def __init__(self, engine: Engine, channels: Sequence[str], on_notice: Callable[[Notice], None]) -> None:
        self._engine = engine
        self._channels = tuple(channels)
        self._on_notice = on_notice
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="listen", daemon=True)

    def start(self) -> None:
        """Begins; a database that is away is tried again until it answers."""
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Ends the thread; returns when it is over, or in `timeout` seconds: it may hang in the database."""
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with translate_errors():
                    self._listen()
            except Unavailable:
                self._stopping.wait(_PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - whoever hears may fail at one notice: the next ones must come
                _log.exception("hearing notices failed, and begins anew")
                self._stopping.wait(_PAUSE_SECONDS)

    def _listen(self) -> None:
        pooled = self._engine.raw_connection()
        try:
            connection: Any = pooled.driver_connection
            connection.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
            with connection.cursor() as cursor:
                for channel in self._channels:
                    cursor.execute(f'LISTEN "{channel}"')
            self._on_notice(MISSED)
            while not self._stopping.is_set():
                self._wait(connection)
        finally:
            # A connection that listens must not go back to the pool.
            pooled.invalidate()

    def _wait(self, connection: Any) -> None:
        if not _has_something(connection):
            return
        connection.poll()
        while connection.notifies:
            notice = connection.notifies.pop(0)
            self._on_notice(Notice(notice.channel, notice.payload))


def _has_something(connection: Any) -> bool:
    # Unlike `select` it takes any descriptor, also one of a server with a thousand connections.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(_PAUSE_SECONDS * 1_000))


#: Said after each connection: what was notified before it is unknown.
MISSED = Notice(None, "")
