"""Servers that a benchmark starts."""

from datetime import date, timedelta

from sqlalchemy import Engine, text

from benchmarks.seeding import recent_days, seed
from benchmarks.servers import ingest_servers
from storage.partitions import DAYS_AHEAD, Partition, attached
from tests.support.waiting import wait_until
from tests.support.writing import engine_of


def days(engine: Engine) -> set[date]:
    with engine.connect() as conn:
        return {partition.day for partition in attached(conn)}


def test_rows_older_than_the_usual_retention_stay(database: str) -> None:
    stored = recent_days(33, 1)
    ahead = Partition((stored.end + timedelta(days=DAYS_AHEAD)).date())
    with engine_of(database) as engine:
        seed(engine, "bench", stored)
        with engine.begin() as conn:
            conn.execute(text(f"DROP TABLE IF EXISTS {ahead.name}"))
        with ingest_servers(database, 1):
            # First it makes what is missing, then it drops what is old.
            wait_until(lambda: ahead.day in days(engine))
        assert stored.first_day.date() in days(engine)
