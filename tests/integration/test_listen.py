"""Notices of the database reach whoever listens, also behind one that he could not take."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from sqlalchemy import text

from storage.listen import Listener, Notice
from tests.support.writing import engine_of

CHANNEL = "test_channel"
#: In seconds.
PATIENCE = 10


def test_a_notice_that_nobody_can_take_does_not_end_the_listening(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: Queue[Notice] = Queue()

    def hear(notice: Notice) -> None:
        heard.put(notice)
        if notice.payload == "bad":
            raise KeyError(notice.payload)

    with engine_of(database) as engine:
        listener = Listener(engine, (CHANNEL,), hear)
        listener.start()
        try:
            assert heard.get(timeout=PATIENCE).channel is None
            for payload in ("bad", "good"):
                with engine.begin() as conn:
                    conn.execute(
                        text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
                    )
                assert heard.get(timeout=PATIENCE) == Notice(CHANNEL, payload)
                if payload == "bad":
                    # It connects anew: everything is to be looked at again.
                    assert heard.get(timeout=PATIENCE).channel is None
        finally:
            listener.stop()
    assert "hearing notices failed" in caplog.text


#: `select` takes no descriptor from here on.
_FD_SETSIZE = 1_024


@contextmanager
def many_open_files() -> Iterator[None]:
    """As of a server with as many producers: what is opened next has a high descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * _FD_SETSIZE), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(_FD_SETSIZE)]
    try:
        yield
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_notices_are_heard_beside_a_thousand_connections(database: str) -> None:
    heard: Queue[Notice] = Queue()
    with many_open_files(), engine_of(database) as engine:
        listener = Listener(engine, (CHANNEL,), heard.put)
        listener.start()
        try:
            assert heard.get(timeout=PATIENCE).channel is None
            with engine.begin() as conn:
                conn.execute(text("SELECT pg_notify(:channel, 'one')"), {"channel": CHANNEL})
            assert heard.get(timeout=PATIENCE) == Notice(CHANNEL, "one")
        finally:
            listener.stop()
