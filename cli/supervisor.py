"""Keeps processes running: starts them, starts them again when they die, and ends them in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import cli
from cli.errors import CommandFailed

#: Seconds before the first restart; twice as long before each further one.
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 15.0
#: A process that lived so long was well: its next death counts as the first. In seconds.
_WELL_AFTER = 30.0
#: A service that dies so often before it is ready never will be.
_DEATHS_AT_START = 3
_TICK_SECONDS = 0.1
#: How often those are named that are waited for. In seconds.
_TELL_EVERY = 30.0

Say = Callable[[str], None]


def own_command(*arguments: str) -> list[str]:
    """The words that start another `lvd` of the same code, wherever this one was started."""
    return [sys.executable, "-P", "-m", "cli", *arguments]


def own_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings; our packages are found from sources, too."""
    root = str(Path(cli.__file__).resolve().parents[1])
    paths = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{paths}" if paths else root, **settings}


class Interrupts:
    """Counts the signals that ask us to end: the first asks, the second urges."""

    def __init__(self) -> None:
        self._count = 0

    @contextmanager
    def caught(self) -> Iterator["Interrupts"]:
        """Takes SIGINT, SIGTERM and, unless `nohup` had it ignored, SIGHUP for the `with` block."""
        signals = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signals.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._take) for number in signals}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1

    @property
    def asked(self) -> bool:
        """Whether to end."""
        return self._count > 0

    @property
    def urged(self) -> bool:
        """Whether to end without waiting."""
        return self._count > 1


class Child:
    """One service in a process of its own, in a session of its own: Ctrl-C reaches us alone."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        environment: Mapping[str, str],
        say: Say,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._argv = list(argv)
        self._environment = dict(environment)
        self._say = say
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at: float | None = None
        #: Deaths in a row.
        self.deaths = 0

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Starts the process. What it prints goes to our stderr: stdout is for the command's answer."""
        self._start_again_at = None
        self._started_at = self._clock()
        self._process = subprocess.Popen(  # noqa: S603 - argv is ours
            self._argv,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=sys.stderr.fileno(),
            start_new_session=True,
        )

    def tend(self) -> None:
        """Sees whether it died, and starts it again when its time has come."""
        if self._process is not None and self._process.poll() is not None:
            self._bury(self._process)
        if self._start_again_at is not None and self._clock() >= self._start_again_at:
            self.start()

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        self._kill_group(process)
        self._process = None
        if self._clock() - self._started_at > _WELL_AFTER:
            self.deaths = 0
        delay = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2**self.deaths)
        self.deaths += 1
        self._start_again_at = self._clock() + delay
        self._say(f"{self.name} ended ({_how(process.returncode)}): it is started again in {delay:g} s")

    def stop(self, patience: float, urged: Callable[[], bool]) -> None:
        """Asks the process to end and waits; kills it after `patience` seconds, or at once when urged."""
        self._start_again_at = None
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        deadline = self._clock() + patience
        while process.poll() is None:
            if urged() or self._clock() > deadline:
                self._say(f"{self.name} (pid {process.pid}) is killed")
                self._kill_group(process)
                process.wait()
                return
            time.sleep(_TICK_SECONDS)
        self._kill_group(process)

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        """Ends what the process left running: children of its own would keep its port."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()


class Supervisor:
    """Several children; for one thread."""

    def __init__(self, interrupts: Interrupts, say: Say) -> None:
        self._interrupts = interrupts
        self._say = say
        self._children: list[Child] = []

    def start(self, name: str, argv: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Starts one more child; those started last end first."""
        child = Child(name, argv, environment, self._say)
        child.start()
        self._children.append(child)
        return child

    def wait_ready(
        self, probes: Mapping[str, Callable[[], bool]], *, tell_every: float = _TELL_EVERY
    ) -> bool:
        """Waits until every probe, by the name of its child, holds. False: we were asked to end meanwhile.

        Names those that do not hold every so many seconds. Raises CommandFailed if a child dies again and
        again instead.
        """
        missing, tell_at = dict(probes), time.monotonic() + tell_every
        while missing and not self._interrupts.asked:
            self._tend()
            missing = {name: probe for name, probe in missing.items() if not probe()}
            for child in self._children:
                if child.name in missing and child.deaths >= _DEATHS_AT_START:
                    raise CommandFailed(f"{child.name} does not start: see above why")
            if time.monotonic() >= tell_at:
                self._tell_of(missing)
                tell_at += tell_every
            time.sleep(_TICK_SECONDS)
        return not self._interrupts.asked

    def _tell_of(self, missing: Iterable[str]) -> None:
        for name in missing:
            self._say(f"{name} does not answer yet: it is still waited for")

    def run(self, chore: Callable[[], None]) -> None:
        """Tends the children, and does the chore again and again, until we are asked to end."""
        while not self._interrupts.asked:
            self._tend()
            chore()
            time.sleep(_TICK_SECONDS)

    def stop(self, patience: float) -> None:
        """Ends the children one after another, those started last first."""
        for child in reversed(self._children):
            child.stop(patience, lambda: self._interrupts.urged)
        self._children.clear()

    def _tend(self) -> None:
        for child in self._children:
            child.tend()


def _how(returncode: int) -> str:
    if returncode < 0:
        return f"by {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"
