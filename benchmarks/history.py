"""Events that were stored long before, and are sent again."""

from pathlib import Path
from random import Random

from sqlalchemy import Engine, text

from benchmarks.events import PLAN
from benchmarks.seeding import PLAN as SEEDED_PLAN
from benchmarks.seeding import recent_days, seed
from benchmarks.sending.templates import repeated_event
from benchmarks.tenants import Tenant, tenant_of
from livevalidation.v1 import ingest_pb2
from storage.database import translate_errors
from storage.plans import PlanStore

#: Events that are drawn to be sent again.
_SAMPLE = 50_000

#: Those without a run: a batch has one run_id, and the benchmark's have none.
_STORED = text("""
SELECT event_id, name, subject, extract(epoch FROM date_trunc('second', occurred_at))::bigint AS seconds,
    extract(microseconds FROM occurred_at)::bigint % 1000000 AS micros, payload::text
FROM event WHERE app_id = :app_id AND seq = ANY(:seqs) AND run_id IS NULL
""")


def seeded_tenant(engine: Engine, rows: int, days: int) -> Tenant:
    """An app with so many rows on the days before today, and a plan of its and our events."""
    name = "bench history"
    app_id = seed(engine, name, recent_days(days, -(-rows // days)))
    PlanStore(engine).push(app_id, {**PLAN, "events": {**PLAN["events"], **SEEDED_PLAN["events"]}})
    return tenant_of(engine, app_id, name)


def write_history(engine: Engine, app_id: int, rows: int, path: Path, chance: int) -> None:
    """Draws stored events, and writes each as a client sends it, behind its length in four bytes."""
    seqs = sorted(Random(chance).sample(range(1, rows + 1), min(_SAMPLE, rows)))
    with translate_errors(), engine.connect() as conn, path.open("wb") as file:
        for row in conn.execute(_STORED, {"app_id": app_id, "seqs": seqs}):
            message = ingest_pb2.Event(
                event_id=row.event_id,
                name=row.name,
                subject=row.subject or "",
                payload_json=row.payload.encode(),
            )
            message.occurred_at.seconds, message.occurred_at.nanos = row.seconds, row.micros * 1_000
            wire = repeated_event(message)
            file.write(len(wire).to_bytes(4, "big") + wire)
