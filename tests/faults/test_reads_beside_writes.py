"""Test 20: what readers ask for must not come out of the producers' time. Each party is a process."""

from collections.abc import Callable
from statistics import median

import pytest

from benchmarks.beside import repeating
from benchmarks.figures import percentile
from benchmarks.servers import dashboard
from benchmarks.viewing.asking import export, search
from tests.faults.harness.flood import quiet_job, run, sending, waits
from tests.faults.harness.scene import Scene
from tests.support.ingest import new_tenant
from tests.support.oracle import check_app
from tests.support.server_process import server_process

#: Half of what two cores take.
_RATE = 25_000
_SECONDS = 30
#: Below it a p99 says more of the machine than of the server. In seconds.
_FLOOR = 0.02
#: At least: a search gives up within two seconds. Bytes are of an exported event.
_LONGEST_SEARCH, _LOOKED_INTO, _BYTES = 4.0, 10_000, 100


@pytest.mark.soak
def test_a_slow_query_and_an_export_beside_the_writers(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """The offered rate is kept, and acks come about as soon. On a machine that has nothing else to do."""
    loud = new_tenant(scene.engine, "loud")
    searches: list[int] = []
    exported: list[int] = []
    with server_process(scene.database, LOG_LEVEL="warning") as server, dashboard(scene.database) as page:
        jobs = [
            (
                quiet_job(server.address, scene.tenant, 2 * turn, _SECONDS),
                sending(server.address, loud, 2 * turn + 1, _RATE * _SECONDS, rate=_RATE),
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
    kept = sum(loud_beside.received) / (loud_beside.ended - loud_beside.started)
    before, then = (percentile(waits(report, report.ended), 0.99) for report in (alone, beside))
    record_property(
        "figures",
        f"{kept:,.0f} of {_RATE:,} events/s kept; p99 {before * 1e3:.0f} ms, {then * 1e3:.0f} ms beside"
        f" {len(searches)} searches of {median(searches):,.0f} events and {sum(exported):,} bytes exported",
    )
    acked = sum(loud_alone.received) + sum(loud_beside.received)
    assert check_app(scene.engine, loud.app_id) == acked
    # Neither was refused, nor turned into something cheap.
    assert len(searches) >= _SECONDS / _LONGEST_SEARCH
    assert median(searches) > _LOOKED_INTO
    assert sum(exported) > _BYTES * sum(loud_alone.received)
    assert kept > 0.95 * _RATE
    assert then < max(2 * before, _FLOOR)
