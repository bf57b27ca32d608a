"""What groups of processes use: CPU time and memory."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Self

import psutil
from sqlalchemy import Engine, text

from storage.database import translate_errors

#: Between two looks at the processes' memory, in seconds.
_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Used:
    """What a group used while it was watched."""

    cpu_seconds: float
    #: The largest sum of resident memory that was seen, in bytes. Shared memory counts in each process that
    #: touched it: Postgres's buffers once in every backend.
    peak_rss: int
    #: The same when watching began.
    first_rss: int


class Watch:
    """Watches groups of processes for a `with` block; `used` tells afterwards.

    A group is a list of processes, each with all its children, those that came and went meanwhile included.
    """

    def __init__(self, groups: Mapping[str, Sequence[psutil.Process]]) -> None:
        self._groups = groups
        self._over = Event()
        self._thread = Thread(target=self._look_again, name="usage", daemon=True)
        self._first: dict[str, int] = {}
        self._peak: dict[str, int] = {}
        self._before: dict[str, float] = {}
        self.used: dict[str, Used] = {}

    def __enter__(self) -> Self:
        self._look()
        self._first = dict(self._peak)
        self._before = {name: _cpu_seconds(group) for name, group in self._groups.items()}
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        after = {name: _cpu_seconds(group) for name, group in self._groups.items()}
        self._over.set()
        self._thread.join()
        self._look()
        self.used = {
            name: Used(after[name] - self._before[name], self._peak[name], self._first[name])
            for name in self._groups
        }

    def _look_again(self) -> None:
        while not self._over.wait(_PAUSE):
            self._look()

    def _look(self) -> None:
        for name, group in self._groups.items():
            self._peak[name] = max(self._peak.get(name, 0), resident(group))


def resident(group: Sequence[psutil.Process]) -> int:
    """Resident memory of the processes and their children, in bytes."""
    total = 0
    for process in _family(group):
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def _cpu_seconds(group: Sequence[psutil.Process]) -> float:
    total = 0.0
    for process in _family(group):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            # A child that ended and was waited for counts with its parent, where the system tells so.
            total += times.user + times.system
            total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


def _family(group: Sequence[psutil.Process]) -> list[psutil.Process]:
    found = list(group)
    for process in group:
        with suppress(psutil.NoSuchProcess):
            found += process.children(recursive=True)
    return found


def postgres_processes(engine: Engine) -> list[psutil.Process]:
    """The server's postmaster; empty where it runs on another machine, or is not ours to see."""
    with translate_errors(), engine.connect() as conn:
        row = conn.execute(text("SELECT pg_backend_pid(), inet_server_addr()")).one()
        try:
            backend = psutil.Process(row[0])
            parent = backend.parent()
            local = backend.name().startswith("postgres") and parent is not None
        except psutil.Error:
            return []
    return [parent] if local and parent is not None else []
