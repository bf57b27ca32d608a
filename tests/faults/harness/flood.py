"""Client processes that cost next to nothing, for loads that Python's own client could not make."""

from contextlib import AbstractContextManager, nullcontext

from benchmarks.sending.fleet import fleet
from benchmarks.sending.job import Job, Repeats, Report, StreamJob, Times
from tests.support.ingest import Tenant

#: A quiet app's events per second.
QUIET_RATE = 400
_BATCH, _STREAMS = 500, 4
#: From the start on, in seconds: by then the queue is as it stays.
_SETTLED = 1.0
#: For a run, in seconds: it must end on a machine that is slow.
_PATIENCE = 200.0


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


def quiet_job(address: str, tenant: Tenant, number: int, seconds: float, rate: float = QUIET_RATE) -> Job:
    """Does not wait for acks, else it would be quieter when they are late."""
    return sending(address, tenant, number, seconds * rate, rate=rate, size=10, streams=1, unacked=1_000)


def waits(report: Report, until: float) -> list[float]:
    """How long acks took, of the batches sent from `_SETTLED` on."""
    begins = report.started + _SETTLED
    return [took for at, took in zip(report.sent_at, report.ack_seconds, strict=True) if begins <= at < until]


def run(*jobs: Job, beside: AbstractContextManager[object] | None = None) -> list[Report]:
    """All at once, and something beside them; what the first ones were told."""
    with fleet(jobs) as clients, beside or nullcontext():
        return clients.send(_PATIENCE)
