"""The running server as its pid file and the system's process table tell it."""

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from storage.embedded.account import owner_of
from storage.embedded.errors import EmbeddedPostgresError

SOCKET_NAME = ".s.PGSQL.5432"
#: Bytes of a socket's whole path that every system takes (macOS: 104 with the closing zero).
LONGEST_SOCKET_PATH = 103

#: Backends of a killed postmaster end by themselves, those in the midst of a query only after it. In seconds.
_ORPHANS_GRACE = 5.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A server that runs: `socket_dir` is where it listens, `ready` whether it takes connections."""

    pid: int
    socket_dir: Path
    ready: bool


def running_postmaster(cluster: Path) -> Postmaster | None:
    """The server of this cluster, None if none runs or it is too young to say where it listens.

    A pid alone proves nothing: after a reboot it may be anybody's. A postmaster works in its cluster.
    """
    lines = _pid_file_lines(cluster)
    if len(lines) < 8 or not lines[0].isdigit() or not _works_in(int(lines[0]), cluster):
        return None
    return Postmaster(pid=int(lines[0]), socket_dir=Path(lines[4]), ready=lines[7] == "ready")


def noted_socket_dir(cluster: Path) -> Path | None:
    """Where the last server listened, if its pid file is still there: after a clean stop it is not."""
    lines = _pid_file_lines(cluster)
    return Path(lines[4]) if len(lines) > 4 and lines[4] else None


def is_alive(cluster: Path) -> bool:
    """Whether a postmaster of this cluster lives, ready or not."""
    lines = _pid_file_lines(cluster)
    return bool(lines) and lines[0].isdigit() and _works_in(int(lines[0]), cluster)


def clear_leftovers(cluster: Path) -> None:
    """After a postmaster was killed: ends its orphaned backends, then removes the stale pid file.

    Only while no postmaster lives. A backend of the old server beside a new one would corrupt the data.
    Raises if one answers though we do not see its process, and has touched nothing then.
    """
    _refuse_beside_another(cluster)
    orphans = list(_processes(cluster))
    for orphan in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.terminate()
    _, stubborn = psutil.wait_procs(orphans, timeout=_ORPHANS_GRACE)
    for orphan in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()
    psutil.wait_procs(stubborn, timeout=_ORPHANS_GRACE)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _refuse_beside_another(cluster: Path) -> None:
    """Another container's processes are out of our sight; a socket on a shared folder answers across."""
    # In both places: that container may know the cluster by another path.
    for folder in {cluster, noted_socket_dir(cluster) or cluster}:
        if _answers(folder / SOCKET_NAME):
            raise EmbeddedPostgresError(
                f"Another server runs on {cluster}, in another container perhaps: end it, or use its "
                "database by LVD_DATABASE_URL"
            )


def _answers(path: Path) -> bool:
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return _accepts(path)
    # Whoever listens there knows it by a shorter path: so do we, by a link.
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "s"
        link.symlink_to(path)
        return _accepts(link)


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.setblocking(False)
        try:
            client.connect(str(path))
        except BlockingIOError:  # somebody listens, and others wait already
            return True
        except (ConnectionRefusedError, FileNotFoundError, NotADirectoryError):
            return False
    return True


def _pid_file_lines(cluster: Path) -> list[str]:
    try:
        text = (cluster / "postmaster.pid").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def _works_in(pid: int, cluster: Path) -> bool:
    try:
        return _is_of(psutil.Process(pid), cluster)
    except psutil.NoSuchProcess:
        return False


def _processes(cluster: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess):
            if _is_of(process, cluster):
                yield process


def _is_of(process: psutil.Process, cluster: Path) -> bool:
    if process.name() != "postgres":
        return False
    if process.uids().real != cluster.stat().st_uid:  # another user's server: the owner alone may run ours
        return False
    try:
        return process.cwd() == str(cluster)
    except psutil.AccessDenied:
        return _folder_told_to_owner(process, cluster) == str(cluster)


def _folder_told_to_owner(process: psutil.Process, cluster: Path) -> str | None:
    """Where it works, None if it has ended. Root in a container may not see that, the process's user may.

    Raises where nobody tells: to take a live server for a dead one would cost the data.
    """
    link = f"/proc/{process.pid}/cwd"
    result = owner_of(cluster).run(["readlink", link], cwd=cluster)
    if result.returncode == 0:
        return os.fsdecode(result.stdout).removesuffix("\n")
    if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
        return None
    raise EmbeddedPostgresError(
        f"Process {process.pid} may be the server of {cluster}, and this system does not let us see {link}: "
        "end it, or allow that (in a container: --cap-add SYS_PTRACE)"
    )
