"""Stored events by the million, made by SQL: as the writer leaves them, in a fraction of its time.

Every table agrees with the others: ledger, app_minute, rollups, names, catalog, values, sources, rejected
events. Event keys and content hashes are those of storage.identity, so an event that is sent again is a
duplicate. What a row holds follows from its seq alone, so a run can be repeated. The tests of the readers use
it, too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from storage.apps import AppStore
from storage.partitions import (
    Partition,
    attach_statement,
    attached,
    identity_index_statement,
    maintenance,
    no_statistics_statement,
    run_ddl,
)
from storage.plans import PlanStore
from tracking_plan.verdict import Verdict

#: Planned names; the higher its number, the rarer an event is.
NAMES = tuple(f"event {number:02d}" for number in range(20))
#: Once in so many rows, and never in the plan.
RARE_NAME, RARE_EVERY = "rare event", 50_021
#: In the plan, never sent.
MISSING_NAME = "never sent"
#: Half of these events are invalid.
BROKEN_NAME = NAMES[5]
RUNS = ("run 1", "run 2")
#: (sdk, app_version, platform, environment) by source_id, from 1; the last one is rare.
SOURCES = (
    ("py/1.0", "4.1.0", "server", "prod"),
    ("swift/2.3", "4.2.0", "ios", "prod"),
    ("kotlin/2.1", "4.2.0", "android", "prod"),
    ("swift/2.3", "4.3.0", "ios", "test"),
)
SUBJECTS = 5_000
#: Rows of the first three of every so many minutes bring duplicates and rejects beside them.
DUPLICATES_PER_MINUTE, REJECTED_PER_MINUTE = 3, 2


@dataclass(frozen=True, slots=True)
class Seed:
    """What to store: so many rows a day, evenly over the day, on days in a row."""

    first_day: datetime
    days: int
    rows_per_day: int

    @property
    def rows(self) -> int:
        """All of them: seqs 1 … rows."""
        return self.days * self.rows_per_day

    @property
    def end(self) -> datetime:
        """First instant behind the last day."""
        return self.first_day + timedelta(days=self.days)


def recent_days(days: int, rows_per_day: int) -> Seed:
    """A seed whose last day was yesterday (UTC), so that retention leaves it alone."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Seed(today - timedelta(days=days), days, rows_per_day)


def seed(engine: Engine, app_name: str, wanted: Seed) -> int:
    """A new app with these rows; returns its app_id. A million rows take about 15 s on two cores."""
    app_id = AppStore(engine).create(app_name)
    PlanStore(engine).push(app_id, PLAN)
    with engine.begin() as conn:
        _insert_sources(conn, app_id, wanted)
    for day in range(wanted.days):
        _load_day(engine, app_id, wanted, day)
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL work_mem = '256MB'"))
        for statement in _BOOKS:
            conn.execute(text(statement), {"app_id": app_id})
    with engine.connect() as conn:
        _analyze(conn.execution_options(isolation_level="AUTOCOMMIT"))
    return app_id


def _load_day(engine: Engine, app_id: int, wanted: Seed, day: int) -> None:
    """Into a table apart, which gets its indexes when it is full; or among the rows of another app."""
    partition = Partition((wanted.first_day + timedelta(days=day)).date())
    with maintenance(engine) as conn:
        if partition in attached(conn):
            _insert_rows(conn, "event", app_id, wanted, day)
            return
        name = partition.name
        conn.execute(text(f"DROP TABLE IF EXISTS {name}"))
        conn.execute(text(f"CREATE TABLE {name} (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
        _insert_rows(conn, name, app_id, wanted, day)
        conn.execute(text("SET maintenance_work_mem = '256MB'"))
        conn.execute(text(identity_index_statement(partition)))
        conn.execute(text(no_statistics_statement(name)))
        # Builds the parent's indexes, too.
        run_ddl(conn, attach_statement(partition))


def _insert_rows(conn: Connection, table: str, app_id: int, wanted: Seed, day: int) -> None:
    parameters = {
        "app_id": app_id,
        "day": wanted.first_day + timedelta(days=day),
        "before": day * wanted.rows_per_day,
        "rows": wanted.rows_per_day,
        "names": list(NAMES),
        "rare_name": RARE_NAME,
        "rare_every": RARE_EVERY,
        "broken_name": BROKEN_NAME,
        "runs": list(RUNS),
        "sources": len(SOURCES),
        "subjects": SUBJECTS,
        "violations": _VIOLATIONS,
        "payload": _PAYLOAD,
    }
    conn.execute(text(_ROWS.format(table=table)), parameters)


def _insert_sources(conn: Connection, app_id: int, wanted: Seed) -> None:
    conn.execute(
        text(
            "INSERT INTO source VALUES"
            " (:app_id, :source_id, :sdk, :app_version, :platform, :environment, :at)"
        ),
        [
            {
                "app_id": app_id,
                "source_id": number,
                **dict(zip(("sdk", "app_version", "platform", "environment"), fields, strict=True)),
                "at": wanted.first_day,
            }
            for number, fields in enumerate(SOURCES, 1)
        ],
    )


def _analyze(conn: Connection) -> None:
    """As autovacuum does it: the visibility map, too, on which index-only scans depend."""
    conn.execute(
        text("VACUUM ANALYZE event, app_minute, rollup_minute, rollup_hour, rejected_event, catalog")
    )
    conn.execute(
        text(
            "VACUUM ANALYZE failing_field_hour, issue_source, event_source, event_name, source, app_ledger,"
            " field_value"
        )
    )


PLAN: dict[str, Any] = {
    "version": 1,
    "name": "Seeded",
    "events": {
        name: {
            "schema": {
                "type": "object",
                "properties": {"total": {"type": "number"}, "currency": {"enum": ["EUR", "USD"]}},
            }
        }
        for name in (*NAMES, MISSING_NAME)
    },
}
_VIOLATIONS = orjson.dumps(
    [
        {
            "path": "/total",
            "kind": "wrong_type",
            "expected": "number",
            "received": 'string "12"',
            "value": '"12"',
        }
    ]
).decode()
#: For Postgres's format(): order and total. Its keys are sorted and it has no blanks: it is canonical.
_PAYLOAD = (
    '{"coupon":null,"currency":"EUR","first":false,"items":[{"count":2,"sku":"a-17"}],'
    '"order":"%s","total":%s}'
)


def _digest(*columns: str) -> str:
    """SQL for what storage.identity._digest makes of these columns, in hexadecimal."""
    parts = (f"convert_to({column}, 'UTF8')" for column in columns)
    pieces = " || ".join(f"int4send(length({part})) || {part}" for part in parts)
    return f"encode(sha256({pieces}), 'hex')"


#: u, v, w: numbers from 0 to 1, scattered by seq and independent of each other.
_ROWS = f"""
INSERT INTO {{table}} (seq, received_at, occurred_at, content_hash, event_key, app_id, source_id,
    plan_version, status, name, event_id, subject, run_id, violations, payload)
SELECT seq, received_at, occurred_at,
    CAST(CAST('x' || left({_digest("name", "coalesce(subject, '')", "payload")}, 16) AS bit(64)) AS bigint),
    CASE WHEN run_id IS NULL THEN CAST(event_id AS uuid)
        ELSE CAST(left({_digest("run_id", "event_id")}, 32) AS uuid) END,
    :app_id, source_id, 1, status, name, event_id, subject, run_id,
    CASE status WHEN 1 THEN CAST(:violations AS json) END, CAST(payload AS json)
FROM (
    SELECT seq, received_at, received_at - v * interval '2 seconds' AS occurred_at, status, name,
        CASE WHEN u > 0.998 THEN :sources ELSE 1 + floor(w * (:sources - 1)) END AS source_id,
        CAST(CAST(md5(:app_id || '/' || seq) AS uuid) AS text) AS event_id,
        CASE WHEN w < 0.9 THEN 'user ' || floor(v * :subjects) END AS subject,
        CASE WHEN v > 0.99 THEN (CAST(:runs AS text[]))[1 + floor(u * 2)::int] END AS run_id,
        format(:payload, 'o-' || seq, CASE status WHEN 1 THEN '"12"' ELSE '12.5' END) AS payload
    FROM (
        SELECT *, CASE WHEN name = :rare_name THEN 2 WHEN name = :broken_name AND w < 0.5 THEN 1
            WHEN u * 7 - floor(u * 7) < 0.03 THEN 1 ELSE 0 END AS status
        FROM (
            SELECT *, CASE WHEN seq % :rare_every = 7 THEN :rare_name
                ELSE (CAST(:names AS text[]))[1 + floor(20 * u * u * u)::int] END AS name
            FROM (
                SELECT :before + place + 1 AS seq,
                    CAST(:day AS timestamptz)
                        + place * 86400000000 / :rows * interval '1 microsecond' AS received_at,
                    (hashint8(:before + place) & 1048575) / 1048576.0::float8 AS u,
                    (hashint8(-:before - place - 1) & 1048575) / 1048576.0::float8 AS v,
                    (hashint8((:before + place) * 7919) & 1048575) / 1048576.0::float8 AS w
                FROM generate_series(0::bigint, :rows - 1) AS place
            ) AS drawn
        ) AS named
    ) AS judged
) AS said ORDER BY seq
"""

_BY_VERDICT = ", ".join(
    f"coalesce(sum(count) FILTER (WHERE status = {int(verdict)}), 0) AS status_{int(verdict)}"
    for verdict in Verdict
)

#: What the rows mean to the other tables, in an order in which each finds what it needs.
_BOOKS = (
    "INSERT INTO rollup_minute SELECT app_id, date_trunc('minute', received_at), name, status, count(*)"
    " FROM event WHERE app_id = :app_id GROUP BY 1, 2, 3, 4",
    f"INSERT INTO rollup_minute SELECT DISTINCT app_id, minute, '{NAMES[0]}', 3, {DUPLICATES_PER_MINUTE}"
    " FROM rollup_minute WHERE app_id = :app_id AND extract(minute FROM minute) % 10 < 3",
    # Minutes that only brought duplicates have no seqs.
    f"INSERT INTO rollup_minute SELECT DISTINCT app_id, minute + interval '1 minute', '{NAMES[0]}', 3, 1"
    " FROM rollup_minute WHERE app_id = :app_id AND status < 3 AND extract(minute FROM minute) % 10 = 7",
    f"INSERT INTO rollup_minute SELECT DISTINCT app_id, minute, '', 4, {REJECTED_PER_MINUTE}"
    " FROM rollup_minute WHERE app_id = :app_id AND status < 3 AND extract(minute FROM minute) % 10 < 3",
    f"INSERT INTO rollup_minute SELECT DISTINCT app_id, minute, '{NAMES[1]}', 5, 1"
    " FROM rollup_minute WHERE app_id = :app_id AND status < 3 AND extract(minute FROM minute) % 10 = 0",
    "INSERT INTO rollup_hour SELECT app_id, date_trunc('hour', minute), name, status, sum(count)"
    " FROM rollup_minute WHERE app_id = :app_id GROUP BY 1, 2, 3, 4",
    "INSERT INTO app_minute SELECT :app_id, minute, first_seq, last_seq, received, "
    f"{', '.join(f'status_{int(verdict)}' for verdict in Verdict)} FROM"
    f" (SELECT minute, sum(count) AS received, {_BY_VERDICT}"
    " FROM rollup_minute WHERE app_id = :app_id GROUP BY 1) AS counted"
    " LEFT JOIN (SELECT date_trunc('minute', received_at) AS minute, min(seq) AS first_seq,"
    " max(seq) AS last_seq FROM event WHERE app_id = :app_id GROUP BY 1) AS stored USING (minute)",
    "INSERT INTO failing_field_hour SELECT app_id, date_trunc('hour', received_at), name, '/total',"
    " 'wrong_type', count(*) FROM event WHERE app_id = :app_id AND status = 1 GROUP BY 1, 2, 3",
    "INSERT INTO issue_source SELECT app_id, name, '/total', 'wrong_type', source_id, min(received_at),"
    " max(received_at), min(seq), max(seq), count(*) FROM event WHERE app_id = :app_id AND status = 1"
    " GROUP BY 1, 2, 5",
    "INSERT INTO event_source SELECT app_id, source_id, name, count(*) FROM event"
    " WHERE app_id = :app_id GROUP BY 1, 2, 3",
    "INSERT INTO event_name SELECT app_id, name, min(received_at) FROM event WHERE app_id = :app_id"
    " GROUP BY 1, 2",
    "INSERT INTO catalog SELECT app_id, name, path, json_type, min(first_at), max(last_at), sum(count) FROM"
    " (SELECT app_id, name, status, min(received_at) AS first_at, max(received_at) AS last_at, count(*)"
    " FROM event WHERE app_id = :app_id GROUP BY 1, 2, 3) AS stored CROSS JOIN LATERAL (VALUES"
    " ('/order', 'string'), ('/total', CASE status WHEN 1 THEN 'string' ELSE 'number' END),"
    " ('/currency', 'string'), ('/items', 'array'), ('/items/*', 'object'), ('/items/*/sku', 'string'),"
    " ('/items/*/count', 'integer'), ('/coupon', 'null')) AS fields (path, json_type) GROUP BY 1, 2, 3, 4",
    # Of planned names alone: for others the plan lists no value.
    "INSERT INTO field_value SELECT app_id, name, path, '\"EUR\"', first_seen_at, last_seen_at, count"
    f" FROM catalog WHERE app_id = :app_id AND path = '/currency' AND name <> '{RARE_NAME}'",
    "INSERT INTO rejected_event SELECT app_id, minute::date,"
    " sha256(convert_to(minute::text || status, 'UTF8')),"
    " CASE status WHEN 4 THEN 'payload_not_json' ELSE 'id_conflict' END, 'a message', name,"
    " convert_to('raw bytes of ' || minute, 'UTF8'), 30, 1, NULL, minute, minute, count"
    " FROM rollup_minute WHERE app_id = :app_id AND status > 3",
    "UPDATE app_ledger l SET version = version + 1, last_seq = e.last_seq, last_received_at = e.last_at FROM"
    " (SELECT max(seq) AS last_seq, max(received_at) AS last_at FROM event WHERE app_id = :app_id) AS e"
    " WHERE l.app_id = :app_id",
)
