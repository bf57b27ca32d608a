"""Notices of the database reach whoever listens, also behind one that he could not take."""

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
