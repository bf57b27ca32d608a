"""`lvd replay` against a real server: what was at fault is mended, and the rejected events come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, text

from livevalidation.v1 import ingest_pb2
from storage.plans import PlanStore
from storage.readers import Filters, PageQuery, Reader
from storage.schema import MAX_RAW_BYTES
from tests.support.command_line import CommandLine, CommandLineInProcess
from tests.support.ingest import Tenant, new_tenant, running_server, send, send_bytes
from tests.support.oracle import check_app
from tests.support.writing import engine_of


def plan(*names: str) -> dict[str, Any]:
    events = {
        name: {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}} for name in names
    }
    return {"version": 1, "name": "Shop", "unplanned_events": "reject", "events": events}


@dataclass(frozen=True)
class Scene:
    """A server, its database, and the command line beside it."""

    lvd: CommandLine
    here: CommandLineInProcess
    engine: Engine
    address: str

    def tenant(self, name: str) -> Tenant:
        """An app whose plan takes the event `Known` alone."""
        made = new_tenant(self.engine, name)
        PlanStore(self.engine).push(made.app_id, plan("Known"))
        return made

    def replay(self, tenant: Tenant, *options: str) -> dict[str, Any]:
        target = ("--target", self.address, "--key", tenant.key)
        return self.lvd.json("replay", "--app", tenant.name, *target, *options)

    def rejected(self, tenant: Tenant) -> int:
        with self.engine.connect() as conn:
            counted = "SELECT count(*) FROM rejected_event WHERE app_id = :app_id"
            return int(conn.execute(text(counted), {"app_id": tenant.app_id}).scalar_one())


@pytest.fixture(scope="module")
def scene(module_database: str) -> Iterator[Scene]:
    with running_server(module_database) as running, engine_of(module_database) as engine:
        here = CommandLineInProcess(DATABASE_URL=module_database)
        yield Scene(CommandLine(DATABASE_URL=module_database), here, engine, running.address)


def new_events(count: int, name: str = "New") -> list[ingest_pb2.Event]:
    events = [
        ingest_pb2.Event(
            name=name, event_id=f"{name}-{number}", subject="phone", payload_json=b'{"n": %d}' % number
        )
        for number in range(count)
    ]
    for event in events:
        event.occurred_at.GetCurrentTime()
    return events


def told(**given: Any) -> dict[str, Any]:
    none = dict.fromkeys(("received", "valid", "invalid", "unplanned", "duplicate", "rejected"), 0)
    return {"read": 0, "passed": 0, "left": {}, **none} | given


def test_events_of_a_name_that_is_planned_now_come_in_once_as_they_were_sent(scene: Scene) -> None:
    tenant = scene.tenant("replayed")
    source = ingest_pb2.Source(sdk="kt/1", app_version="4.2.0", platform="android", environment="prod")
    for run in ("ci-1", ""):
        batch = ingest_pb2.EventBatch(events=new_events(60), source=source, run_id=run)
        (ack,) = send(scene.address, tenant.key, [batch])
        assert ack.rejected == 60
    assert scene.replay(tenant, "--dry-run") == told(read=120, left={"unplanned_event": 120})
    PlanStore(scene.engine).push(tenant.app_id, plan("Known", "New"))
    assert scene.replay(tenant, "--dry-run") == told(read=120, passed=120)
    assert scene.replay(tenant) == told(read=120, passed=120, received=120, valid=120)
    rows = Reader(scene.engine).page(PageQuery(tenant.app_id, Filters(), newest_first=True, limit=200)).rows
    assert len(rows) == 120
    assert {(row.source.app_version, row.subject) for row in rows} == {("4.2.0", "phone")}
    assert sorted(row.run_id or "" for row in rows) == [""] * 60 + ["ci-1"] * 60
    assert scene.replay(tenant) == told(read=120, passed=120, received=120, duplicate=120)
    assert scene.rejected(tenant) == 120
    check_app(scene.engine, tenant.app_id)


def test_what_would_be_rejected_again_is_left_and_not_counted_twice(scene: Scene) -> None:
    tenant = scene.tenant("left")
    future = ingest_pb2.Event(name="Known", event_id="f", payload_json=b"{}")
    future.occurred_at.seconds = 4_000_000_000
    broken = ingest_pb2.Event(name="Known", event_id="b", payload_json=b"{")
    huge = ingest_pb2.Event(name="New", event_id="h", payload_json=b'{"t": "%s"}' % (b"x" * MAX_RAW_BYTES))
    events = [future, broken, huge, *new_events(1)]
    send(scene.address, tenant.key, [ingest_pb2.EventBatch(events=events)])
    send_bytes(scene.address, tenant.key, [b"\x12\x03\xff\xff\xff"])
    PlanStore(scene.engine).push(tenant.app_id, plan("Known", "New"))
    reasons = ("unplanned_event", "occurred_in_future", "payload_not_json", "event_not_readable")
    every = [part for reason in reasons for part in ("--reason", reason)]
    left = {"cut": 1, "event_not_readable": 1, "occurred_in_future": 1, "payload_not_json": 1}
    assert scene.replay(tenant, *every) == told(read=5, passed=1, left=left, received=1, valid=1)
    assert scene.replay(tenant, "--reason", "payload_not_json") == told(read=1, left={"payload_not_json": 1})
    assert Reader(scene.engine).totals(tenant.app_id, None, None).rejected == 5


@pytest.mark.parametrize(
    ("options", "exit_code", "said"),
    [
        (("--key", "KEY", "--app", "another"), 2, "--app 'another' does not fit the key"),
        (("--app", "used wrongly"), 2, "No API key"),
        (("--app", "used wrongly", "--dry-run", "--reason", "1 OR 1=1"), 2, "--reason '1 OR 1=1' is none of"),
        (("--app", "nobody", "--dry-run"), 1, "nobody"),
    ],
)
def test_wrong_use_is_told_and_sends_nothing(
    scene: Scene, options: tuple[str, ...], exit_code: int, said: str, request: pytest.FixtureRequest
) -> None:
    tenant = new_tenant(scene.engine, request.node.name)
    new_tenant(scene.engine, f"another {request.node.name}")
    given = [tenant.key if option == "KEY" else option for option in options]
    done = scene.here.run("replay", "--target", scene.address, *given, exit_code=exit_code)
    assert said in done.stderr
    assert Reader(scene.engine).ledger(tenant.app_id).version == 0
