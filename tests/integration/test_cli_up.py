"""`lvd up`: the whole product as processes, on a data folder of its own."""

import http.client
import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server
from typing import Any

import psutil
import pytest

from storage.embedded import EmbeddedPostgres
from tests.support.command_line import CommandLine
from tests.support.data_folder import temporary_data_dir
from tests.support.server_process import free_port
from tests.support.waiting import wait_until

_END_SECONDS = 60


class Up:
    """A running `lvd up`."""

    def __init__(self, lvd: CommandLine, log: Path, *options: str) -> None:
        self.grpc, self.http = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        self.log = log
        arguments = ("up", "--grpc", self.grpc, "--http", self.http, "--json", *options)
        with log.open("ab") as err:
            self.process = lvd.start(*arguments, stdout=subprocess.PIPE, stderr=err)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, log.read_text()
        self.ready: dict[str, Any] = json.loads(line)
        self.children = psutil.Process(self.process.pid).children(recursive=True)

    def child(self, command: str) -> psutil.Process:
        """The process of one service: the direct child of `lvd up` that runs this command."""
        (found,) = (
            child for child in psutil.Process(self.process.pid).children() if command in _words(child)
        )
        return found

    def interrupt(self) -> None:
        """Ctrl-C; all of it must be gone afterwards, without a traceback."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=_END_SECONDS)
        assert (self.process.returncode, out) == (0, b""), self.log.read_text()
        assert psutil.wait_procs(self.children, timeout=5)[1] == []
        told = self.log.read_text()
        assert "Traceback" not in told, told


def _words(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


@contextmanager
def running(lvd: CommandLine, log: Path, *options: str) -> Iterator[Up]:
    """Ends it whatever happens."""
    up = Up(lvd, log, *options)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.process.kill()
            up.process.communicate()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_data_dir() as folder:
        yield folder


@pytest.fixture
def lvd(data_dir: Path) -> CommandLine:
    return CommandLine(DATA_DIR=data_dir)


def page_status(address: str) -> int:
    """Of the page; 0 while nothing answers."""
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def stored(lvd: CommandLine) -> dict[str, int]:
    """Stored events by app; every minute must add up."""
    apps = lvd.json("db", "status")["apps"]
    assert [app["minutes_that_do_not_add_up"] for app in apps] == [[]] * len(apps)
    return {app["app"]: app["stored"] for app in apps}


def test_all_in_one_with_a_demo_from_start_to_a_second_run(
    lvd: CommandLine, data_dir: Path, tmp_path: Path
) -> None:
    with running(lvd, tmp_path / "log", "--demo") as up:
        key_file = Path(up.ready["demo_key_file"])
        assert up.ready["http"] == f"http://{up.http}/"
        assert page_status(up.http) == 200
        assert key_file == data_dir / "demo.key"
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        key = key_file.read_text().strip()
        # Beside the running server: an event by hand, as the ready line says.
        line = b'{"name": "Product Viewed", "payload": {"product_id": "P-1001", "price": "12"}}'
        sent = lvd.json("send", "-", "--key", key, "--target", up.grpc, "--app", "Shop Android", stdin=line)
        assert (sent["received"], sent["invalid"]) == (1, 1)
        wait_until(lambda: min(stored(lvd).values()) > 50)
        up.interrupt()
    assert not EmbeddedPostgres(data_dir).is_running()
    before = stored(lvd)
    assert set(before) == {"Shop Android", "Shop Web", "Shop iOS"}
    with running(lvd, tmp_path / "log", "--no-demo") as up:
        assert up.ready["demo_key_file"] is None
        assert stored(lvd) == before
        sent = lvd.json("send", "-", "--target", up.grpc, stdin=line)
        assert sent["duplicate"] == 1
        up.interrupt()
    assert key_file.read_text().strip() == key
    active = {
        app: [key for key in lvd.json("key", "list", "--app", app)["keys"] if key["revoked_at"] is None]
        for app in before
    }
    assert {app: len(keys) for app, keys in active.items()} == {
        "Shop Android": 1,
        "Shop Web": 0,
        "Shop iOS": 0,
    }


def test_parts_that_die_are_started_again(lvd: CommandLine, data_dir: Path, tmp_path: Path) -> None:
    with running(lvd, tmp_path / "log") as up:
        lvd.run("app", "create", "Shop")
        key = lvd.json("key", "create", "--app", "Shop")["key"]
        for command in ("ingest", "dashboard"):
            up.child(command).kill()
        postmaster = psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))
        postmaster.kill()
        line = b'{"name": "A", "payload": {}}'
        assert lvd.json("send", "-", "--key", key, "--target", up.grpc, stdin=line)["received"] == 1
        wait_until(lambda: page_status(up.http) == 200)
        told = up.log.read_text()
        for part in ("ingest ended (by SIGKILL)", "dashboard ended (by SIGKILL)", "PostgreSQL ended"):
            assert part in told
        up.children = psutil.Process(up.process.pid).children(recursive=True)
        up.interrupt()
    assert not EmbeddedPostgres(data_dir).is_running()


def test_nothing_outlives_a_killed_up(lvd: CommandLine, data_dir: Path, tmp_path: Path) -> None:
    with running(lvd, tmp_path / "log") as up:
        services = [up.child("ingest"), up.child("dashboard")]
        up.process.kill()
        up.process.communicate()
        assert psutil.wait_procs(services, timeout=30)[1] == []
    # The database was left running, and is taken over.
    assert EmbeddedPostgres(data_dir).is_running()
    with running(lvd, tmp_path / "log") as up:
        up.interrupt()
    assert not EmbeddedPostgres(data_dir).is_running()


def test_a_taken_port_is_told_before_anything_starts(lvd: CommandLine, data_dir: Path) -> None:
    with create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        told = lvd.run("up", "--http", f"127.0.0.1:{port}", "--grpc", str(free_port()), exit_code=1).stderr
    assert f"pid {os.getpid()}" in told
    assert "--http HOST:PORT" in told
    assert not data_dir.exists()
    assert "HOST:PORT" in lvd.run("up", "--grpc", "nowhere", exit_code=2).stderr
