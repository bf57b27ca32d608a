#!/usr/bin/env python3
"""Runs and tests the project on a bare machine: `python3 dev.py COMMAND [ARGUMENT…]`.

COMMAND is run, test, lint, soak, fuzz, stubs or bench.

It checks what the machine needs, keeps the virtual environment `.venv` in step with pyproject.toml and
constraints.txt, and then becomes the command that was asked for. It uses the standard library alone, and the
syntax of Python 3.8, so that an older Python can say that it is too old.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "lvd-installed.json"
OLDEST_PYTHON = (3, 11)
#: Free space in GB: 1 for the environment, the rest for data (a demo's first days; a test's million events).
DISK_GB = {"run": 3, "test": 5, "soak": 5}
#: Where `lvd up` listens: flag → what for.
LISTENERS = {"--grpc": "gRPC", "--http": "the web page"}


class Problem(Exception):
    """Something that the machine lacks; the message ends with the command that mends it."""


def main(argv: Sequence[str]) -> int:
    """Runs one command; returns only if it could not begin, with the exit status 2 (130 after Ctrl-C)."""
    commands = {
        "run": run,
        "test": test,
        "lint": lint,
        "soak": soak,
        "fuzz": fuzz,
        "stubs": stubs,
        "bench": bench,
    }
    if not argv or argv[0] not in commands:
        print(f"usage: python3 dev.py {'|'.join(commands)} [ARGUMENT...]", file=sys.stderr)
        return 2
    try:
        commands[argv[0]](argv[1:])
    except Problem as problem:
        print(f"dev.py: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run(arguments: Sequence[str]) -> NoReturn:
    """Everything in one: database, ingest server, dashboard, demo traffic."""
    check_python("run")
    check_disk("run")
    for flag, purpose in LISTENERS.items():
        check_port(flag, purpose, address_of(flag, default_of(flag), arguments))
    install(dev=False)
    become([VENV / "bin" / "lvd", "up", "--demo", *arguments])


def test(arguments: Sequence[str]) -> NoReturn:
    """All tests, linters among them; arguments go to pytest."""
    check_python("test")
    check_disk("test")
    install(dev=True)
    os.environ["LVD_CHROMIUM"] = str(browser())
    become([PYTHON, "-m", "pytest", *side_by_side(), *arguments])


def side_by_side() -> list[str]:
    """pytest's options for one more worker than there are cores, at most four: half of the time is waiting.

    A file's tests stay together for what they share. The collected order has the short unit tests last, which
    fill the gaps that the long ones leave.
    """
    workers = min(4, (os.cpu_count() or 1) + 1)
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


def lint(arguments: Sequence[str]) -> NoReturn:
    """The linters alone."""
    check_python("lint")
    install(dev=True)
    become([PYTHON, "-m", "pytest", "tests/contract/test_lint.py", *arguments])


def soak(arguments: Sequence[str]) -> NoReturn:
    """The long forms of tests, an hour or so; arguments go to pytest."""
    check_python("soak")
    check_disk("soak")
    install(dev=True)
    os.environ["LVD_CHROMIUM"] = str(browser())
    become([PYTHON, "-m", "pytest", "tests/faults", "tests/e2e", "-m", "soak", *arguments])


def fuzz(arguments: Sequence[str]) -> NoReturn:
    """Ten minutes of fuzzing; arguments go to libFuzzer instead, as -max_total_time=SECONDS."""
    check_python("fuzz")
    install(dev=True)
    if subprocess.run([PYTHON, "-c", "import atheris"], stderr=subprocess.DEVNULL, check=False).returncode:
        pip_install(".[fuzz]")
    become([PYTHON, "tests/fuzz/run.py", *(arguments or ["-max_total_time=600"])])


def stubs(arguments: Sequence[str]) -> NoReturn:
    """Makes livevalidation/v1 anew from proto/."""
    check_python("stubs")
    install(dev=True)
    become([PYTHON, "proto/generate.py", *arguments])


def bench(arguments: Sequence[str]) -> NoReturn:
    """The benchmarks; arguments go to `lvd bench`."""
    check_python("bench")
    install(dev=True)
    become([VENV / "bin" / "lvd", "bench", *arguments])


def become(command: Sequence[object]) -> NoReturn:
    """Replaces this process, so that signals and the exit status are the command's own."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(str(command[0]), [str(part) for part in command])  # noqa: S606 - no shell is wanted


def check_python(command: str) -> None:
    """Python itself, and the modules that Debian ships apart."""
    if sys.version_info < OLDEST_PYTHON:
        newer = (f"python3.{minor}" for minor in range(20, OLDEST_PYTHON[1] - 1, -1))
        found = next((name for name in newer if runs(shutil.which(name))), None)
        mend = (
            f"{found} dev.py {command}" if found else package_command("python3.11 python3.11-venv", "python")
        )
        raise Problem(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Run: {mend}")
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Problem(f"Python's venv module is missing. Run: {package_command(name, 'python')}") from None


def package_command(apt: str, brew: str) -> str:
    """How this system installs something."""
    if shutil.which("brew"):
        return f"brew install {brew}"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {apt}"


def check_disk(command: str) -> None:
    """Free space where the project lies."""
    free, needed = shutil.disk_usage(ROOT).free / 1e9, DISK_GB[command]
    if free < needed:
        raise Problem(
            f"{needed} GB of free disk space are needed at {ROOT}, {free:.1f} GB are left. "
            "Free some, for example: python3 -m pip cache purge"
        )


def default_of(flag: str) -> str:
    """Where `lvd up` listens without a flag: where its variables say; an empty one counts as not set."""
    if flag == "--grpc":
        return os.environ.get("LVD_INGEST_ADDRESS") or "127.0.0.1:50051"
    host = os.environ.get("LVD_DASHBOARD_HOST") or "127.0.0.1"
    return f"{host}:{os.environ.get('LVD_DASHBOARD_PORT') or 8050}"


def address_of(flag: str, default: str, arguments: Sequence[str]) -> str:
    """The HOST:PORT that the arguments give a flag; the last one counts."""
    address = default
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == flag:
            address = following
        elif argument.startswith(f"{flag}="):
            address = argument[len(flag) + 1 :]
    return address


def check_port(flag: str, purpose: str, address: str) -> None:
    """Whether we could listen there; if not, who does, and the flag that moves us."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        raise Problem(
            f"{flag} takes HOST:PORT, not {address!r}. Run: python3 dev.py run {flag} 127.0.0.1:8060"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: an address that only an ended connection still names is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno == errno.EADDRINUSE:
                reason = f"it is held by {holder_of(int(port))}. End that, or move ours"
            raise Problem(
                f"{purpose} cannot listen on {address}: {reason}. "
                f'Run: make run ARGS="{flag} 127.0.0.1:{int(port) % 60_000 + 10}"'
            ) from None


def holder_of(port: int) -> str:
    """Who listens on a TCP port: pid and command line, as far as this user may see it."""
    pids = sorted(set(listening_pids(port)))
    if not pids:
        return "a process of another user"
    return ", ".join(f"pid {pid} ({command_line(pid)})" for pid in pids)


def listening_pids(port: int) -> Iterator[int]:
    """From /proc where there is one, else from lsof."""
    if not Path("/proc/net/tcp").exists():
        listed = subprocess.run(
            ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"], stdout=subprocess.PIPE, check=False
        )
        yield from map(int, listed.stdout.split())
        return
    sockets = {f"socket:[{inode}]" for inode in listening_inodes(port)}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in sockets:
                yield int(link.parts[2])
        except OSError:  # ended meanwhile, or not ours to see
            continue


def listening_inodes(port: int) -> Iterator[str]:
    """Of the sockets that listen on a port, IPv4 and IPv6."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def command_line(pid: int) -> str:
    """A process's command line, at most 120 characters."""
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], stdout=subprocess.PIPE, check=False)
    return listed.stdout.decode(errors="replace").strip()[:120]


def install(dev: bool) -> None:
    """Brings .venv in step; does nothing if neither the pins nor the folder changed."""
    wanted = {"pins": pins(), "folder": str(ROOT)}
    had = json.loads(STAMP.read_text(encoding="utf-8")) if STAMP.exists() else {}
    if (
        runs(PYTHON)
        and all(had.get(key) == value for key, value in wanted.items())
        and (had["dev"] or not dev)
    ):
        return
    # An environment holds its own path, and does not survive a move.
    if not runs(PYTHON) or had.get("folder", str(ROOT)) != str(ROOT):
        print("Making the virtual environment .venv", flush=True)
        base = getattr(sys, "_base_executable", None) or sys.executable
        finish([base, "-m", "venv", "--clear", str(VENV)], "Run it by hand to see why")
    STAMP.unlink(missing_ok=True)
    pip_install(".[dev]" if dev else ".")
    STAMP.write_text(json.dumps({**wanted, "dev": dev}), encoding="utf-8")


def pins() -> str:
    """A hash of all that decides what is installed."""
    content = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    return hashlib.sha256(content).hexdigest()


def runs(python: Path | str | None) -> bool:
    """Whether it is a Python that starts: the one an environment was made from may be gone."""
    if python is None or not Path(python).exists():
        return False
    return subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0


def pip_install(what: str) -> None:
    """Installs the project for editing, from wherever this machine's pip is set up to install from."""
    print("Installing the packages (the first time some minutes)", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "-c", "constraints.txt", "-e", what]
    # A pip set to install for the user alone would refuse to work in an environment.
    environment = {**os.environ, "PIP_USER": "0"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        told = []
        for line in pip.stdout or ():
            told.append(line.decode(errors="replace").rstrip())
            show_progress(told[-1])
    if pip.returncode != 0:
        print("\n".join(told[-15:]), file=sys.stderr)
        raise Problem(f"pip could not install the packages (see above). Run: {' '.join(command)}")


def show_progress(line: str) -> None:
    """A line for each download that takes a while, and one for the installation."""
    download = re.match(r"\s*Downloading (\S+) \(([0-9.]+ MB)\)", line)
    if download:
        print(f"  downloading {download[1].rpartition('/')[2]} ({download[2]})", flush=True)
    elif line.startswith("Installing collected packages:"):
        print(f"  installing {line.count(',') + 1} packages", flush=True)


def finish(command: Sequence[str], mend: str) -> None:
    """Runs a step without which nothing goes on."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise Problem(f"`{' '.join(command)}` failed. {mend}")


def browser() -> Path:
    """For the end-to-end tests; where root may install packages, a missing one is installed."""
    from tests.support.find_browser import NoBrowser, find_browser  # noqa: PLC0415 - not for an old Python

    try:
        return find_browser(PYTHON)
    except NoBrowser as missing:
        if os.environ.get("LVD_CHROMIUM") or os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Problem(str(missing)) from None
    print("Installing Chromium for the browser tests", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    finish([*apt, "update"], "Install Chrome or Chromium by hand")
    # Not every Debian and Ubuntu has the first one.
    if subprocess.run([*apt, "install", "-y", "chromium-headless-shell"], check=False).returncode != 0:
        finish([*apt, "install", "-y", "chromium"], "Install Chrome or Chromium by hand")
    try:
        return find_browser(PYTHON)
    except NoBrowser as missing:
        raise Problem(str(missing)) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
