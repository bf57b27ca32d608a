"""In which minute a row arrived: also where minutes stored nothing, or nothing at first."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from storage.readers.minutes import MINUTE, minutes_of, seqs_of
from tests.support.events import new_event, submission
from tests.support.writing import engine_of, new_app, writer_on

_FIRST = datetime.fromisoformat("2026-11-20T12:00Z")
#: Minutes behind the first one, and the seqs that arrived in them; None: only duplicates did.
_ARRIVALS = ((0, (1, 5)), (1, None), (3, (6, 6)), (4, None), (90, (7, 9)))
_STORE = text(
    "INSERT INTO app_minute (app_id, minute, first_seq, last_seq, received)"
    " VALUES (:app, :minute, :first, :last, 1)"
)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as made:
        yield made


def _arrived(engine: Engine, app_id: int) -> None:
    with engine.begin() as conn:
        for after, seqs in _ARRIVALS:
            first, last = seqs or (None, None)
            minute = _FIRST + after * MINUTE
            conn.execute(_STORE, {"app": app_id, "minute": minute, "first": first, "last": last})


def test_each_row_has_the_minute_in_which_it_arrived(engine: Engine) -> None:
    other, app_id = new_app(engine), new_app(engine)
    _arrived(engine, app_id)
    _arrived(engine, other)
    expected = {
        seq: _FIRST + after * MINUTE
        for after, seqs in _ARRIVALS
        if seqs is not None
        for seq in range(seqs[0], seqs[1] + 1)
    }
    with engine.connect() as conn:
        assert minutes_of(conn, app_id, expected) == expected
        for minute in set(expected.values()):
            seqs = [seq for seq, at in expected.items() if at == minute]
            assert seqs_of(conn, app_id, minute, minute + MINUTE) == (seqs[0], seqs[-1])


def test_rows_beside_duplicates_have_the_minutes_of_their_arrival(engine: Engine) -> None:
    app_id = new_app(engine)
    events = [new_event("e-1", None), new_event("e-2", None)]
    with writer_on(engine) as writer:
        writer.write([submission(app_id, events[:1])])
        writer.write([submission(app_id, events[:1])])
        writer.write([submission(app_id, events)])
    with engine.connect() as conn:
        found = minutes_of(conn, app_id, (1, 2))
        stored = conn.execute(text("SELECT seq, received_at FROM event WHERE app_id = :app"), {"app": app_id})
        assert found == {seq: at.replace(second=0, microsecond=0) for seq, at in stored}
