"""What dev.py and .ci/run tell and decide, without installing anything."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ([], "127.0.0.1:8050"),
        (["--http", "127.0.0.1:8060"], "127.0.0.1:8060"),
        (["--grpc", "x:1", "--http=[::1]:9"], "[::1]:9"),
        (["--http", "a:1", "--http", "a:2"], "a:2"),
        (["--http"], ""),
    ],
)
def test_the_last_flag_says_where_to_listen(arguments: list[str], address: str) -> None:
    assert dev.address_of("--http", "127.0.0.1:8050", arguments) == address


def test_variables_say_where_to_listen_without_a_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INGEST_ADDRESS", "DASHBOARD_HOST", "DASHBOARD_PORT"):
        monkeypatch.setenv(f"LVD_{name}", "")
    assert [*map(dev.default_of, dev.LISTENERS)] == ["127.0.0.1:50051", "127.0.0.1:8050"]
    monkeypatch.setenv("LVD_INGEST_ADDRESS", "[::]:6000")
    monkeypatch.setenv("LVD_DASHBOARD_PORT", "8060")
    assert [*map(dev.default_of, dev.LISTENERS)] == ["[::]:6000", "127.0.0.1:8060"]


def test_a_taken_port_is_told_with_its_holder_and_the_flag_that_moves_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        holder = rf"pid {os.getpid()} \(.*{re.escape(Path(sys.executable).name)}"
        with pytest.raises(dev.Problem, match=rf'127.0.0.1:{port}: it is held by {holder}.*ARGS="--grpc '):
            dev.check_port("--grpc", "gRPC", f"127.0.0.1:{port}")
    dev.check_port("--grpc", "gRPC", f"127.0.0.1:{port}")


@pytest.mark.parametrize("address", ["8050x", "", "127.0.0.1:", "host.invalid:80"])
def test_an_address_that_is_none_is_told_with_its_flag(address: str) -> None:
    with pytest.raises(dev.Problem, match="--http"):
        dev.check_port("--http", "the web page", address)


def test_an_old_python_is_told_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "OLDEST_PYTHON", (9, 99))
    with pytest.raises(dev.Problem, match=r"newer is needed, this is 3\..* Run: "):
        dev.check_python("run")


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dev.DISK_GB, "run", 10**9)
    with pytest.raises(dev.Problem, match="GB of free disk space are needed"):
        dev.check_disk("run")


def test_only_long_steps_of_pip_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for line in (
        "Collecting dash",
        "  Downloading https://host/dash-4.4.1-py3-none-any.whl (8.0 MB)",
        "  Downloading idna-3.20-py3-none-any.whl (72 kB)",
        "Installing collected packages: a, b, c",
    ):
        dev.show_progress(line)
    assert (
        capsys.readouterr().out
        == "  downloading dash-4.4.1-py3-none-any.whl (8.0 MB)\n  installing 3 packages\n"
    )


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["rune"]) == 2
    assert "run|test|lint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("closing", "status"),
    [("=== 3 passed in 1.20s ===", 0), ("=== 1 failed, 2 passed in 61.20s (0:01:01) ===", 2)],
)
def test_ci_prints_pytests_closing_line_last_and_fails_with_it(
    closing: str, status: int, tmp_path: Path
) -> None:
    make = tmp_path / "make"
    make.write_text(
        f"#!/bin/sh\necho '{closing}'\n[ {status} = 0 ] || echo 'make: Error' >&2\nexit {status}\n"
    )
    make.chmod(0o755)
    done = subprocess.run(
        ["bash", ROOT / ".ci" / "run"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == closing


@pytest.mark.parametrize(("cores", "workers"), [(1, "2"), (2, "3"), (64, "4"), (None, "2")])
def test_the_tests_fill_the_cores(monkeypatch: pytest.MonkeyPatch, cores: int | None, workers: str) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert dev.side_by_side()[:2] == ["-n", workers]
