"""Ingest servers as processes of their own, which can be killed."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

from tests.support.command_line import CommandLine


def free_port() -> int:
    """A TCP port that nobody listens at now."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """`lvd ingest` on a database; started again, it serves the same address."""

    def __init__(self, database_url: str) -> None:
        self._command_line = CommandLine(DATABASE_URL=database_url)
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

    def kill(self) -> None:
        """As the kernel does to a process that took too much: it gets no word in."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Drains."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None


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
