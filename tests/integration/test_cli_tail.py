"""`lvd tail` as a process, beside a server."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from livevalidation import Client, Event
from tests.support.command_line import CommandLine
from tests.support.ingest import Tenant, new_tenant, running_server
from tests.support.writing import engine_of

_PLAN = b"""{"version": 1, "name": "Shop", "events": {
  "Order": {"schema": {"type": "object", "properties": {"total": {"type": "number"}}}}}}"""


@pytest.fixture
def lvd(database: str) -> CommandLine:
    return CommandLine(DATABASE_URL=database)


@pytest.fixture
def tenant(database: str, lvd: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Tenant:
    with engine_of(database) as engine:
        tenant = new_tenant(engine, "Shop")
    plan = tmp_path_factory.mktemp("plan") / "plan.json"
    plan.write_bytes(_PLAN)
    lvd.run("plan", "push", plan, "--app", "Shop")
    return tenant


@pytest.fixture
def client(database: str, tenant: Tenant) -> Iterator[Client]:
    with running_server(database) as server, Client(server.address, tenant.key) as client:
        yield client


def test_events_before_and_after_the_start_come_once_each_in_order(lvd: CommandLine, client: Client) -> None:
    for n in range(3):
        client.send(Event("Order", {"total": n}, subject=f"user-{n}"))
    client.flush()
    tail = lvd.start("tail", "--app", "Shop", "--last", "2", "--limit", "5", "--json", stdout=subprocess.PIPE)
    assert tail.stdout is not None
    first = [json.loads(tail.stdout.readline()) for _ in range(2)]
    for n in range(3, 6):
        client.send(Event("Order", {"total": f"{n}"}))
        client.flush()
    out, _ = tail.communicate(timeout=60)
    rows = first + [json.loads(line) for line in out.splitlines()]
    assert [row["seq"] for row in rows] == [2, 3, 4, 5, 6]
    assert [row["status"] for row in rows] == ["valid", "valid", "invalid", "invalid", "invalid"]
    assert rows[0]["subject"] == "user-1"
    assert rows[2]["violations"] == [
        {
            "path": "/total",
            "kind": "wrong_type",
            "expected": "number",
            "received": 'string "3"',
            "value": '"3"',
        }
    ]


def test_filters_reach_back_and_forward(lvd: CommandLine, client: Client) -> None:
    for name in ("Order", "Other", "Order", "Noise\x1b[2J"):
        client.send(Event(name, {"total": 1}))
    client.flush()
    tail = ("tail", "--app", "Shop", "--json", "--limit", "1")
    assert json.loads(lvd.run(*tail, "--name", "Other").stdout)["seq"] == 2
    assert json.loads(lvd.run(*tail, "--status", "unplanned", "--last", "1").stdout)["seq"] == 4
    told = lvd.run("tail", "--app", "Shop", "--limit", "4").stdout
    assert told.splitlines()[0].split()[1:4] == ["#1", "valid", "Order"]
    assert "\x1b" not in told


def test_wrong_use_is_told(lvd: CommandLine, tenant: Tenant) -> None:
    assert "valid, invalid" in lvd.run("tail", "--app", "Shop", "--status", "broken", exit_code=2).stderr
    assert "lvd app list" in lvd.run("tail", "--app", "Nope", exit_code=1).stderr
