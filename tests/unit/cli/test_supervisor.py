"""Real processes, small ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cli.errors import CommandFailed
from cli.supervisor import Interrupts, Supervisor, own_command, own_environment
from tests.support.processes import runs
from tests.support.waiting import wait_until

_SLEEP = "import time; time.sleep(60)"
_IGNORE_TERM = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); {_SLEEP}"
)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


class Scene:
    """A supervisor under test, and what it said."""

    def __init__(self, interrupts: Interrupts) -> None:
        self.said: list[str] = []
        self.interrupts = interrupts
        self.supervisor = Supervisor(interrupts, self.said.append)

    def start(self, name: str, code: str) -> "Callable[[], psutil.Process]":
        child = self.supervisor.start(name, python(code), dict(os.environ))
        return lambda: psutil.Process(child.pid)

    def run_until(self, holds: Callable[[], bool]) -> None:
        """Tends the children until then; the supervisor is told by a signal, as in earnest."""

        def chore() -> None:
            if holds():
                os.kill(os.getpid(), signal.SIGTERM)

        self.supervisor.run(chore)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Interrupts().caught() as interrupts:
        scene = Scene(interrupts)
        yield scene
        scene.supervisor.stop(0)


def test_a_child_that_dies_is_started_again_and_said_so(scene: Scene) -> None:
    process = scene.start("ingest", _SLEEP)
    first = process()
    first.kill()
    scene.run_until(
        lambda: bool(scene.said) and "started again" in scene.said[0] and _lives_anew(process, first)
    )
    assert scene.said == ["ingest ended (by SIGKILL): it is started again in 0.5 s"]


def _lives_anew(process: Callable[[], psutil.Process], first: psutil.Process) -> bool:
    try:
        return process() != first
    except (psutil.NoSuchProcess, TypeError):
        return False


def test_pauses_between_restarts_grow(scene: Scene) -> None:
    scene.start("ingest", "raise SystemExit(3)")
    scene.run_until(lambda: len(scene.said) >= 2)
    assert scene.said[0] == "ingest ended (exit status 3): it is started again in 0.5 s"
    assert scene.said[1] == "ingest ended (exit status 3): it is started again in 1 s"


def test_children_end_one_after_another_those_started_last_first(scene: Scene, tmp_path: Path) -> None:
    log = tmp_path / "log"
    for name in ("dashboard", "ingest", "demo"):
        scene.start(
            name,
            f"import signal, sys\nfrom pathlib import Path\n"
            f"def end(*_):\n  open({str(log)!r}, 'a').write('{name} ')\n  sys.exit(0)\n"
            f"signal.signal(signal.SIGTERM, end)\nPath({str(tmp_path / name)!r}).touch()\n{_SLEEP}",
        )
    wait_until(lambda: all((tmp_path / name).exists() for name in ("dashboard", "ingest", "demo")), 20)
    scene.supervisor.stop(20)
    assert log.read_text().split() == ["demo", "ingest", "dashboard"]
    assert scene.said == []


def test_a_child_that_does_not_end_is_killed_after_a_while_with_all_that_it_started(
    scene: Scene, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    process = scene.start(
        "ingest",
        f"import subprocess, sys\nfrom pathlib import Path\n"
        f"child = subprocess.Popen([sys.executable, '-c', {_SLEEP!r}])\n"
        f"Path({str(pid_file)!r}).write_text(str(child.pid))\n{_IGNORE_TERM}",
    )()
    wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()), 20)
    time.sleep(0.2)
    grandchild = psutil.Process(int(pid_file.read_text()))
    scene.supervisor.stop(0.3)
    assert "is killed" in scene.said[0]
    assert not process.is_running()
    wait_until(lambda: not runs(grandchild), 20)


def test_a_second_signal_hurries(scene: Scene) -> None:
    scene.start("ingest", _IGNORE_TERM)
    time.sleep(0.5)
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)
    begin = time.monotonic()
    scene.supervisor.stop(60)
    assert time.monotonic() - begin < 10


def test_a_child_that_never_gets_ready_ends_the_start(scene: Scene) -> None:
    scene.start("ingest", "raise SystemExit(1)")
    with pytest.raises(CommandFailed, match="ingest does not start"):
        scene.supervisor.wait_ready({"ingest": lambda: False})


def test_readiness_is_waited_for_and_given_up_when_asked_to_end(scene: Scene) -> None:
    scene.start("ingest", _SLEEP)
    answers = iter([False, False, True])
    assert scene.supervisor.wait_ready({"ingest": lambda: next(answers)})
    os.kill(os.getpid(), signal.SIGTERM)
    assert not scene.supervisor.wait_ready({"ingest": lambda: False})


def test_who_does_not_answer_is_told_while_it_is_waited_for(scene: Scene) -> None:
    scene.start("ingest", _SLEEP)
    answers = iter([False, False, True])
    probes = {"ingest": lambda: next(answers), "dashboard": lambda: True}
    assert scene.supervisor.wait_ready(probes, tell_every=0)
    assert scene.said == ["ingest does not answer yet: it is still waited for"] * 2


def test_a_hangup_that_nohup_has_ignored_ends_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts().caught() as interrupts:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupts.asked
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_of_the_terminal_does_not_reach_children(scene: Scene) -> None:
    process = scene.start("ingest", _SLEEP)()
    assert os.getsid(process.pid) != os.getsid(0)


def test_our_own_command_is_found_from_any_folder_whatever_lies_there(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    told = subprocess.run(
        own_command("--version"),
        env=own_environment({}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("lvd ")
