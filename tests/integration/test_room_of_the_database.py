"""The trial write that tells whether the database takes events."""

from sqlalchemy import text

from storage.room import prove_room
from tests.support.statements import statements
from tests.support.writing import engine_of

_FILES = text("SELECT count(*) FROM pg_class WHERE relname LIKE 'room%'")


def test_it_takes_the_room_of_a_full_group_and_gives_it_back(database: str) -> None:
    with engine_of(database) as engine:
        with statements(engine) as sent:
            prove_room(engine)
        with engine.connect() as conn:
            assert conn.execute(_FILES).scalar_one() == 0
            for statement in sent:
                conn.execute(text(statement))
            size = text("SELECT pg_relation_size(oid) FROM pg_class WHERE relname LIKE 'room%'")
            assert 8_000_000 < conn.execute(size).scalar_one() < 9_000_000
