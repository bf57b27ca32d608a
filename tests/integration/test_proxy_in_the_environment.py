"""A proxy in the environment is not asked for what runs on this machine: it would not find it."""

from collections.abc import Iterator

import pytest

from cli.address import parse_address
from cli.all_in_one import _ingest_serves
from livevalidation import Client, Event, Verdict
from tests.support.ingest import RunningServer, new_tenant, running_server
from tests.support.writing import engine_of


@pytest.fixture
def running(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    with running_server(database) as running:
        for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name in ("grpc_proxy", "https_proxy", "http_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        yield running


def test_lvd_up_sees_that_its_server_serves(running: RunningServer) -> None:
    address = parse_address(running.address, "--grpc")
    assert _ingest_serves(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_client_reaches_a_server_on_this_machine(
    running: RunningServer, database: str, host: str
) -> None:
    with engine_of(database) as engine:
        key = new_tenant(engine, "shop").key
    port = running.address.rpartition(":")[2]
    with Client(f"{host}:{port}", key) as client:
        assert client.send(Event("Seen", {})).result(20).verdict is Verdict.UNPLANNED
