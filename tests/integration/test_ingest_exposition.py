"""Metrics and health over HTTP."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingest_server.server import StartError
from tests.support.bad_input import event, field
from tests.support.ingest import RunningServer, new_tenant, running_server, send_bytes
from tests.support.writing import engine_of


@pytest.fixture
def running(database: str) -> Iterator[RunningServer]:
    with running_server(database, metrics_address="127.0.0.1:0") as running:
        yield running


def get(running: RunningServer, path: str) -> tuple[int, str]:
    exposition = running.server.exposition
    assert exposition is not None
    try:
        with urllib.request.urlopen(f"http://{exposition.address}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_metrics_tell_what_the_server_did(running: RunningServer, database: str) -> None:
    with engine_of(database) as engine:
        tenant = new_tenant(engine, "shop")
    send_bytes(running.address, tenant.key, [field(2, event()) * 3])
    status, page = get(running, "/metrics")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert status == 200
    assert samples["lvd_ingest_read_events_total",] == 3
    assert samples["lvd_ingest_committed_events_total", "unplanned"] == 1
    assert samples["lvd_ingest_committed_events_total", "duplicate"] == 2
    assert samples["lvd_ingest_arrival_ahead_seconds",] == 0
    assert samples["process_resident_memory_bytes",] > 10_000_000


def test_life_and_readiness_are_told_apart(running: RunningServer) -> None:
    assert get(running, "/livez")[0] == get(running, "/readyz")[0] == 200
    running.server._outage.available = False
    assert get(running, "/livez")[0] == 200
    status, told = get(running, "/readyz")
    assert (status, told) == (503, "not ready: no events are taken now\n")
    assert get(running, "/")[0] == 404


def test_a_taken_address_is_an_error_that_names_its_setting(running: RunningServer, database: str) -> None:
    exposition = running.server.exposition
    assert exposition is not None
    with (
        pytest.raises(StartError, match="LVD_INGEST_METRICS_ADDRESS"),
        running_server(database, metrics_address=exposition.address),
    ):
        pass
