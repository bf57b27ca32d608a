"""What must hold of an app's tables whatever happened: each function asserts one promise."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from storage.schema import OTHER

_GROUPED = (
    "SELECT date_trunc('{bucket}', received_at, 'UTC'), name, status, count(*) FROM event "
    "WHERE app_id = :app_id GROUP BY 1, 2, 3"
)
_ROLLED_UP = (
    "SELECT {bucket}, name, status, count FROM rollup_{bucket} WHERE app_id = :app_id AND status <= 2"
)
_RECEIVED = (
    "SELECT m.minute, m.received, coalesce((SELECT sum(count) FROM rollup_minute r "
    "WHERE r.app_id = m.app_id AND r.minute = m.minute), 0), "
    "ARRAY[valid, invalid, unplanned, duplicate, rejected, id_conflict], (SELECT array_agg((SELECT "
    "coalesce(sum(count), 0) FROM rollup_minute r WHERE r.app_id = m.app_id AND r.minute = m.minute "
    "AND r.status = s)::bigint ORDER BY s) FROM generate_series(0, 5) AS s) "
    "FROM app_minute m WHERE m.app_id = :app_id"
)
_MINUTES = (
    "SELECT m.minute, m.first_seq, m.last_seq, min(e.seq), max(e.seq) FROM app_minute m "
    "LEFT JOIN event e ON e.app_id = m.app_id AND date_trunc('minute', e.received_at, 'UTC') = m.minute "
    "WHERE m.app_id = :app_id GROUP BY m.app_id, m.minute"
)

_VALUES = "SELECT name, path, value, count FROM field_value WHERE app_id = :app_id"
#: Rows that are fetched at a time where there may be millions.
_FETCHED = 10_000
#: psycopg2 reads JSON by itself.
_PAYLOADS = "SELECT payload FROM event WHERE app_id = :app_id AND name = :name"


def check_app(engine: Engine, app_id: int) -> int:
    """Checks every promise that the tables alone can show; returns the number of stored events."""
    with _patient(engine) as conn:
        stored = _check_seqs(conn, app_id)
        _check_rollups(conn, app_id)
        _check_minutes(conn, app_id)
        _check_issues(conn, app_id)
        _check_sent(conn, app_id)
        _check_catalog(conn, app_id, stored)
        _check_values(conn, app_id)
    return stored


def check_kept(engine: Engine, app_id: int, first_seq: int) -> None:
    """What holds of rows, rollups and minutes where retention has taken all rows before `first_seq`."""
    with _patient(engine) as conn:
        _check_seqs(conn, app_id, first_seq)
        _check_rollups(conn, app_id)
        _check_minutes(conn, app_id)


def check_received(engine: Engine, app_id: int, received: int) -> None:
    """received = valid + invalid + unplanned + duplicate + rejected, in every minute and in total."""
    assert received_in_all(engine, app_id) == received


def received_in_all(engine: Engine, app_id: int) -> int:
    """Events received by the app's minutes, each of which adds up, in all and by verdict."""
    with engine.connect() as conn:
        rows = conn.execute(text(_RECEIVED), {"app_id": app_id}).all()
    assert [row for row in rows if row[1] != row[2] or row[3] != row[4]] == []
    return sum(row[1] for row in rows)


def value_counts(engine: Engine, app_id: int) -> dict[tuple[str, str, str], int]:
    """(name, path, planned value as JSON): stored events that have it, as they were counted."""
    with engine.connect() as conn:
        rows = conn.execute(text(_VALUES), {"app_id": app_id})
        return {(name, path, value): count for name, path, value, count in rows}


def stored_identities(engine: Engine, app_id: int) -> list[tuple[Any, ...]]:
    """(event_id, occurred_at, payload) of every stored event, in the order of seq."""
    query = "SELECT event_id, occurred_at, payload::text FROM event WHERE app_id = :app_id ORDER BY seq"
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(query), {"app_id": app_id})]


@contextmanager
def _patient(engine: Engine) -> Iterator[Connection]:
    """One transaction that PostgreSQL does not end while millions of rows are counted here."""
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield conn


def _check_seqs(conn: Connection, app_id: int, first: int = 1) -> int:
    """No gap, nothing twice, in the order of arrival; returns the number of rows, which are streamed."""
    ledger = conn.execute(
        text("SELECT first_seq, last_seq, last_received_at FROM app_ledger WHERE app_id = :app_id"),
        {"app_id": app_id},
    ).one()
    query = "SELECT seq, received_at FROM event WHERE app_id = :app_id ORDER BY seq"
    count, newest = 0, None
    streamed = conn.execute(text(query), {"app_id": app_id}, execution_options={"yield_per": _FETCHED})
    for seq, received_at in streamed:
        assert seq == first + count
        assert newest is None or newest <= received_at
        count, newest = count + 1, received_at
    assert (ledger.first_seq, ledger.last_seq) == (first, first + count - 1)
    assert newest is None or newest <= ledger.last_received_at
    return count


def _check_rollups(conn: Connection, app_id: int) -> None:
    for bucket in ("minute", "hour"):
        grouped = _rows(conn, _GROUPED.format(bucket=bucket), app_id)
        assert _rows(conn, _ROLLED_UP.format(bucket=bucket), app_id) == grouped
    hours = "SELECT status, sum(count) FROM rollup_hour WHERE app_id = :app_id GROUP BY 1"
    minutes = "SELECT status, sum(count) FROM rollup_minute WHERE app_id = :app_id GROUP BY 1"
    assert _rows(conn, hours, app_id) == _rows(conn, minutes, app_id)


def _check_issues(conn: Connection, app_id: int) -> None:
    """Issues by hour and by source count the same, and those kept apart as many events as show them."""
    by_hour = (
        "SELECT name, path, kind, sum(count) FROM failing_field_hour WHERE app_id = :app_id GROUP BY 1, 2, 3"
    )
    by_source = (
        "SELECT name, path, kind, sum(count) FROM issue_source WHERE app_id = :app_id "
        "AND first_seq BETWEEN 1 AND last_seq AND last_seq <= (SELECT last_seq FROM app_ledger l "
        "WHERE l.app_id = issue_source.app_id) GROUP BY 1, 2, 3"
    )
    counted = _rows(conn, by_source, app_id)
    assert counted == _rows(conn, by_hour, app_id)
    apart = {tuple(key): count for *key, count in counted if OTHER not in key}
    showing = _events_by_issue(conn, app_id)
    if len(apart) < len(counted):
        showing = {key: count for key, count in showing.items() if key in apart}
    assert apart == showing


def _events_by_issue(conn: Connection, app_id: int) -> dict[tuple[Any, ...], int]:
    """(name, path, kind): stored events with such a violation, indices in the path folded to `*`."""
    query = "SELECT name, violations FROM event WHERE app_id = :app_id AND violations IS NOT NULL"
    events: Counter[tuple[Any, ...]] = Counter()
    streamed = conn.execute(text(query), {"app_id": app_id}, execution_options={"yield_per": _FETCHED})
    for name, violations in streamed:
        ways = {(re.sub(r"(?<=/)\d+(?=/|$)", "*", each["path"]), each["kind"]) for each in violations}
        events.update((name, path, kind) for path, kind in ways)
    return dict(events)


def _check_sent(conn: Connection, app_id: int) -> None:
    """Events by source are the rows, those of names beyond the limit counted together."""
    by_source = "SELECT source_id, name, count FROM event_source WHERE app_id = :app_id"
    of_rows = (
        "SELECT source_id, CASE WHEN n.name IS NULL THEN '(other)' ELSE e.name END, count(*) FROM event e "
        "LEFT JOIN event_name n USING (app_id, name) WHERE app_id = :app_id GROUP BY 1, 2"
    )
    assert _rows(conn, by_source, app_id) == _rows(conn, of_rows, app_id)


def _check_minutes(conn: Connection, app_id: int) -> None:
    for _, first, last, lowest, highest in conn.execute(text(_MINUTES), {"app_id": app_id}):
        assert (first, last) == (lowest, highest)


def _check_catalog(conn: Connection, app_id: int, stored: int) -> None:
    """Every payload is an object of properties: the commonest field cannot be counted more often."""
    most = _column(conn, "SELECT coalesce(max(count), 0) FROM catalog WHERE app_id = :app_id", app_id)[0]
    assert most <= stored


def _check_values(conn: Connection, app_id: int) -> None:
    """No planned value is counted in more events than have it. In fewer it may be: plans come and go."""
    for name, path, value, count in conn.execute(text(_VALUES), {"app_id": app_id}).all():
        payloads = conn.execute(text(_PAYLOADS), {"app_id": app_id, "name": name}).scalars()
        wanted = orjson.loads(value)
        if OTHER in (name, path):
            continue
        having = [any(equals(each, wanted) for each in reached(payload, path)) for payload in payloads]
        assert count <= sum(having), (name, path, value)


def reached(payload: Any, path: str) -> Iterator[Any]:
    """The values at a JSON Pointer, of all items where it says `*`."""
    if not path:
        yield payload
        return
    step, slash, below = path[1:].partition("/")
    name = step.replace("~1", "/").replace("~0", "~")
    if isinstance(payload, list):
        inner = payload if step == "*" else []
    else:
        inner = [payload[name]] if isinstance(payload, dict) and name in payload else []
    for each in inner:
        yield from reached(each, slash + below)


def equals(one: Any, other: Any) -> bool:
    """As JSON Schema has it: 1 is 1.0, and not true."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _column(conn: Connection, query: str, app_id: int) -> list[Any]:
    return list(conn.execute(text(query), {"app_id": app_id}).scalars())


def _rows(conn: Connection, query: str, app_id: int) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row) for row in conn.execute(text(query), {"app_id": app_id}))
