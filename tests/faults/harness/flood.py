"""Client processes that cost next to nothing, for loads that Python's own client could not make."""

from benchmarks.sending.job import Job, Repeats, StreamJob, Times
from tests.support.ingest import Tenant

_BATCH, _STREAMS = 500, 4


def sending(
    address: str,
    tenant: Tenant,
    number: int,
    events: float,
    *,
    rate: float | None = None,
    size: int = _BATCH,
    streams: int = _STREAMS,
    unacked: int = 10,
) -> Job:
    """So many new events. Without a rate as fast as acks come. `number` tells processes apart."""
    return Job(
        target=address,
        streams=(StreamJob(tenant.key, 1, int(events / size / streams)),) * streams,
        batch_size=size,
        payload_bytes=140,
        unacked=unacked,
        verdicts="none",
        times=Times.NOW,
        duplicates=0.0,
        repeats=Repeats.RECENT,
        history="",
        templates=20,
        seed=1,
        number=number,
        rate=rate,
    )
