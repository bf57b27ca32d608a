"""What must be true of the tables after a run: the cheap part of the tests' oracle."""

from sqlalchemy import Engine, text

from benchmarks.errors import BenchFailed
from storage.database import translate_errors

#: Per app: seqs are dense; every row is in both rollups; what was received is what was judged; no field
#: outside of arrays has planned values in more events than have the field.
_CHECK = text("""
SELECT a.name, l.first_seq, l.last_seq,
    (SELECT count(*) FROM event e WHERE e.app_id = a.app_id) AS rows,
    (SELECT coalesce(sum(count) FILTER (WHERE status <= 2), 0) FROM rollup_minute r
     WHERE r.app_id = a.app_id) AS minutes,
    (SELECT coalesce(sum(count) FILTER (WHERE status <= 2), 0) FROM rollup_hour r
     WHERE r.app_id = a.app_id) AS hours,
    (SELECT coalesce(sum(count), 0) FROM rollup_hour r WHERE r.app_id = a.app_id) AS judged,
    (SELECT coalesce(sum(received), 0) FROM app_minute m WHERE m.app_id = a.app_id) AS received,
    (SELECT coalesce(sum(valid + invalid + unplanned + duplicate + rejected + id_conflict), 0)
     FROM app_minute m WHERE m.app_id = a.app_id) AS by_verdict,
    (SELECT count(*) FROM (SELECT name, path, sum(count) AS count FROM field_value v
     WHERE v.app_id = a.app_id AND strpos(path, '*') = 0 GROUP BY 1, 2) AS chosen
     WHERE count > (SELECT coalesce(sum(count), 0) FROM catalog c WHERE c.app_id = a.app_id
     AND c.name = chosen.name AND c.path = chosen.path)) AS overcounted
FROM app a JOIN app_ledger l USING (app_id) ORDER BY a.app_id
""")


def check_tables(engine: Engine) -> int:
    """Checks every app; returns the rows that are stored in all. Raises BenchFailed with what is wrong."""
    with translate_errors(), engine.connect() as conn:
        found = conn.execute(_CHECK).all()
    wrong = [
        f"{app.name}: seqs {app.first_seq} to {app.last_seq}, {app.rows} rows, rollups count {app.minutes} "
        f"by minute and {app.hours} by hour; {app.received} received, {app.judged} judged, "
        f"{app.by_verdict} by verdict; {app.overcounted} fields with more planned values than events"
        for app in found
        if not (
            app.last_seq - app.first_seq + 1 == app.rows == app.minutes == app.hours
            and app.received == app.judged == app.by_verdict
            and not app.overcounted
        )
    ]
    if wrong:
        raise BenchFailed("The tables are not right after the run. " + "; ".join(wrong))
    return sum(app.rows for app in found)
