"""Ingest servers as processes of their own, which can be killed."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import SystemRandom
from socket import socket

from tests.support.command_line import CommandLine

#: Below the ports that systems give to clients: there, a client that tries an address again and again while
#: its server is down may be given that very port as its own, and keep the server from coming back.
_PORTS = range(15_000, 30_000)


def free_port() -> int:
    """A TCP port that nobody listens at now."""
    while True:
        port = SystemRandom().choice(_PORTS)
        with socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class ServerProcess:
    """`lvd ingest` on a database; started again, it serves the same address."""

    def __init__(self, database_url: str, **settings: str) -> None:
        """`settings` as environment variables LVD_…: INGEST_WRITERS is LVD_INGEST_WRITERS."""
        self._command_line = CommandLine(DATABASE_URL=database_url, **settings)
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"127.0.0.1:{free_port()}"

    def start(self) -> None:
        """Returns once calls are taken."""
        process = self._command_line.start(
            "ingest", "--grpc", self.address, "--json", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"grpc": self.address}
        self._process = process

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As the kernel does to a process that took too much: it gets no word in."""
        self._end(signal.SIGKILL)

    def stop(self) -> int | None:
        """Drains; the exit status, None if it did not run."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int | None:
        if self._process is None:
            return None
        self._process.send_signal(number)
        status = self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return status


@contextmanager
def server_process(database_url: str, **settings: str) -> Iterator[ServerProcess]:
    """One that runs, with settings; stopped afterwards."""
    server = ServerProcess(database_url, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def server_processes(database_url: str, count: int) -> Iterator[list[ServerProcess]]:
    """Servers on one database, stopped afterwards."""
    servers = [ServerProcess(database_url) for _ in range(count)]
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.stop()
