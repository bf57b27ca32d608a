"""Where cores are short, who writes comes before who reads: by the kernel's own means."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
from sqlalchemy import Engine, text

from benchmarks.database import bench_engine
from benchmarks.servers import dashboard
from benchmarks.viewing.asking import export
from storage import niceness
from storage.niceness import backends_come_first, backends_stand_back, stand_back
from tests.support.seeding import recent_days, seed
from tests.support.server_process import server_process

NICE = 7


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
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


def _slice(process: psutil.Process, thread: int | None = None) -> int:
    """How long it, or a thread of it, runs at a time while others wait, in nanoseconds."""
    if tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2]) < (6, 12):
        pytest.skip("this kernel has one length for all")
    file = Path(f"/proc/{process.pid}/task/{thread or process.pid}/sched")
    found = re.search(r"^se\.slice +: +(\d+)$", file.read_text() if file.exists() else "", re.MULTILINE)
    if found is None:
        pytest.skip("this kernel does not tell of slices")
    return int(found[1])


def _comes(true: Callable[[], bool]) -> bool:
    """Within some seconds: the kernel changes only ten sessions a second for those who are not root."""
    give_up_at = monotonic() + 10
    while not (is_true := true()) and monotonic() < give_up_at:
        sleep(0.1)
    return is_true


def _ingest_slices(engine: Engine) -> set[int]:
    """Of the backends of ingest servers; one may end before it is looked at."""
    query = text("SELECT pid FROM pg_stat_activity WHERE application_name = 'lvd ingest'")
    slices = set()
    with engine.connect() as conn:
        for pid in conn.execute(query).scalars():
            with suppress(psutil.NoSuchProcess):
                slices.add(_slice(psutil.Process(pid)))
    return slices


def test_backends_of_readers_stand_back_with_their_sessions(engine: Engine) -> None:
    backends_stand_back(engine, NICE)
    assert _comes(lambda: _session(_backend(engine)) == NICE)
    assert _backend(engine).nice() == NICE


def test_who_stands_back_makes_room_at_once(engine: Engine) -> None:
    """Its slice ends before the one of somebody who wakes up would."""
    usual = _slice(_backend(engine))
    backends_stand_back(engine, NICE)
    with engine.connect() as conn, engine.connect() as another:
        for each in (conn, another):
            pid = each.execute(text("SELECT pg_backend_pid()")).scalar_one()
            assert _slice(psutil.Process(pid)) < usual / 5


def _cores(process: psutil.Process) -> list[int]:
    return sorted(process.cpu_affinity())


def test_who_reads_leaves_a_core_unless_it_is_the_only_one(engine: Engine) -> None:
    backend = _backend(engine)
    cores = _cores(backend)
    backends_stand_back(engine, NICE)
    left = cores[:-1] or cores
    assert _comes(lambda: _cores(_backend(engine)) == left)
    backend.cpu_affinity(cores[:1])
    assert stand_back(backend.pid, NICE)
    assert _cores(backend) == cores[:1]


def test_who_writes_is_let_in_where_who_reads_runs(database: str, engine: Engine) -> None:
    """The kernel does so at once only for a shorter slice."""
    backends_stand_back(engine, NICE)
    with bench_engine(database) as writing:
        backends_come_first(writing)
        assert _slice(_backend(writing)) < _slice(_backend(engine))
        assert _backend(writing).nice() == 0
        assert _cores(_backend(writing)) == _cores(psutil.Process())


def test_an_ingest_server_comes_first_with_its_threads_and_what_it_writes_by(
    database: str, engine: Engine
) -> None:
    with server_process(database) as server:
        process = psutil.Process(server.pid)
        threads = {_slice(process, thread.id) for thread in process.threads()}
        # The server may open a connection just now, and sees to it next.
        assert _comes(lambda: _ingest_slices(engine) == threads)
    backends_stand_back(engine, NICE)
    assert max(threads) < _slice(_backend(engine))


def test_writing_goes_on_where_nobody_can_come_first(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(niceness, "_shorten_slices", refused)
    backends_come_first(engine)
    assert _backend(engine).is_running()


def test_who_stands_back_further_is_left_there(tmp_path: Path) -> None:
    file = tmp_path / "autogroup"
    file.write_text(f"/autogroup-1 nice {NICE + 3}\n")
    niceness._lower_session(file, NICE)
    assert file.read_text() == str(NICE + 3)


def test_a_session_that_the_kernel_refuses_now_is_lowered_at_a_later_use(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_file: Path, _nice: int) -> None:
        raise BlockingIOError(errno.EAGAIN, "try again")

    backends_stand_back(engine, NICE)
    with monkeypatch.context() as patched:
        patched.setattr(niceness, "_lower_session", busy)
        backend = _backend(engine)
        assert _session(backend) == 0
    assert _comes(lambda: _backend(engine) == backend and _session(backend) == NICE)


def test_numbers_of_another_machine_are_left_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that is no child of the server at the socket's other end is somebody else's process."""
    monkeypatch.setattr(psutil.Process, "ppid", lambda _process: os.getpid())
    backends_stand_back(engine, NICE)
    assert _backend(engine).nice() == 0


def test_a_listener_of_another_container_is_nobodys_parent(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel calls it 0, as it does the parent of a container's first process."""
    monkeypatch.setattr(niceness, "_listener", lambda _descriptor: 0)
    monkeypatch.setattr(psutil.Process, "ppid", lambda _process: 0)
    backends_stand_back(engine, NICE)
    assert _backend(engine).nice() == 0


@pytest.mark.parametrize(
    "fault",
    [
        psutil.AccessDenied(),
        psutil.NoSuchProcess(1),
        OSError(errno.EROFS, "read-only file system"),
        ValueError("a pid must be positive"),
        IndexError("an empty file"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_reading_goes_on_where_nothing_can_be_lowered(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def refused(*_: object) -> None:
        raise fault

    monkeypatch.setattr(niceness, "_lower_session", refused)
    assert stand_back(_backend(engine).pid, NICE)
    monkeypatch.setattr(psutil.Process, "ppid", refused)
    backends_stand_back(engine, NICE)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT 1")).scalar_one() == 1


@pytest.mark.parametrize("nice", [NICE, 0])
def test_a_dashboard_stands_back_with_its_workers_and_what_it_reads_by(
    database: str, engine: Engine, monkeypatch: pytest.MonkeyPatch, nice: int
) -> None:
    monkeypatch.setenv("LVD_DASHBOARD_NICE", str(nice))
    app_id = seed(engine, "read", recent_days(days=1, rows_per_day=1_000))
    with dashboard(database) as page:
        assert export(page, app_id)
        workers = page.process.children()
        assert workers
        assert {process.nice() for process in (page.process, *workers)} == {nice}
        cores = _cores(psutil.Process())
        left = cores[:-1] if nice and len(cores) > 1 else cores
        assert all(_cores(process) == left for process in (page.process, *workers))
        assert _session(page.process) == nice
        with engine.connect() as conn:
            readers = conn.execute(
                text("SELECT pid FROM pg_stat_activity WHERE application_name = 'lvd-dashboard'")
            ).scalars()
            assert {psutil.Process(pid).nice() for pid in readers} == {nice}
