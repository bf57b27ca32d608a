"""docker-compose.yml's services as they run in their containers: its commands with its environment.

Outside containers three things are others: the database's place, the ports, and the folder of the data.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import psycopg2
import pytest
import yaml

from livevalidation.v1 import ingest_pb2
from storage.embedded import tuning
from tests.support.command_line import CommandLine
from tests.support.ingest import running_server, send
from tests.support.server_process import free_port

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
#: Seconds within which a healthy service says so on a busy machine.
_PATIENCE = 60


@dataclass(frozen=True)
class Place:
    """Where the services run in this test."""

    database: str
    data_dir: Path
    #: Port in the container → ours.
    ports: dict[str, int]

    def command(self, name: str) -> list[str]:
        return [self._moved(word) for word in SERVICES[name]["command"]]

    def environment(self, name: str) -> dict[str, str | Path]:
        """As compose gives it, without the prefix LVD_, and what the image gives besides."""
        given = {
            key.removeprefix("LVD_"): re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)
            for key, value in SERVICES[name]["environment"].items()
        }
        url = given["DATABASE_URL"]
        assert re.fullmatch(r"postgresql://lvd:\$\{LVD_POSTGRES_PASSWORD:\?.*\}@postgres:5432/lvd", url)
        return {**given, "DATABASE_URL": self.database, "DATA_DIR": self.data_dir}

    def health(self, name: str) -> list[str]:
        _, _, flag, code = SERVICES[name]["healthcheck"]["test"]
        return [sys.executable, flag, self._moved(code)]

    def _moved(self, text: str) -> str:
        for port, ours in self.ports.items():
            text = text.replace(f":{port}", f":{ours}")
        return text


@pytest.fixture
def place(empty_database: str, tmp_path: Path) -> Place:
    return Place(empty_database, tmp_path, {"50051": free_port(), "8050": free_port()})


def is_healthy(place: Place, name: str) -> bool:
    # Docker gives containers the proxy of its own settings, which does not reach what is within them.
    proxy = dict.fromkeys(("http_proxy", "https_proxy", "grpc_proxy"), "http://127.0.0.1:9")
    environment = {**os.environ, **proxy, "no_proxy": ""}
    done = subprocess.run(place.health(name), capture_output=True, check=False, cwd=ROOT, env=environment)
    return done.returncode == 0


@contextmanager
def running(place: Place, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """The service, once it is healthy; ended as compose ends it."""
    lvd = CommandLine(**place.environment(name))
    process = lvd.start(*place.command(name), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not is_healthy(place, name):
            assert process.poll() is None
            assert time.monotonic() < deadline
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def seconds(text: str) -> int:
    number, unit = int(text[:-1]), text[-1]
    return number * {"s": 1, "m": 60}[unit]


def test_the_services_run_as_compose_starts_them(place: Place) -> None:
    migrating = CommandLine(**place.environment("migrate"))
    migrating.run(*place.command("migrate"))
    # As the file's own comment says.
    lvd = CommandLine(**place.environment("ingest"))
    lvd.run("app", "create", "shop")
    key = str(lvd.json("key", "create", "--app", "shop")["key"])
    assert not is_healthy(place, "ingest")
    assert not is_healthy(place, "dashboard")
    with running(place, "ingest") as ingest, running(place, "dashboard"):
        event = ingest_pb2.Event(name="Page Viewed", payload_json=b"{}")
        address = f"127.0.0.1:{place.ports['50051']}"
        (ack,) = send(address, key, [ingest_pb2.EventBatch(events=[event])])
        assert ack.received == 1
        started = time.monotonic()
        ingest.send_signal(signal.SIGTERM)
        assert ingest.wait(60) == 0
        assert time.monotonic() - started < seconds(SERVICES["ingest"]["stop_grace_period"])
        with pytest.raises(grpc.RpcError):
            send(address, key, [])
    # Again, as `up` after a `down`.
    migrating.run(*place.command("migrate"))
    assert lvd.json("db", "status")["apps"][0]["stored"] == 1


def test_an_ingest_server_whose_database_is_away_is_not_healthy(place: Place) -> None:
    with running_server("postgresql://lvd@127.0.0.1:1/lvd", address=f"127.0.0.1:{place.ports['50051']}"):
        assert not is_healthy(place, "ingest")


def postgres_settings() -> dict[str, str]:
    words = SERVICES["postgres"]["command"]
    assert words[0] == "postgres"
    return dict(word.removeprefix("-c").split("=") for word in words[1:])


def test_postgres_quotes_no_event_in_its_log() -> None:
    given, embedded = postgres_settings(), tuning.settings(1 << 32)
    for name in ("log_error_verbosity", "log_min_error_statement"):
        assert given[name] == embedded[name]


def test_postgres_is_given_settings_that_it_knows(postgres_url: str) -> None:
    settings = postgres_settings()
    with psycopg2.connect(postgres_url) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s)", (list(settings),))
        assert {name for (name,) in cursor.fetchall()} == settings.keys()
