"""The server as a process of its own: how it starts, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.support.bad_input import event, field
from tests.support.ingest import Tenant, ended, new_tenant, open_stream
from tests.support.oracle import check_app
from tests.support.writing import engine_of

_RUN = """
import sys
from ingest_server.main import run
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings, read_settings
settings = read_settings(IngestSettings, address=sys.argv[2])
sys.exit(run(settings, read_settings(StorageSettings), sys.argv[1], lambda a: print("ready", a, flush=True)))
"""


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    with engine_of(database) as engine:
        yield engine


@pytest.fixture
def tenant(engine: Engine) -> Tenant:
    return new_tenant(engine, "shop")


def start(database: str, address: str = "127.0.0.1:0") -> tuple[subprocess.Popen[str], str]:
    """A server process, and the address that it says it serves; "" if it ended without."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, database, address], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready "):
            return process, line.split()[1]
    return process, ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_drains_it(number: signal.Signals, database: str, engine: Engine, tenant: Tenant) -> None:
    process, address = start(database)
    with process, open_stream(address, tenant.key) as stream:
        for place in range(100):
            stream.send(field(2, event(b'{"n":%d}' % place)))
        first = stream.ack()
        process.send_signal(number)
        acked, error = stream.acks_until_the_end()
        assert "stopping" in ended(error).message
        assert ended(error).retry_seconds
        assert process.wait(20) == 0
    assert check_app(engine, tenant.app_id) == sum(ack.received for ack in [first, *acked])


def test_after_a_kill_what_was_not_acked_is_sent_again_and_stored_once(
    database: str, engine: Engine, tenant: Tenant
) -> None:
    messages = [field(2, event(b'{"n":%d}' % place)) for place in range(500)]
    process, address = start(database)
    with process, open_stream(address, tenant.key) as stream:
        for message in messages:
            stream.send(message)
        acked = [stream.ack() for _ in range(20)]
        process.kill()
    process, address = start(database)
    with process, open_stream(address, tenant.key) as stream:
        again = messages[len(acked) :]
        for message in again:
            stream.send(message)
        answers = [stream.ack() for _ in again]
        process.terminate()
        assert process.wait(20) == 0
    assert all(ack.unplanned + ack.duplicate == 1 for ack in answers)
    assert check_app(engine, tenant.app_id) == len(messages)


def test_a_taken_port_ends_it_with_an_error(database: str) -> None:
    process, address = start(database)
    with process:
        started = time.monotonic()
        second, nothing = start(database, address)
        with second:
            assert (second.wait(20), nothing) == (1, "")
        assert time.monotonic() - started < 20
        process.terminate()
        assert process.wait(20) == 0
