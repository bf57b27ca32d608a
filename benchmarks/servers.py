"""Real servers, each a process of its own: ingest servers on one port, and a dashboard."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from time import monotonic, sleep

import psutil

from benchmarks.errors import BenchFailed
from benchmarks.processes import Process, started
from dashboard.api.routes import HEALTH
from storage.settings import MAX_RETENTION_DAYS

_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class IngestServers:
    """Servers that take calls."""

    address: str
    processes: tuple[psutil.Process, ...]


@contextmanager
def ingest_servers(database_url: str, count: int) -> Iterator[IngestServers]:
    """So many servers on one free port of this machine's loopback, with the settings of the environment.

    But for the retention: they drop nothing.
    """
    address, processes = "127.0.0.1:0", []
    with ExitStack() as stack:
        for _ in range(count):
            environment = {
                "LVD_DATABASE_URL": database_url,
                # What a benchmark stored stays, on however many days it lies.
                "LVD_RETENTION_DAYS": str(MAX_RETENTION_DAYS),
                "LVD_INGEST_ADDRESS": address,
                "LVD_INGEST_REUSE_PORT": "true" if count > 1 else "false",
            }
            process = stack.enter_context(started("benchmarks.ingest_process", environment=environment))
            address = process.hear(_START_SECONDS).decode()
            processes.append(psutil.Process(process.pid))
        yield IngestServers(address, tuple(processes))


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard that answers."""

    host: str
    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://{self.host}:{self.port}"


@contextmanager
def dashboard(database_url: str) -> Iterator[Dashboard]:
    """A dashboard on a free port of this machine's loopback, with the settings of the environment."""
    host, port = "127.0.0.1", _free_port()
    environment = {
        "LVD_DATABASE_URL": database_url,
        "LVD_DASHBOARD_HOST": host,
        "LVD_DASHBOARD_PORT": str(port),
    }
    with started("benchmarks.dashboard_process", environment=environment) as process:
        _await_answer(host, port, process)
        yield Dashboard(host, port, psutil.Process(process.pid))


def _free_port() -> int:
    """Free a moment ago: gunicorn does not tell which port it takes by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_answer(host: str, port: int, process: Process) -> None:
    give_up_at = monotonic() + _START_SECONDS
    while not _answers(host, port):
        if monotonic() > give_up_at or process.is_over:
            raise BenchFailed(f"The dashboard ended, or did not answer within {_START_SECONDS} s")
        sleep(0.1)


def _answers(host: str, port: int) -> bool:
    with closing(HTTPConnection(host, port, timeout=5)) as connection:
        try:
            connection.request("GET", HEALTH)
            return connection.getresponse().status == 200
        except OSError:
            return False
