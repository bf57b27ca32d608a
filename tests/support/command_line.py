"""The `lvd` command as a person or a script runs it: a process of its own, or as good as one."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cli.main import run

_REPOSITORY = Path(__file__).resolve().parents[2]
_TIMEOUT_SECONDS = 120


def command(*arguments: str | Path) -> list[str]:
    """The words that start `lvd` with these arguments."""
    return [sys.executable, "-m", "cli", *map(str, arguments)]


def environment(**settings: str | Path) -> dict[str, str]:
    """The environment without the machine's own settings, with these: DATABASE_URL is LVD_DATABASE_URL."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LVD_")}
    return inherited | {f"LVD_{name}": str(value) for name, value in settings.items()}


class CommandLine:
    """Runs `lvd` with settings of its own."""

    def __init__(self, **settings: str | Path) -> None:
        self._environment = environment(**settings)

    def run(
        self, *arguments: str | Path, exit_code: int = 0, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        """What the command said; fails unless it ended with `exit_code`."""
        done = self._done(arguments, stdin)
        said = f"{done.stdout}{done.stderr}"
        assert done.returncode == exit_code, f"lvd {arguments} ended with {done.returncode}: {said}"
        return done

    def _done(self, arguments: tuple[str | Path, ...], stdin: bytes) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command(*arguments),
            input=stdin,
            capture_output=True,
            env=self._environment,
            cwd=_REPOSITORY,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def json(self, *arguments: str | Path, stdin: bytes = b"") -> dict[str, Any]:
        """The one JSON object that the command answers with `--json`."""
        (line,) = self.run(*arguments, "--json", stdin=stdin).stdout.splitlines()
        document: dict[str, Any] = json.loads(line)
        return document

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """The command, running."""
        return subprocess.Popen(
            command(*arguments), env=self._environment, cwd=_REPOSITORY, start_new_session=True, **options
        )


class CommandLineInProcess(CommandLine):
    """The same within this process: a second less per command, for tests that call many."""

    def _done(self, arguments: tuple[str | Path, ...], stdin: bytes) -> subprocess.CompletedProcess[str]:
        out, err, before = StringIO(), StringIO(), dict(os.environ)
        os.environ.clear()
        os.environ.update(self._environment)
        try:
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
                run([str(argument) for argument in arguments])
        finally:
            os.environ.clear()
            os.environ.update(before)
        assert not stdin, "standard input is for processes"
        code = ended.value.code
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())  # type: ignore[arg-type]
