"""The database goes away, the server stops, the producer does not read: what is told, and nothing is lost."""

import time
from collections.abc import Iterator
from threading import Thread

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from ingest_server.server import StartError
from livevalidation.v1 import ingest_pb2
from storage.migrate import upgrade
from storage.plans import PlanStore
from tests.support.bad_input import event, field
from tests.support.ingest import (
    Tenant,
    ended,
    key_being_made,
    new_tenant,
    open_stream,
    running_server,
    send_bytes,
)
from tests.support.oracle import check_app, check_received
from tests.support.relay import Relay
from tests.support.waiting import wait_until
from tests.support.writing import engine_of

SERVICE = "livevalidation.v1.IngestService"


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as engine:
        yield engine


@pytest.fixture
def tenant(engine: Engine) -> Tenant:
    return new_tenant(engine, "shop")


def numbered(number: int, events: int = 1) -> bytes:
    """A batch of events that no other batch has."""
    head = ingest_pb2.EventBatch(batch_id=number).SerializeToString()
    return head + b"".join(
        field(2, event(b'{"n":%d,"place":%d}' % (number, place))) for place in range(events)
    )


def serving(address: str, service: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service=service), timeout=20
        )
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def test_a_database_that_goes_away_is_unavailable_with_retry_and_comes_back(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    with Relay(database) as relay, running_server(relay.url) as running:
        with open_stream(running.address, tenant.key) as stream:
            stream.send(numbered(1))
            assert stream.ack().batch_id == 1
            relay.cut()
            stream.send(numbered(2))
            with pytest.raises(grpc.RpcError) as error:
                stream.ack()
        end = ended(error.value)
        assert (end.code, end.retry_seconds) == (grpc.StatusCode.UNAVAILABLE, 1.0)
        assert "database" in end.message
        assert "SQLSTATE" not in end.message
        wait_until(lambda: not serving(running.address, SERVICE), 10)
        assert serving(running.address, "")
        # The key is known: intake is what refuses, at once and without reading on.
        with pytest.raises(grpc.RpcError) as refused:
            send_bytes(running.address, tenant.key, [numbered(2)])
        assert ended(refused.value).code is grpc.StatusCode.UNAVAILABLE

        relay.restore()
        wait_until(lambda: serving(running.address, SERVICE), 10)
        acks = send_bytes(running.address, tenant.key, [numbered(1), numbered(2)])
    assert [(ack.unplanned, ack.duplicate) for ack in acks] == [(0, 1), (1, 0)]
    assert check_app(engine, tenant.app_id) == 2


def test_a_database_that_takes_no_writes_is_unavailable_with_retry_and_comes_back(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    """A standby, or one that its operator made read-only: nothing that a producer or a server did wrong."""
    with running_server(database) as running:
        _read_only(engine, "ON")
        with pytest.raises(grpc.RpcError) as error:
            send_bytes(running.address, tenant.key, [numbered(1)])
        end = ended(error.value)
        assert (end.code, end.retry_seconds) == (grpc.StatusCode.UNAVAILABLE, 1.0)
        wait_until(lambda: not serving(running.address, SERVICE), 10)
        failed = running.server.metrics.registry.get_sample_value
        assert failed("lvd_ingest_failed_groups_total", {"error": "unavailable"})
        assert not failed("lvd_ingest_failed_groups_total", {"error": "internal"})
        _read_only(engine, "OFF")
        wait_until(lambda: serving(running.address, SERVICE), 10)
        (ack,) = send_bytes(running.address, tenant.key, [numbered(1)])
        assert ack.unplanned == 1
    assert check_app(engine, tenant.app_id) == 1


def _read_only(engine: Engine, value: str) -> None:
    """For sessions that begin now; those that there are end."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        setting = f"default_transaction_read_only = {value}"
        conn.execute(text("SET default_transaction_read_only = off"))
        conn.execute(text(f"ALTER DATABASE {engine.url.database} SET {setting}"))
        # Only a superuser may end autovacuum.
        others = (
            "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        conn.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


def test_a_server_that_starts_without_its_database_waits_for_it(database: str, tenant: Tenant) -> None:
    with Relay(database) as relay:
        relay.cut()
        with running_server(relay.url) as running:
            assert serving(running.address, "")
            assert not serving(running.address, SERVICE)
            relay.restore()
            wait_until(lambda: serving(running.address, SERVICE), 10)
            (ack,) = send_bytes(running.address, tenant.key, [numbered(1)])
            assert ack.unplanned == 1


def test_a_database_without_the_schema_is_named_at_the_start(empty_database: str) -> None:
    with pytest.raises(StartError, match="lvd db upgrade"), running_server(empty_database):
        pass


def test_a_database_without_the_schema_is_not_used_when_it_comes_back(
    empty_database: str,
) -> None:
    """As after a reboot, where somebody forgot a part of an upgrade."""
    with Relay(empty_database) as relay, capture_logs() as logs:
        relay.cut()
        with running_server(relay.url) as running:
            relay.restore()
            wait_until(lambda: any("lvd db upgrade" in repr(entry) for entry in logs), 10)
            assert not serving(running.address, SERVICE)
            upgrade(empty_database)
            wait_until(lambda: serving(running.address, SERVICE), 10)


def test_draining_acks_all_that_was_read_then_asks_to_come_again(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    with running_server(database) as running, open_stream(running.address, tenant.key) as stream:
        stream.send(numbered(0))
        stream.ack()
        for number in range(1, 200):
            stream.send(numbered(number, events=20))
        time.sleep(0.1)
        running.drain()
        acked, error = stream.acks_until_the_end()
        assert ended(error).code is grpc.StatusCode.UNAVAILABLE
        assert ended(error).retry_seconds
        assert [ack.batch_id for ack in acked] == list(range(1, len(acked) + 1))
    stored = check_app(engine, tenant.app_id)
    assert stored == 1 + sum(ack.received for ack in acked), "nothing is stored that was not acked"
    check_received(engine, tenant.app_id, stored)


def test_a_server_that_drains_lets_nobody_in(database: str, tenant: Tenant) -> None:
    with running_server(database) as running:
        address = running.address
        running.drain()
    with pytest.raises(grpc.RpcError) as error:
        send_bytes(address, tenant.key, [numbered(1)])
    assert ended(error.value).code is grpc.StatusCode.UNAVAILABLE


def test_a_call_whose_key_is_being_looked_up_does_not_outlive_the_drain(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    with (
        running_server(database, drain_timeout="10s") as running,
        key_being_made(engine, tenant) as (key, made),
        open_stream(running.address, key) as stream,
    ):
        time.sleep(0.3)
        started = time.monotonic()
        drain = Thread(target=running.drain)
        drain.start()
        time.sleep(0.2)
        made()
        with pytest.raises(grpc.RpcError) as error:
            stream.ack()
        drain.join()
        assert time.monotonic() - started < 5
    assert ended(error.value).code is grpc.StatusCode.UNAVAILABLE
    assert "The server is stopping" in ended(error.value).message


def test_a_plan_pushed_while_streaming_is_in_force_within_a_second(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    schema = {"required": ["never"], "additionalProperties": True}
    plan = {"version": 1, "name": "Shop", "events": {"Probe": {"schema": schema}}}
    with running_server(database) as running, open_stream(running.address, tenant.key) as stream:
        stream.send(numbered(0))
        assert stream.ack().plan_version == 0
        assert PlanStore(engine).push(tenant.app_id, plan) == 1
        pushed = time.monotonic()
        stream.send(numbered(1))
        ack = stream.ack()
        assert time.monotonic() - pushed < 1
    assert (ack.plan_version, ack.invalid) == (1, 1)
    assert [violation.path for violation in ack.verdicts[0].violations] == ["/never"]


def test_a_producer_that_reads_no_acks_is_bounded_and_disturbs_nobody(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    other = new_tenant(engine, "other")
    settings = {"max_unread_acks": 8, "ack_timeout": "1s"}
    with running_server(database, **settings) as running, open_stream(running.address, tenant.key) as stream:
        for number in range(5_000):
            stream.send(b"\x12\x00" * 100 + ingest_pb2.EventBatch(batch_id=number).SerializeToString())
        registry = running.server.metrics.registry
        status = {"status": "RESOURCE_EXHAUSTED"}
        wait_until(lambda: registry.get_sample_value("lvd_ingest_ended_calls_total", status) == 1, seconds=30)
        assert (registry.get_sample_value("lvd_ingest_committed_batches_total") or 0) < 5_000
        started = time.monotonic()
        (ack,) = send_bytes(running.address, other.key, [numbered(1)])
        assert time.monotonic() - started < 2
        assert ack.unplanned == 1
        acked, error = stream.acks_until_the_end()
        assert ended(error).code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "read acks" in ended(error).message
        assert [ack.batch_id for ack in acked] == list(range(len(acked)))
