"""Where cores are short, readers stand back behind those who write: by the kernel's own means."""

import errno
import os
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, text

from benchmarks.database import bench_engine
from benchmarks.servers import dashboard
from storage import niceness
from storage.niceness import backends_stand_back

NICE = 7


@pytest.fixture
def engine(database: str) -> Any:
    with bench_engine(database) as engine:
        yield engine


def _backend(engine: Engine) -> psutil.Process:
    with engine.connect() as conn:
        return psutil.Process(conn.execute(text("SELECT pg_backend_pid()")).scalar_one())


def _session(process: psutil.Process) -> int:
    file = Path(f"/proc/{process.pid}/autogroup")
    if not file.exists():
        pytest.skip("this kernel does not weigh sessions")
    return int(file.read_text().split()[-1])


def test_backends_of_readers_stand_back_with_their_sessions(engine: Engine) -> None:
    backends_stand_back(engine, NICE)
    backend = _backend(engine)
    assert backend.nice() == NICE
    assert _session(backend) == NICE


def test_who_stands_back_further_is_left_there(engine: Engine) -> None:
    backend = _backend(engine)
    backend.nice(NICE + 3)
    backends_stand_back(engine, NICE)
    assert _backend(engine) == backend
    assert backend.nice() == NICE + 3


def test_a_session_that_the_kernel_refuses_now_is_lowered_at_the_next_use(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It changes ten sessions a second for those who are not root."""

    def busy(_file: Path, _nice: int) -> None:
        raise BlockingIOError(errno.EAGAIN, "try again")

    backends_stand_back(engine, NICE)
    with monkeypatch.context() as patched:
        patched.setattr(niceness, "_lower_session", busy)
        backend = _backend(engine)
        assert _session(backend) == 0
    assert _backend(engine) == backend
    assert _session(backend) == NICE


def test_numbers_of_another_machine_are_left_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that is no child of the server at the socket's other end is somebody else's process."""
    monkeypatch.setattr(psutil.Process, "ppid", lambda _process: os.getpid())
    backends_stand_back(engine, NICE)
    assert _backend(engine).nice() == 0


def test_a_process_that_is_gone_or_not_ours_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert niceness.stand_back(2**22 + 1, NICE)

    def refused(_process: psutil.Process, _value: int | None = None) -> int:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "nice", refused)
    assert niceness.stand_back(os.getpid(), NICE)


def test_a_dashboard_stands_back_with_its_workers_and_backends(
    database: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVD_DASHBOARD_NICE", str(NICE))
    with dashboard(database) as page:
        workers = page.process.children()
        assert workers
        for process in (page.process, *workers):
            assert process.nice() == NICE
        assert _session(page.process) == NICE
        with engine.connect() as conn:
            backends = conn.execute(
                text("SELECT pid FROM pg_stat_activity WHERE application_name = 'lvd-dashboard'")
            ).scalars()
            assert {psutil.Process(pid).nice() for pid in backends} <= {NICE}
