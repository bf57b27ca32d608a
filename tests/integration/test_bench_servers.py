"""Servers that a benchmark starts."""

from datetime import timedelta

from benchmarks.seeding import recent_days, seed
from benchmarks.servers import ingest_servers
from storage.heartbeats import HeartbeatStore
from storage.partitions import Partition, attached
from storage.retention import retain
from tests.support.waiting import wait_until
from tests.support.writing import engine_of


def test_rows_older_than_the_usual_retention_stay(database: str) -> None:
    stored = recent_days(33, 1)
    with engine_of(database) as engine:
        seed(engine, "bench", stored)
        with ingest_servers(database, 1):
            wait_until(lambda: bool(HeartbeatStore(engine).list()))
        (beat,) = HeartbeatStore(engine).list()
        # What its maintenance does, whether or not that came to it by now.
        assert not retain(engine, timedelta(days=beat.document["retention_days"])).dropped
        with engine.connect() as conn:
            assert Partition(stored.first_day.date()) in attached(conn)
