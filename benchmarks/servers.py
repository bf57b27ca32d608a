"""Real ingest servers, each a process, all on one port."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.processes import started

_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class IngestServers:
    """Servers that take calls."""

    address: str
    processes: tuple[psutil.Process, ...]


@contextmanager
def ingest_servers(database_url: str, count: int) -> Iterator[IngestServers]:
    """So many servers on one free port of this machine's loopback, with the settings of the environment."""
    address, processes = "127.0.0.1:0", []
    with ExitStack() as stack:
        for _ in range(count):
            environment = {
                "LVD_DATABASE_URL": database_url,
                "LVD_INGEST_ADDRESS": address,
                "LVD_INGEST_REUSE_PORT": "true" if count > 1 else "false",
            }
            process = stack.enter_context(started("benchmarks.ingest_process", environment=environment))
            address = process.hear(_START_SECONDS).decode()
            processes.append(psutil.Process(process.pid))
        yield IngestServers(address, tuple(processes))
