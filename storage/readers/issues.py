"""Issues: all ways in which an app's events break the plan, with what was said of them; and their history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from storage.errors import BadRequest
from storage.issues import IssueKey, Standing, Statement
from storage.model import Ledger
from storage.readers.ledgers import read_ledger, read_sources
from storage.readers.minutes import EPOCH, HOUR, check_range, floor
from storage.readers.results import SourceInfo
from storage.readers.spans import Span
from tracking_plan.verdict import STORED, Verdict

#: Most issues that are answered: those seen last.
MAX_ISSUES = 1_000

#: By issue_source_pkey, in its order, so that groups need no sort.
_ISSUES = text("""
SELECT name, path, kind, sum(count)::bigint AS count, min(first_seen_at) AS first_seen_at,
    max(last_seen_at) AS last_seen_at, max(last_seq) AS last_seq, array_agg(source_id) AS source_ids,
    array_agg(count) AS counts, count(*) OVER () AS found
FROM issue_source WHERE app_id = :app_id
GROUP BY name, path, kind ORDER BY max(last_seen_at) DESC, name, path, kind LIMIT :limit
""")
#: By issue_state_pkey: as many rows as people spoke of.
_STATEMENTS = text(
    "SELECT name, path, kind, state, reason, changed_by, changed_at FROM issue_state WHERE app_id = :app_id"
)
#: By event_source_pkey.
_SENT = text("SELECT name, source_id, count FROM event_source WHERE app_id = :app_id AND name = ANY(:names)")
#: By failing_field_hour_pkey, bounded by the range.
_ISSUE_BARS = text("""
SELECT date_bin(:step, hour, :epoch), name, path, kind, sum(count)::bigint FROM failing_field_hour
WHERE app_id = :app_id AND hour >= coalesce(CAST(:start AS timestamptz), '-infinity')
AND hour < coalesce(CAST(:end AS timestamptz), 'infinity')
GROUP BY 1, 2, 3, 4
""")
#: By rollup_hour_pkey, bounded by the range.
_EVENT_BARS = text("""
SELECT date_bin(:step, hour, :epoch), name, sum(count)::bigint,
    coalesce(sum(count) FILTER (WHERE status = :invalid), 0)::bigint
FROM rollup_hour
WHERE app_id = :app_id AND hour >= coalesce(CAST(:start AS timestamptz), '-infinity')
AND hour < coalesce(CAST(:end AS timestamptz), 'infinity') AND status = ANY(:stored)
GROUP BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class Issue:
    """One way of breaking the plan, as far as retention reaches back."""

    key: IssueKey
    #: Events that show it.
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    #: Of the last event that shows it.
    last_seq: int
    #: The same by the program (source_id) that sent them.
    by_source: Mapping[int, int]
    #: What was last said of it; None: nothing.
    said: Statement | None

    @property
    def came_back(self) -> bool:
        """Whether it was seen after it was said to be mended."""
        said = self.said
        return said is not None and said.standing is Standing.RESOLVED and self.last_seen_at > said.changed_at

    @property
    def standing(self) -> Standing:
        """What is to be done about it: what came back is open."""
        return Standing.OPEN if self.said is None or self.came_back else self.said.standing


@dataclass(frozen=True, slots=True)
class Issues:
    """An app's issues, seen last first, and the programs that may have shown them."""

    ledger: Ledger
    issues: tuple[Issue, ...]
    #: How many there are, also beyond MAX_ISSUES.
    found: int
    sources: Mapping[int, SourceInfo]
    #: By event name: stored events by the program (source_id) that sent them, with or without an issue.
    sent: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class IssueBar:
    """Events that show an issue, received in [start, start + step)."""

    start: datetime
    key: IssueKey
    count: int


@dataclass(frozen=True, slots=True)
class EventBar:
    """Stored events of one name in [start, start + step), and those of them that are invalid."""

    start: datetime
    name: str
    stored: int
    invalid: int


@dataclass(frozen=True, slots=True)
class IssueBars:
    """History by bars; one without events is left out."""

    issues: tuple[IssueBar, ...]
    events: tuple[EventBar, ...]


def read_issues(conn: Connection, app_id: int) -> Issues:
    """All issues of all time. Raises NotFound."""
    ledger = read_ledger(conn, app_id)
    rows = conn.execute(_ISSUES, {"app_id": app_id, "limit": MAX_ISSUES}).all()
    said = _statements(conn, app_id)
    issues = tuple(_issue(row, said) for row in rows)
    sources = {info.source_id: info for info in read_sources(conn, app_id)} if rows else {}
    found = rows[0].found if rows else 0
    return Issues(ledger, issues, found, sources, _sent(conn, app_id, issues))


def read_issue_bars(conn: Connection, app_id: int, span: Span, step: timedelta) -> IssueBars:
    """Events of issues and of names by bars of `step`, whole hours. Raises NotFound, BadRequest."""
    check_range(span.start, span.end)
    if step < HOUR or step % HOUR != timedelta(0):
        raise BadRequest(f"step is {step}: issues are counted by whole hours")
    if any(at is not None and at != floor(at, HOUR) for at in (span.start, span.end)):
        raise BadRequest("issues are counted by whole hours: the range has to begin and end with one")
    read_ledger(conn, app_id)
    asked = {"app_id": app_id, "start": span.start, "end": span.end, "step": step, "epoch": EPOCH}
    statuses = {"stored": [int(status) for status in STORED], "invalid": int(Verdict.INVALID)}
    return IssueBars(
        tuple(
            IssueBar(start, IssueKey(name, path, kind), count)
            for start, name, path, kind, count in conn.execute(_ISSUE_BARS, asked)
        ),
        tuple(EventBar(*row) for row in conn.execute(_EVENT_BARS, asked | statuses)),
    )


def _issue(row: Any, said: Mapping[IssueKey, Statement]) -> Issue:
    key = IssueKey(row.name, row.path, row.kind)
    return Issue(
        key,
        row.count,
        row.first_seen_at,
        row.last_seen_at,
        row.last_seq,
        dict(zip(row.source_ids, row.counts, strict=True)),
        said.get(key),
    )


def _statements(conn: Connection, app_id: int) -> dict[IssueKey, Statement]:
    rows = conn.execute(_STATEMENTS, {"app_id": app_id})
    return {
        IssueKey(name, path, kind): Statement(Standing(state), reason, changed_by, changed_at)
        for name, path, kind, state, reason, changed_by, changed_at in rows
    }


def _sent(conn: Connection, app_id: int, issues: Iterable[Issue]) -> dict[str, dict[int, int]]:
    names = sorted({issue.key.name for issue in issues})
    if not names:
        return {}
    found: dict[str, dict[int, int]] = {}
    for name, source_id, count in conn.execute(_SENT, {"app_id": app_id, "names": names}):
        found.setdefault(name, {})[source_id] = count
    return found
