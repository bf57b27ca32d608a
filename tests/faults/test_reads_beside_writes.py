"""Test 20: what readers ask for must not come out of the producers' time. Each party is a process."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from threading import Event

import pytest

from benchmarks.beside import repeating
from benchmarks.figures import percentile
from benchmarks.servers import Dashboard, dashboard
from benchmarks.viewing.asking import export, search
from tests.faults.harness.flood import quiet_job, run, sending, waits
from tests.faults.harness.scene import Scene
from tests.support.ingest import Tenant, new_tenant
from tests.support.oracle import check_app
from tests.support.server_process import server_process

#: By so many events, some ten seconds of them, it is measured how many the machine takes at most.
_FLAT_OUT = 400_000
#: Alone and beside by turns: a machine is not the same from one minute to the next, nor is its disk.
_TURNS, _SECONDS = 5, 15
#: Below it a p99 says more of the machine than of the server. In seconds.
_FLOOR = 0.02
#: At least: a search gives up within two seconds. Bytes are of an exported event.
_LONGEST_SEARCH, _LOOKED_INTO, _BYTES = 4.0, 10_000, 200


@dataclass(slots=True)
class _Turns:
    """What came of some turns."""

    #: The loud app's events, and the seconds in which they were acked.
    acked: int = 0
    seconds: float = 0.0
    #: How long each turn's acks of the quiet app took, in seconds.
    waits: list[list[float]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.acked / self.seconds

    @property
    def p99(self) -> float:
        """Of all turns' waits, in seconds."""
        return percentile([wait for turn in self.waits for wait in turn], 0.99)

    def __str__(self) -> str:
        by_turn = ", ".join(f"{percentile(turn, 0.99) * 1e3:.0f}" for turn in self.waits)
        return f"{self.rate:,.0f} events/s, p99 {self.p99 * 1e3:.0f} ms (by turns {by_turn})"


@dataclass(slots=True)
class _Load:
    """Half of the most events that a server takes, of one app, beside another one's few."""

    address: str
    quiet: Tenant
    loud: Tenant
    #: Tell processes of an app apart.
    numbers: Iterator[int] = field(default_factory=count)
    #: Events per second, of the loud app.
    rate: float = 0.0

    def find_rate(self) -> int:
        """Measures the most, and halves it; the acked events."""
        (report,) = run(sending(self.address, self.loud, next(self.numbers), _FLAT_OUT))
        self.rate = sum(report.received) / (report.ended - report.started) / 2
        return sum(report.received)

    def send(self, turns: _Turns, beside: AbstractContextManager[object] | None = None) -> None:
        """One turn more: both apps send for a while."""
        number = next(self.numbers)
        quiet, loud = run(
            quiet_job(self.address, self.quiet, number, _SECONDS),
            sending(self.address, self.loud, number, self.rate * _SECONDS, rate=self.rate),
            beside=beside,
        )
        turns.acked += sum(loud.received)
        turns.seconds += loud.ended - loud.started
        turns.waits.append(waits(quiet, quiet.ended))


@pytest.mark.soak
def test_a_slow_query_and_an_export_beside_the_writers(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """Half of the most is offered and kept; acks come about as soon. On a machine with nothing else to do.

    How many events the most are is what `lvd bench ingest` tells.
    """
    loud = new_tenant(scene.engine, "loud")
    alone, beside = _Turns(), _Turns()
    searches: list[int] = []
    exported: list[int] = []
    with server_process(scene.database, LOG_LEVEL="warning") as server, dashboard(scene.database) as page:
        load = _Load(server.address, scene.tenant, loud)
        flat_out = load.find_rate()
        for _ in range(_TURNS):
            load.send(alone)
            load.send(beside, reading(page, loud.app_id, searches, exported))
        acked = flat_out + alone.acked + beside.acked
        assert export(page, loud.app_id) > _BYTES * acked
    record_property(
        "figures",
        f"{load.rate:,.0f} events/s offered; alone {alone}; beside {len(searches)} searches of"
        f" {median(searches):,.0f} events and {sum(exported):,} bytes exported {beside}",
    )
    assert check_app(scene.engine, loud.app_id) == acked
    # Neither was refused, nor turned into something cheap.
    assert len(searches) >= _TURNS * _SECONDS / _LONGEST_SEARCH
    assert median(searches) > _LOOKED_INTO
    assert sum(exported) > _BYTES * flat_out
    assert beside.rate > 0.95 * load.rate
    assert beside.p99 < max(2 * alone.p99, _FLOOR)


@contextmanager
def reading(page: Dashboard, app_id: int, searches: list[int], exported: list[int]) -> Iterator[None]:
    """One search after the other, of which each one's events are noted, and one export after the other, of
    which the bytes are; the last export is given up at the end."""
    over = Event()
    with (
        repeating(lambda: exported.append(export(page, app_id, over=over)), over),
        repeating(lambda: searches.append(search(page, app_id, f"value {len(searches)}")), over),
    ):
        yield
