"""What the server says of itself every few seconds: how the dashboard knows it."""

from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from ingest_server.activity import MAX_PRODUCERS, Activity


@dataclass(frozen=True, slots=True)
class Gauges:
    """What the server holds at this moment."""

    open_calls: int
    queued_events: int
    in_flight_bytes: int
    database_available: bool
    retention_days: int
    #: By app_id; 0: no plan.
    plan_versions: dict[int, int]


def heartbeat_document(address: str, pid: int, activity: Activity, gauges: Gauges) -> dict[str, Any]:
    """The document of one heartbeat; rates are per second over `seconds`, times in milliseconds."""
    seconds = max(monotonic() - activity.since, 1e-3)
    return {
        "address": address,
        "pid": pid,
        "seconds": round(seconds, 3),
        "events_per_second": round(activity.events / seconds, 1),
        "batches_per_second": round(activity.batches / seconds, 1),
        "bytes_per_second": round(activity.bytes / seconds, 1),
        "verdicts": {verdict.name.lower(): count for verdict, count in sorted(activity.verdicts.items())},
        "commit_ms": {
            "p50": round(activity.percentile(0.50) * 1e3, 2),
            "p99": round(activity.percentile(0.99) * 1e3, 2),
        },
        "open_calls": gauges.open_calls,
        "queued_events": gauges.queued_events,
        "in_flight_bytes": gauges.in_flight_bytes,
        "database_available": gauges.database_available,
        "retention_days": gauges.retention_days,
        "plan_versions": {str(app_id): version for app_id, version in sorted(gauges.plan_versions.items())},
        "producers": _producers(activity),
    }


def _producers(activity: Activity) -> list[dict[str, Any]]:
    return [
        {"app_id": app_id, **asdict(source), "events": events}
        for (app_id, source), events in activity.producers.most_common(MAX_PRODUCERS)
    ]
