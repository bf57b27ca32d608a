"""Test 20: what readers ask for must not come out of the producers' time. Each party is a process."""

from collections.abc import Callable
from statistics import median

import pytest

from benchmarks.beside import repeating
from benchmarks.figures import percentile
from benchmarks.sending.job import Report
from benchmarks.servers import dashboard
from benchmarks.viewing.asking import export, search
from tests.faults.harness.flood import quiet_job, run, sending, waits
from tests.faults.harness.scene import Scene
from tests.support.ingest import new_tenant
from tests.support.oracle import check_app
from tests.support.server_process import server_process

#: By so many events, some ten seconds of them, it is measured how many the machine takes at most.
_FLAT_OUT = 400_000
_SECONDS = 30
#: Below it a p99 says more of the machine than of the server. In seconds.
_FLOOR = 0.02
#: At least: a search gives up within two seconds. Bytes are of an exported event.
_LONGEST_SEARCH, _LOOKED_INTO, _BYTES = 4.0, 10_000, 100


@pytest.mark.soak
def test_a_slow_query_and_an_export_beside_the_writers(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """Half of the most is offered and kept; acks come about as soon. On a machine with nothing else to do.

    How many events the most are is what `lvd bench ingest` tells.
    """
    loud = new_tenant(scene.engine, "loud")
    searches: list[int] = []
    exported: list[int] = []
    with server_process(scene.database, LOG_LEVEL="warning") as server, dashboard(scene.database) as page:
        (flat_out,) = run(sending(server.address, loud, 0, _FLAT_OUT))
        rate = _rate(flat_out) / 2
        jobs = [
            (
                quiet_job(server.address, scene.tenant, 2 * turn + 1, _SECONDS),
                sending(server.address, loud, 2 * turn + 2, rate * _SECONDS, rate=rate),
            )
            for turn in range(2)
        ]
        alone, loud_alone = run(*jobs[0])
        # Searches end first, with the load; the export that is under way then goes on to its end.
        with (
            repeating(lambda: exported.append(export(page, loud.app_id))),
            repeating(lambda: searches.append(search(page, loud.app_id, f"value {len(searches)}"))),
        ):
            beside, loud_beside = run(*jobs[1])
    kept = _rate(loud_beside)
    before, then = (percentile(waits(report, report.ended), 0.99) for report in (alone, beside))
    record_property(
        "figures",
        f"{kept:,.0f} of {rate:,.0f} events/s kept; p99 {before * 1e3:.0f} ms, {then * 1e3:.0f} ms beside"
        f" {len(searches)} searches of {median(searches):,.0f} events and {sum(exported):,} bytes exported",
    )
    acked = sum(sum(report.received) for report in (flat_out, loud_alone, loud_beside))
    assert check_app(scene.engine, loud.app_id) == acked
    # Neither was refused, nor turned into something cheap.
    assert len(searches) >= _SECONDS / _LONGEST_SEARCH
    assert median(searches) > _LOOKED_INTO
    assert sum(exported) > _BYTES * (sum(flat_out.received) + sum(loud_alone.received))
    assert kept > 0.95 * rate
    assert then < max(2 * before, _FLOOR)


def _rate(report: Report) -> float:
    """Acked events per second."""
    return sum(report.received) / (report.ended - report.started)
