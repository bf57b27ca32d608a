"""Who comes first where cores are short: who writes, then who reads. By the kernel's own means.

Linux weighs sessions against each other before it weighs their processes ("autogroup", sched(7)), and each
backend of PostgreSQL is a session of its own: so a reader's weight and its session's are set, both in the
kernel's unit, "nice": 0 … 19, where 10 is about a ninth of 0, and 15 a thirtieth.

Weight alone does not make room at once: who runs goes on to the end of its slice while one who wakes up
waits, however much more that one weighs, and where it woke up at the slice's beginning (a commit is on the
disk in 50 µs) until the clock's next tick, up to 4 ms. A transaction wakes up dozens of times. Only one whose
slice is shorter than that of who runs is let in at once. So writers have the shortest one, and readers one
that is longer and yet short, since the kernel's own threads wait for its end. Kernels before 6.12 have one
length for all. All of it is a courtesy: where it cannot be had, everything goes on without, and the log says
so.
"""

import ctypes
import errno
import logging
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, event

_PROC = Path("/proc")
_PEER = struct.Struct("3i")
#: sched_setattr(2) by processor: neither Python nor all C libraries have it by name.
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
#: What it takes: its size, policy (0: the usual one), flags, nice, priority, slice in ns, deadline, period.
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")
#: How long who writes, or reads, runs at a time while others wait: the shortest that the kernel gives, and
#: a longer one, for only a shorter one comes first.
_WRITERS_SLICE_NS, _READERS_SLICE_NS = 100_000, 200_000
#: In a connection's own notes: its backend was seen to.
_SEEN_TO = "stands back"
#: What the kernel, psutil or a /proc of another make may answer.
_IN_VAIN = (psutil.Error, OSError, ValueError, IndexError)

_log = logging.getLogger(__name__)


def stand_back(pid: int, nice: int) -> bool:
    """Lowers a process, its threads and children to come, and the session that it leads, at least to `nice`.

    They leave one core of those that it may have. False: try again in a while, the kernel changes only ten
    sessions a second for those who are not root. True: done, or in vain: not to be done again. For a process
    that has one thread so far.
    """
    try:
        process = psutil.Process(pid)
        process.nice(max(nice, process.nice()))
        _shorten_slices(process, _READERS_SLICE_NS)
        if os.getsid(pid) == pid:
            _lower_session(_PROC / str(pid) / "autogroup", nice)
        _leave_a_core(process)
    except _IN_VAIN as error:
        if isinstance(error, OSError) and error.errno == errno.EAGAIN:
            return False
        _log.info("process %d does not stand back, or not by all means: %s", pid, error)
    return True


def _lower_session(autogroup: Path, nice: int) -> None:
    """The file has one line: `/autogroup-154205 nice 0`. Kernels without sessions' weights have no file."""
    if autogroup.exists():
        now = int(autogroup.read_text(encoding="ascii").rsplit(maxsplit=1)[-1])
        autogroup.write_text(str(max(nice, now)), encoding="ascii")


def _leave_a_core(process: psutil.Process) -> None:
    """The highest one of those that it may have, unless that is its only one: of all readers the same."""
    if hasattr(process, "cpu_affinity"):
        *others, _ = sorted(process.cpu_affinity())
        if others:
            process.cpu_affinity(others)


def come_first(pid: int) -> None:
    """Lets a process, and its threads to come, in as soon as they wake up. For one of one thread so far."""
    try:
        _shorten_slices(psutil.Process(pid), _WRITERS_SLICE_NS)
    except _IN_VAIN as error:
        _log.info("process %d does not come first: %s", pid, error)


def _shorten_slices(process: psutil.Process, slice_ns: int) -> None:
    """Not of who was given another policy: it stands back, or comes first, by that already.

    Raises what is in `_IN_VAIN`.
    """
    known = sys.platform == "linux" and sys.maxsize > 2**32
    number = _SCHED_SETATTR.get(os.uname().machine) if known else None
    if number is None or os.sched_getscheduler(process.pid) != os.SCHED_OTHER:
        return
    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, 0, 0, process.nice(), 0, slice_ns, 0, 0)
    if ctypes.CDLL(None, use_errno=True).syscall(number, process.pid, attributes, 0):
        _log.info("process %d keeps its slices: %s", process.pid, os.strerror(ctypes.get_errno()))


def backends_stand_back(engine: Engine, nice: int) -> None:
    """From now on the backends of this engine's connections stand back, where they are this machine's.

    They are if they are seen at the other end of a Unix socket, as the embedded server's are; others have
    numbers of other machines or containers, and are left alone.
    """

    @event.listens_for(engine, "checkout")
    def see_to(connection: Any, record: Any, _proxy: Any) -> None:
        if _SEEN_TO not in record.info:
            backend = _local_backend(connection)
            if backend is None or stand_back(backend, nice):
                record.info[_SEEN_TO] = True


def backends_come_first(engine: Engine) -> None:
    """The backends of this engine's connections to come are let in as soon as they wake up, where
    `backends_stand_back` would see to them.
    """

    @event.listens_for(engine, "connect")
    def see_to(connection: Any, _record: Any) -> None:
        backend = _local_backend(connection)
        if backend is not None:
            come_first(backend)


def _local_backend(connection: Any) -> int | None:
    """Its pid, if it is a child of the very process that listens at the socket."""
    if not (connection.info.host or "").startswith("/") or not hasattr(socket, "SO_PEERCRED"):
        return None
    backend: int = connection.info.backend_pid
    try:
        listener = _listener(connection.fileno())
        # 0 is a process of another container.
        return backend if listener > 0 and psutil.Process(backend).ppid() == listener else None
    except _IN_VAIN as error:
        _log.info("a connection's backend keeps its priority: %s", error)
        return None


def _listener(descriptor: int) -> int:
    """Pid of the process that listens at the socket's other end."""
    with socket.socket(fileno=os.dup(descriptor)) as end:
        pid: int
        pid, _, _ = _PEER.unpack(end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        return pid
