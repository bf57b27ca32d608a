"""The processes that a benchmark starts: each runs a module of ours, and ends with the benchmark."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import IO

from benchmarks.errors import BenchFailed

#: After SIGTERM, in seconds.
_PATIENCE = 30
_TOLD_LINES = 15


class Process:
    """A module run by this Python, spoken to in lines; what it says on stderr is kept for its failure."""

    def __init__(self, module: str, environment: Mapping[str, str], arguments: tuple[str, ...]) -> None:
        self._module = module
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self._told = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": _python_path(), **environment},
            # Ctrl-C reaches the benchmark alone, which ends its processes.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Of the running process."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether it ended by itself."""
        return self._process.poll() is not None

    def say(self, line: bytes) -> None:
        """Writes a line to its stdin."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failed() from None

    def hear(self, seconds: float) -> bytes:
        """The next line of its stdout. Raises BenchFailed if it ends, or none comes in time."""
        assert self._process.stdout is not None
        alarm = Timer(seconds, self._process.kill)
        alarm.start()
        try:
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise self._failed()
        return line.rstrip(b"\n")

    def end(self) -> None:
        """Ends it: by the end of its stdin and SIGTERM, at last by force."""
        if self._process.stdin is not None:
            # A process that is gone cannot be told more.
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def new_words(self) -> list[str]:
        """The last lines that it said on stderr, unless they were asked for before."""
        self._log.seek(self._told)
        lines = self._log.read().decode(errors="replace").splitlines()[-_TOLD_LINES:]
        self._told = self._log.tell()
        return [f"{self._module} said:", *lines] if lines else []

    def _failed(self) -> BenchFailed:
        code = self._process.wait()
        told = f"{self._module} ended with {code}, or did not answer in time"
        return BenchFailed("\n".join([told, *self.new_words()]))


@contextmanager
def started(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Process]:
    """A process for a `with` block."""
    process = Process(module, environment or {}, arguments)
    try:
        yield process
    except BenchFailed as error:
        # Why a client failed stands in the server's log.
        raise BenchFailed("\n".join([str(error), *process.new_words()])) from error
    finally:
        process.end()


def _python_path() -> str:
    """Our packages are found from their sources, too."""
    root = str(Path(__file__).resolve().parents[1])
    paths = os.environ.get("PYTHONPATH")
    return f"{root}{os.pathsep}{paths}" if paths else root
