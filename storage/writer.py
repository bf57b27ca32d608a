"""Writes groups of judged batches: one transaction, all of it or nothing. See docs/design.md §4."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from storage.copying import PartitionMissing
from storage.database import translate_errors
from storage.memory import Memory
from storage.model import Limits, Submission, WriteResult
from storage.partitions import ensure_days
from storage.prepared import PreparedGroup
from storage.seen import Search
from storage.settle import AppGroup
from storage.sources import AppHeld, source_id
from storage.transaction import Transaction

#: A missing partition is made and the group tried again; more often than that it is a fault.
_TRIES = 3


class Writer:
    """Writes groups over one connection of its own; for one thread at a time.

    The engine's pool needs room for one connection more, by which missing partitions are made.
    """

    def __init__(self, engine: Engine, limits: Limits, memory: Memory) -> None:
        self._engine = engine
        self._limits = limits
        self._memory = memory
        self._pooled: PoolProxiedConnection | None = None

    def write(self, submissions: Sequence[Submission]) -> WriteResult:
        """Stores the submissions, of any number of apps; returns after COMMIT.

        Raises Unavailable: nothing may be acked, all may be offered again (also where a commit's outcome is
        unknown: what was stored after all is a duplicate then).
        """
        try:
            with translate_errors():
                return self._write(submissions)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the connection up; the next write opens another."""
        if self._pooled is not None:
            self._pooled.invalidate()
            self._pooled = None

    def _write(self, submissions: Sequence[Submission]) -> WriteResult:
        cursor = self._cursor()
        groups, left_out = self._group(cursor, submissions)
        if not groups:
            return left_out
        for _ in range(_TRIES):
            try:
                result = Transaction(cursor, self._limits, self._memory).run(groups)
            except PartitionMissing as missing:
                cursor.execute("ROLLBACK")
                self._memory.days.discard(missing.day)
                ensure_days(self._engine, [missing.day])
            else:
                return replace(result, busy=left_out.busy + result.busy, gone=left_out.gone + result.gone)
        raise RuntimeError("a partition was made and is missing again")

    def _cursor(self) -> Any:
        if self._pooled is None:
            self._pooled = self._engine.raw_connection()
            connection: Any = self._pooled.driver_connection
            # BEGIN and COMMIT are sent along with other statements, which saves round trips.
            connection.autocommit = True
        return self._pooled.cursor()

    def _group(
        self, cursor: Any, submissions: Sequence[Submission]
    ) -> tuple[dict[int, PreparedGroup], WriteResult]:
        """By app, and what is said of those that are left out.

        All that needs no lock is done here, while another writer may hold it.
        """
        groups: dict[int, AppGroup] = {}
        gone: list[int] = []
        held: set[int] = set()
        for position, submission in enumerate(submissions):
            try:
                source = self._source(cursor, submission, held)
            except AppHeld:
                held.add(submission.app_id)
                continue
            if source is None:
                gone.append(position)
            else:
                group = groups.setdefault(submission.app_id, AppGroup(submission.app_id))
                group.add(position, submission, source)
        # All of such an app, also those before: its batches keep their order, and each comes back once.
        busy = tuple(position for position, each in enumerate(submissions) if each.app_id in held)
        search, now_us = Search(cursor, self._memory, self._limits), time.time_ns() // 1_000
        prepared = {
            app_id: PreparedGroup.of(group, search, now_us)
            for app_id, group in groups.items()
            if app_id not in held
        }
        return prepared, WriteResult(busy=busy, gone=tuple(gone))

    def _source(self, cursor: Any, submission: Submission, held: Collection[int]) -> int | None:
        """The number of its source; None: its app is gone. Raises AppHeld, at once for an app in `held`."""
        if submission.app_id in held:
            raise AppHeld
        key = (submission.app_id, submission.source)
        known = self._memory.sources.get(key)
        if known is not None:
            return known
        made = source_id(cursor, *key)
        if made is not None:
            self._memory.learn_source(*key, made)
        return made
