"""Adds a tally to the rollups, in the transaction that holds the app's ledger lock.

Every statement takes its rows sorted by key and adds to what is there; no two transactions hold the same
app, so rows are never fought over.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from storage.arrays import array_literal
from storage.books import Key, value_entry
from storage.memory import Memory
from storage.model import Rejection
from storage.schema import MAX_RAW_BYTES, OTHER
from storage.settle import AppGroup
from storage.tally import UNREAD, Occurrences, Tally
from tracking_plan.verdict import Verdict

#: One statement per rollup: its rows come as arrays, one per column.
_NAMES = """
INSERT INTO event_name (app_id, name, first_seen_at) SELECT * FROM unnest(
    %s::int[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING
"""
_SENT = """
INSERT INTO event_source AS r (app_id, source_id, name, count) SELECT * FROM unnest(
    %s::int[], %s::int[], %s::text[], %s::bigint[])
ON CONFLICT (app_id, source_id, name) DO UPDATE SET count = r.count + excluded.count
"""
_MINUTE = """
INSERT INTO rollup_minute AS r (app_id, minute, name, status, count) SELECT * FROM unnest(
    %s::int[], %s::timestamptz[], %s::text[], %s::smallint[], %s::bigint[])
ON CONFLICT (app_id, minute, name, status) DO UPDATE SET count = r.count + excluded.count
"""
_HOUR = """
INSERT INTO rollup_hour AS r (app_id, hour, name, status, count) SELECT * FROM unnest(
    %s::int[], %s::timestamptz[], %s::text[], %s::smallint[], %s::bigint[])
ON CONFLICT (app_id, hour, name, status) DO UPDATE SET count = r.count + excluded.count
"""
_FAILING = """
INSERT INTO failing_field_hour AS r (app_id, hour, name, path, kind, count) SELECT * FROM unnest(
    %s::int[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (app_id, hour, name, path, kind) DO UPDATE SET count = r.count + excluded.count
"""
_ISSUE = """
INSERT INTO issue_source AS r (app_id, name, path, kind, source_id, first_seen_at, last_seen_at, first_seq,
    last_seq, count)
SELECT app_id, name, path, kind, source_id, at, at, first_seq, last_seq, count FROM unnest(
    %s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[],
    %s::bigint[], %s::bigint[], %s::bigint[])
    AS u(app_id, name, path, kind, source_id, at, first_seq, last_seq, count)
ON CONFLICT (app_id, name, path, kind, source_id) DO UPDATE SET count = r.count + excluded.count,
    last_seen_at = excluded.last_seen_at, last_seq = excluded.last_seq
"""
_CATALOG = """
INSERT INTO catalog AS r (app_id, name, path, json_type, first_seen_at, last_seen_at, count)
SELECT app_id, name, path, json_type, at, at, count FROM unnest(
    %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[])
    AS u(app_id, name, path, json_type, at, count)
ON CONFLICT (app_id, name, path, json_type)
DO UPDATE SET count = r.count + excluded.count, last_seen_at = excluded.last_seen_at
"""
_VALUES = """
INSERT INTO field_value AS r (app_id, name, path, value, first_seen_at, last_seen_at, count)
SELECT app_id, name, path, value, at, at, count FROM unnest(
    %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[])
    AS u(app_id, name, path, value, at, count)
ON CONFLICT (app_id, name, path, value)
DO UPDATE SET count = r.count + excluded.count, last_seen_at = excluded.last_seen_at
"""
_APP_MINUTE = """
INSERT INTO app_minute AS r (app_id, minute, first_seq, last_seq, received,
    valid, invalid, unplanned, duplicate, rejected, id_conflict)
SELECT * FROM unnest(
    %s::int[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (app_id, minute) DO UPDATE SET received = r.received + excluded.received,
    valid = r.valid + excluded.valid, invalid = r.invalid + excluded.invalid,
    unplanned = r.unplanned + excluded.unplanned, duplicate = r.duplicate + excluded.duplicate,
    rejected = r.rejected + excluded.rejected, id_conflict = r.id_conflict + excluded.id_conflict,
    first_seq = coalesce(r.first_seq, excluded.first_seq), last_seq = coalesce(excluded.last_seq, r.last_seq)
"""
_LEDGER = """
UPDATE app_ledger l SET version = version + 1, last_seq = u.last_seq, last_received_at = u.received_at
FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[]) AS u(app_id, last_seq, received_at)
WHERE l.app_id = u.app_id
"""
_REJECTED = """
INSERT INTO rejected_event AS r (app_id, day, sha256, reason, message, name, raw, raw_bytes, source_id,
    run_id, first_seen_at, last_seen_at, count)
SELECT app_id, day, sha256, reason, message, name, raw, raw_bytes, source_id, run_id, at, at, count
FROM unnest(%s::int[], %s::date[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::int[],
    %s::int[], %s::text[], %s::timestamptz[], %s::bigint[])
    AS u(app_id, day, sha256, reason, message, name, raw, raw_bytes, source_id, run_id, at, count)
ON CONFLICT (app_id, day, sha256, reason)
DO UPDATE SET count = r.count + excluded.count, last_seen_at = excluded.last_seen_at
"""


@dataclass(frozen=True, slots=True)
class Written:
    """One app's part of the transaction: a settled group and where its rows went."""

    group: AppGroup
    counts: Tally
    received_at: datetime
    #: Its rows are first_seq … last_seq; none if last_seq = first_seq - 1.
    first_seq: int
    last_seq: int


#: What the books admitted, to be learnt after COMMIT: (book, key, entries).
Admissions = list[tuple[Any, Key, frozenset[str]]]


class RollupWrite:
    """Collects the rows of all apps of a transaction, then writes them in one round trip."""

    def __init__(self, cursor: Any, memory: Memory) -> None:
        self._cursor = cursor
        self._memory = memory
        self._names: set[tuple[Any, ...]] = set()
        self._sent: Counter[tuple[Any, ...]] = Counter()
        self._verdicts: Counter[tuple[Any, ...]] = Counter()
        self._hours: Counter[tuple[Any, ...]] = Counter()
        self._failing: Counter[tuple[Any, ...]] = Counter()
        self._issues: dict[tuple[Any, ...], Occurrences] = {}
        self._fields: Counter[tuple[Any, ...]] = Counter()
        self._values: Counter[tuple[Any, ...]] = Counter()
        self._minutes: list[tuple[Any, ...]] = []
        self._ledgers: list[tuple[Any, ...]] = []
        self._rejected: dict[tuple[Any, ...], list[Any]] = {}
        self.admissions: Admissions = []

    def add(self, written: Written) -> None:
        """Takes one app's part, unless it received nothing. May read what names and paths the app has."""
        group, at = written.group, written.received_at
        if not group.received:
            return
        counts = written.counts
        names = self._admit_names(group.app_id, counts, at)
        self._add_sent(group.app_id, counts, names)
        self._add_verdicts(group.app_id, counts, names, at)
        self._add_failing(written, counts, names)
        self._add_fields(group.app_id, counts, names, at)
        self._add_values(group.app_id, counts, names, at)
        self._add_rejected(group, at)
        stored = written.last_seq >= written.first_seq
        bounds = (written.first_seq, written.last_seq) if stored else (None, None)
        self._minutes.append((group.app_id, _minute(at), *bounds, group.received, *counts.by_verdict))
        self._ledgers.append((group.app_id, written.last_seq, at))

    def write(self) -> None:
        """Runs the statements that have rows, each with its rows sorted by key."""
        statements = (
            (_NAMES, sorted(self._names)),
            (_SENT, _rows(self._sent)),
            (_MINUTE, _rows(self._verdicts)),
            (_HOUR, _rows(self._hours)),
            (_FAILING, _rows(self._failing)),
            (_ISSUE, self._issue_rows()),
            (_CATALOG, _rows(self._fields)),
            (_VALUES, _rows(self._values)),
            (_APP_MINUTE, self._minutes),
            (_REJECTED, self._rejected_rows()),
            (_LEDGER, self._ledgers),
        )
        given = [(statement, rows) for statement, rows in statements if rows]
        if not given:
            return
        columns = [array_literal(column) for _, rows in given for column in zip(*rows, strict=True)]
        self._cursor.execute(";".join(statement for statement, _ in given), columns)

    def _admit(self, book: Any, key: Key, wanted: set[str]) -> frozenset[str]:
        admitted: frozenset[str] = book.admit(self._cursor, key, wanted)
        self.admissions.append((book, key, admitted))
        return admitted

    def _admit_names(self, app_id: int, counts: Tally, at: datetime) -> frozenset[str]:
        wanted = counts.readable_names
        names = self._admit(self._memory.names, (app_id,), wanted)
        self._names.update((app_id, name, at) for name in names & wanted)
        return names

    def _add_sent(self, app_id: int, counts: Tally, names: frozenset[str]) -> None:
        for (name, source_id), count in counts.sent.items():
            self._sent[app_id, source_id, name if name in names else OTHER] += count

    def _add_verdicts(self, app_id: int, counts: Tally, names: frozenset[str], at: datetime) -> None:
        for (name, verdict), count in counts.verdicts.items():
            known = name if name in names else OTHER if verdict < Verdict.REJECTED else UNREAD
            self._verdicts[app_id, _minute(at), known, int(verdict)] += count
            self._hours[app_id, _hour(at), known, int(verdict)] += count

    def _add_failing(self, written: Written, counts: Tally, names: frozenset[str]) -> None:
        app_id, at = written.group.app_id, written.received_at
        paths = self._admit_failing_paths(app_id, counts, names)
        for (event_name, event_path, kind, source_id), seen in counts.failing.items():
            name = event_name if event_name in names else OTHER
            path = event_path if event_path in paths[name] else OTHER
            self._failing[app_id, _hour(at), name, path, kind] += seen.count
            first, last = written.first_seq + seen.first, written.first_seq + seen.last
            issue = self._issues.setdefault(
                (app_id, name, path, kind, source_id, at), Occurrences(first, last, 0)
            )
            issue.first, issue.last = min(issue.first, first), max(issue.last, last)
            issue.count += seen.count

    def _admit_failing_paths(
        self, app_id: int, counts: Tally, names: frozenset[str]
    ) -> dict[str, frozenset[str]]:
        wanted: dict[str, set[str]] = {}
        for name, path, _, _ in counts.failing:
            wanted.setdefault(name if name in names else OTHER, set()).add(path)
        book = self._memory.failing_paths
        return {name: self._admit(book, (app_id, name), paths) for name, paths in wanted.items()}

    def _issue_rows(self) -> list[tuple[Any, ...]]:
        return sorted((*key, seen.first, seen.last, seen.count) for key, seen in self._issues.items())

    def _add_fields(self, app_id: int, counts: Tally, names: frozenset[str], at: datetime) -> None:
        for name, fields in _by_name(counts.fields, names).items():
            paths = self._admit(self._memory.paths, (app_id, name), {path for path, _ in fields})
            for (path, json_type), count in fields.items():
                self._fields[app_id, name, path if path in paths else OTHER, json_type, at] += count

    def _add_values(self, app_id: int, counts: Tally, names: frozenset[str], at: datetime) -> None:
        for name, values in _by_name(counts.values, names).items():
            wanted = {value_entry(path, value) for path, value in values}
            entries = self._admit(self._memory.values, (app_id, name), wanted)
            for (path, value), count in values.items():
                known = (path, value) if value_entry(path, value) in entries else (OTHER, OTHER)
                self._values[app_id, name, *known, at] += count

    def _add_rejected(self, group: AppGroup, at: datetime) -> None:
        for submission, source_id, rejection in group.rejections():
            key = (group.app_id, at.date(), sha256(rejection.raw).digest(), rejection.code)
            row = self._rejected.setdefault(key, _rejected_row(rejection, source_id, submission.run_id, at))
            row[-1] += 1

    def _rejected_rows(self) -> list[tuple[Any, ...]]:
        return [(*key, *row) for key, row in sorted(self._rejected.items(), key=lambda item: item[0])]


def _rejected_row(rejection: Rejection, source_id: int, run_id: str | None, at: datetime) -> list[Any]:
    raw = rejection.raw[:MAX_RAW_BYTES]
    message, name = _storable(rejection.message), _storable(rejection.name)
    return [message, name, raw, len(rejection.raw), source_id, run_id, at, 0]


def _storable(text: str) -> str:
    """The text as Postgres takes it: what is refused for a NUL is still to be kept and shown."""
    return text.replace("\0", "\ufffd")


def _by_name(
    counts: Mapping[tuple[str, str, str], int], names: frozenset[str]
) -> dict[str, Counter[tuple[str, str]]]:
    """Counts of (path, what) by name, names that are not kept apart folded."""
    folded: dict[str, Counter[tuple[str, str]]] = {}
    for (name, path, what), count in counts.items():
        folded.setdefault(name if name in names else OTHER, Counter())[path, what] += count
    return folded


def _rows(counts: Mapping[tuple[Any, ...], int]) -> list[tuple[Any, ...]]:
    return sorted((*key, count) for key, count in counts.items())


def learn(admissions: Iterable[tuple[Any, Key, frozenset[str]]]) -> None:
    """Tells the books what was committed."""
    for book, key, entries in admissions:
        book.learn(key, entries)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
