"""Many writers, several servers, kills: the oracle holds.

The oracle, as Kafka's tests have it: what was acked is stored, nothing is stored twice, seq is dense and in
the order of commits, the rollups equal a GROUP BY over the rows, and a reader beside the writers saw every
row once and in order.
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Engine, text

from livevalidation import Options, open_channel, send_batches
from livevalidation.v1.ingest_pb2 import BatchAck, Event, EventBatch
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import Tenant, new_tenant
from tests.support.oracle import check_app, check_received
from tests.support.server_process import ServerProcess, server_processes
from tests.support.writing import engine_of

_OPTIONS = Options(verdicts="all", initial_backoff=0.05, max_backoff=0.5)
_NOW = datetime.now(UTC)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database, pool_size=8) as engine:
        yield engine


def event(number: int) -> Event:
    """The event of that number, the same whoever sends it; every tenth one occurred yesterday."""
    occurred = Timestamp()
    occurred.FromDatetime(_NOW - timedelta(days=number % 10 == 0, microseconds=number))
    return Event(
        event_id=str(UUID(int=number)),
        name=f"Event {number % 7}",
        subject=f"user {number % 13}",
        occurred_at=occurred,
        payload_json=f'{{"number": {number}}}'.encode(),
    )


def batches(numbers: list[int], rng: random.Random) -> list[EventBatch]:
    """Batches of random sizes."""
    made = []
    while numbers:
        size = rng.randint(1, 60)
        made.append(EventBatch(events=[event(number) for number in numbers[:size]]))
        numbers = numbers[size:]
    return made


def stream(address: str, tenant: Tenant, to_send: list[EventBatch]) -> list[BatchAck]:
    """Sends until everything is acked."""
    with open_channel(address, _OPTIONS) as channel:
        return [ack for _, ack in send_batches(channel, tenant.key, iter(to_send), _OPTIONS)]


def stored_numbers(engine: Engine, app_id: int) -> list[int]:
    query = "SELECT (payload->>'number')::int FROM event WHERE app_id = :app_id"
    with engine.connect() as conn:
        return list(conn.execute(text(query), {"app_id": app_id}).scalars())


def deadlocks(engine: Engine) -> int:
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with engine.connect() as conn:
        return int(conn.execute(text(query)).scalar_one())


def check_oracle(engine: Engine, tenant: Tenant, sent: set[int], feed: FeedLedger) -> None:
    numbers = stored_numbers(engine, tenant.app_id)
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == sent
    assert check_app(engine, tenant.app_id) == len(sent)
    assert [row.seq for row in feed.rows] == list(range(1, len(sent) + 1))
    assert feed.gaps == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_four_writers_on_two_servers_with_overlapping_batches(
    database: str, engine: Engine, seed: int
) -> None:
    rng = random.Random(seed)
    tenants = [new_tenant(engine, name) for name in ("left", "right")]
    numbers = list(range(3_000))
    with (
        server_processes(database, 2) as servers,
        FeedLedger(engine, tenants[0].app_id) as left,
        FeedLedger(engine, tenants[1].app_id) as right,
        ThreadPoolExecutor(8) as pool,
    ):
        work = []
        for writer in range(4):
            for tenant in tenants:
                part = rng.sample(numbers, 2_000)
                address = servers[writer % 2].address
                work.append((tenant, part, pool.submit(stream, address, tenant, batches(part, rng))))
        acks = [(tenant, part, future.result(120)) for tenant, part, future in work]
    assert deadlocks(engine) == 0
    for tenant, feed in zip(tenants, (left, right), strict=True):
        sent = {number for owner, part, _ in acks if owner is tenant for number in part}
        check_oracle(engine, tenant, sent, feed)
        check_received(engine, tenant.app_id, 4 * 2_000)
        counts = [ack for owner, _, theirs in acks if owner is tenant for ack in theirs]
        assert sum(ack.unplanned for ack in counts) == len(sent)
        assert sum(ack.duplicate for ack in counts) == 4 * 2_000 - len(sent)


def test_a_server_killed_in_mid_stream_loses_nothing_and_stores_nothing_twice(
    database: str, engine: Engine
) -> None:
    rng = random.Random(3)
    tenant = new_tenant(engine, "killed")
    numbers = list(range(20_000))
    server = ServerProcess(database)
    server.start()
    try:
        with FeedLedger(engine, tenant.app_id) as feed, ThreadPoolExecutor(1) as pool:
            sending = pool.submit(stream, server.address, tenant, batches(numbers, rng))
            kills = _kill_while(server, sending.done, rng)
            acks = sending.result(120)
    finally:
        server.stop()
    assert kills > 0
    assert sum(ack.received for ack in acks) == len(numbers)
    check_oracle(engine, tenant, set(numbers), feed)


def _kill_while(server: ServerProcess, done: Callable[[], bool], rng: random.Random) -> int:
    """Kills and starts again, three times at most, while events are under way."""
    kills = 0
    while kills < 3:
        sleep(rng.uniform(0.1, 0.4))
        if done():
            break
        server.kill()
        server.start()
        kills += 1
    return kills
