"""Test 18: one app floods, and the others hardly notice. Each party is a process of its own."""

from collections.abc import Callable

import pytest

from benchmarks.figures import percentile
from tests.faults.harness.flood import QUIET_RATE, quiet_job, run, sending, waits
from tests.faults.harness.scene import Scene
from tests.support.ingest import new_tenant
from tests.support.oracle import check_app
from tests.support.server_process import server_process

#: Below it a p99 says more of the machine than of the server. In seconds.
_FLOOR = 0.02

Property = Callable[[str, object], None]


def test_a_flood_costs_others_less_than_the_commit_of_a_group(
    scene: Scene, record_property: Property
) -> None:
    """As fast as the server takes it, two groups of 10,000 always under way: an ack of it waits for both."""
    flood = new_tenant(scene.engine, "flood")
    with server_process(scene.database, LOG_LEVEL="warning") as server:
        (alone,) = run(quiet_job(server.address, scene.tenant, 1, 3))
        quiet, flooding = run(
            quiet_job(server.address, scene.tenant, 2, 6),
            sending(server.address, flood, 0, 160_000),
        )
    before = percentile(waits(alone, alone.ended), 0.9)
    beside = percentile(waits(quiet, flooding.ended), 0.9)
    group = percentile(flooding.ack_seconds, 0.5) / 2
    rate = sum(flooding.received) / (flooding.ended - flooding.started)
    record_property(
        "figures",
        f"p90 {before * 1e3:.0f} ms alone, {beside * 1e3:.0f} ms beside {rate:,.0f} events/s, whose groups "
        f"take {group * 1e3:.0f} ms",
    )
    assert beside < before + group
    assert check_app(scene.engine, scene.tenant.app_id) == sum(alone.received) + sum(quiet.received)
    assert check_app(scene.engine, flood.app_id) == sum(flooding.received)


@pytest.mark.soak
def test_a_hundredfold_flood_at_most_doubles_p99(scene: Scene, record_property: Property) -> None:
    """On a machine that has nothing else to do, at a rate that it takes."""
    rate, seconds, flood = QUIET_RATE / 2, 30, new_tenant(scene.engine, "flood")
    with server_process(scene.database, LOG_LEVEL="warning") as server:
        (alone,) = run(quiet_job(server.address, scene.tenant, 1, seconds, rate))
        quiet, flooding = run(
            quiet_job(server.address, scene.tenant, 2, seconds, rate),
            sending(server.address, flood, 0, 100 * rate * seconds, rate=100 * rate),
        )
    before = percentile(waits(alone, alone.ended), 0.99)
    beside = percentile(waits(quiet, flooding.ended), 0.99)
    record_property(
        "figures",
        f"p99 {before * 1e3:.0f} ms alone, {beside * 1e3:.0f} ms beside {100 * rate:,.0f} events/s, "
        f"p50 {percentile(waits(alone, alone.ended), 0.5) * 1e3:.0f} and "
        f"{percentile(waits(quiet, flooding.ended), 0.5) * 1e3:.0f} ms",
    )
    assert beside < max(2 * before, _FLOOR)
