"""What the page System reads, on a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from dashboard.api.routes import SYSTEM
from storage.heartbeats import HeartbeatStore
from storage.partitions import DAYS_AHEAD, ensure_ahead
from storage.readers import Reader
from tests.support.dashboards import dashboard_on
from tests.support.events import new_event, submission
from tests.support.writing import engine_of, new_app, writer_on


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as made:
        yield made


def test_partitions_are_measured_and_their_rows_known_once_they_were_counted(engine: Engine) -> None:
    ensure_ahead(engine)
    with writer_on(engine) as writer:
        writer.write([submission(new_app(engine), [new_event(f"e-{n}", None) for n in range(50)])])
    sizes = Reader(engine).stored_sizes()
    days = [each.partition.day for each in sizes.partitions]
    assert days == [sizes.today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD, -1, -1)]
    today, tomorrow = sizes.partitions[-1], sizes.partitions[-2]
    assert today.size > tomorrow.size > 0
    assert sizes.database > sum(each.size for each in sizes.partitions)
    assert today.rows is None
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"ANALYZE {today.partition.name}"))
    assert Reader(engine).stored_sizes().partitions[-1].rows == 50


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
