"""What the page System reads, on a real database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from dashboard.api.routes import SYSTEM
from storage.heartbeats import HeartbeatStore
from storage.partitions import DAYS_AHEAD, Partition, attached, ensure_ahead
from storage.readers import PartitionSize, Reader, StoredSizes
from tests.support.dashboards import dashboard_on
from tests.support.events import new_event, submission
from tests.support.writing import engine_of, new_app, writer_on


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as made:
        yield made


def test_partitions_are_measured_and_their_rows_known_once_they_were_counted(engine: Engine) -> None:
    # Of the day before, too, where a day ended since this database was made.
    with engine.connect() as conn:
        before = [partition.day for partition in attached(conn)]
    ensure_ahead(engine)
    with writer_on(engine) as writer:
        writer.write([submission(new_app(engine), [new_event(f"e-{n}", None) for n in range(50)])])
    sizes = Reader(engine).stored_sizes()
    days = [each.partition.day for each in sizes.partitions]
    ahead = [sizes.today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD, -1, -1)]
    assert days == sorted({*before, *ahead}, reverse=True)
    partition = Partition(day_of_events(engine))
    filled, empty = sizes_of(sizes, partition), sizes.partitions[0]
    assert filled.size > empty.size > 0
    assert sizes.database > sum(each.size for each in sizes.partitions)
    assert filled.rows is None
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"ANALYZE {partition.name}"))
    assert sizes_of(Reader(engine).stored_sizes(), partition).rows == 50


def day_of_events(engine: Engine) -> date:
    """The day in which the events came."""
    with engine.connect() as conn:
        moment: datetime = conn.execute(text("SELECT DISTINCT received_at FROM event")).scalar_one()
    return moment.astimezone(UTC).date()


def sizes_of(sizes: StoredSizes, partition: Partition) -> PartitionSize:
    """Of one partition."""
    return next(each for each in sizes.partitions if each.partition == partition)


def test_the_body_is_sent_again_only_when_it_reads_differently(engine: Engine, tmp_path: Path) -> None:
    beats, server = HeartbeatStore(engine), uuid4()
    client = dashboard_on(engine, tmp_path).server.test_client()
    first = client.post(SYSTEM, json={}).get_json()
    assert "No ingest server is running" in str(first["body"])
    assert client.post(SYSTEM, json={"tag": first["tag"]}).get_json() == {"tag": first["tag"]}
    beats.beat(server, datetime.now(UTC), {"address": "10.0.0.1:50051"})
    later = dashboard_on(engine, tmp_path).server.test_client().post(SYSTEM, json={"tag": first["tag"]})
    assert "10.0.0.1:50051" in str(later.get_json()["body"])


@pytest.mark.parametrize("tampered", [{"tag": "t" * 300}, {"app_id": 1}, {"tag": 1}])
def test_tampered_requests_are_refused_in_words(
    engine: Engine, tmp_path: Path, tampered: dict[str, object]
) -> None:
    answer = dashboard_on(engine, tmp_path).server.test_client().post(SYSTEM, json=tampered)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request")
    assert answer.get_json()["message"].startswith(f"{next(iter(tampered))}: ")
