"""A page, paused and resumed under a steady stream: in the end it tells what store and producer tell.

The short form is a part of every run, the full one (2,000 events a second for a minute) of `make soak`.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, text

from dashboard.ids import Ids, tile_note, tile_value
from livevalidation import Options, open_channel, send_batches
from livevalidation.v1.ingest_pb2 import EventBatch
from storage.plans import PlanStore
from storage.readers import Reader
from tests.e2e.conftest import Opens
from tests.faults.harness.full_oracle import check_oracle
from tests.faults.harness.ledger import ClientLedger, batch_of
from tests.support.dashboards import dashboard_on
from tests.support.ingest import Tenant, new_tenant
from tests.support.served import served
from tests.support.server_process import server_process
from tests.support.visits import Visit
from tests.support.writing import engine_of

_PER_SECOND = 2_000
_BATCH = 100
#: Of each batch: events that were sent a second or more before.
_REPEATED = 5
#: Of the ledger's seven names the first breaks its plan, and the last is in none.
_PLAN = {
    "version": 1,
    "name": "Stream",
    "events": {
        f"Event {name}": {"schema": {"properties": {"number": {"type": "number" if name else "string"}}}}
        for name in range(6)
    },
}
_COUNTED = "SELECT status, sum(count)::int FROM rollup_minute WHERE app_id = :app_id GROUP BY 1"
_LATE = (
    "SELECT count(*) FROM event WHERE app_id = :app_id AND occurred_at < received_at - interval '12 hours'"
)


@dataclass
class Stream:
    """One producer at a steady rate; of a hundred events ten occurred yesterday, and one is no JSON."""

    address: str
    key: str
    seconds: float
    ledger: ClientLedger = field(default_factory=ClientLedger)
    #: How long it took to send.
    took: float = 0.0

    def run(self) -> None:
        """Returns once all is acked."""
        options, under_way = Options(verdicts="all"), deque[list[int]]()
        with open_channel(self.address, options) as channel:
            for _, ack in send_batches(channel, self.key, self._batches(under_way), options):
                self.ledger.note_ack(under_way.popleft(), ack)

    def _batches(self, under_way: deque[list[int]]) -> Iterator[EventBatch]:
        began = monotonic()
        before: deque[list[int]] = deque(maxlen=_PER_SECOND // _BATCH)
        for batch in range(int(self.seconds * _PER_SECOND) // _BATCH):
            sleep(max(0.0, began + batch * _BATCH / _PER_SECOND - monotonic()))
            repeated = before[0][:_REPEATED] if len(before) == before.maxlen else []
            numbers = self.ledger.new_numbers(_BATCH - len(repeated))
            before.append(numbers)
            self.ledger.note_sent(numbers)
            under_way.append([*numbers, *repeated])
            yield batch_of(under_way[-1])
        self.took = monotonic() - began


@dataclass(frozen=True)
class Site:
    """A dashboard and an ingest server of its own process."""

    address: str
    ingest: str
    engine: Engine
    tenant: Tenant


@pytest.fixture
def site(database: str, tmp_path: Path) -> Iterator[Site]:
    with engine_of(database, pool_size=8) as engine, server_process(database) as ingest:
        tenant = new_tenant(engine, "Stream")
        PlanStore(engine).push(tenant.app_id, _PLAN)
        with served(dashboard_on(engine, tmp_path, coalesce_seconds=1.0)) as (address, _):
            yield Site(address, ingest.address, engine, tenant)


@contextmanager
def streaming(stream: Stream) -> Iterator["Future[None]"]:
    """Sends beside; what went wrong is raised at the end."""
    with ThreadPoolExecutor(1, "stream") as pool:
        sending = pool.submit(stream.run)
        yield sending
        sending.result()


@pytest.mark.parametrize(
    ("seconds", "pauses"), [(5, 1), pytest.param(60, 3, marks=pytest.mark.soak, id="full")]
)
def test_a_page_paused_and_resumed_under_a_stream_tells_what_is_stored(
    site: Site, visit: Opens, record_property: Callable[[str, object], None], seconds: int, pauses: int
) -> None:
    stream = Stream(site.ingest, site.tenant.key, seconds)
    page = visit(site.address)
    page.open("app=Stream")
    page.until(lambda: page.text(Ids.LAG).startswith("Live"), "a page that asks")
    with streaming(stream) as sending:
        page.until(lambda: len(page.seqs()) > 10, "the first rows")
        for _ in range(pauses):
            pause_and_resume(page, seconds / pauses / 2)
        while not sending.done():
            page.page.wait_for_timeout(200)
    assert stream.took < 1.5 * seconds, "the offered rate was not kept"

    figures = check_oracle(site.engine, site.tenant.app_id, stream.ledger, None, faults=0)
    last_seq = Reader(site.engine).ledger(site.tenant.app_id).last_seq
    page.until(lambda: page.total() == last_seq, "every row")
    page.until(lambda: page.seqs()[:10] == list(range(last_seq, last_seq - 10, -1)), "the newest rows")
    counted = stored_counts(site)
    page.until(lambda: told_counts(page) == counted, f"the counters of the store, {counted}")
    assert sum(counted.values()) == stream.ledger.answered
    assert counted["duplicate"] > 0 < counted["rejected"]
    assert late_rows(site) > 0
    page.until(lambda: "✓ as counted on arrival" in page.text(Ids.RECONCILED), "the check")
    sent = f"{stream.ledger.answered:,} sent in {stream.took:.1f} s"
    record_property("figures", f"{sent}, {dict(counted)}, {late_rows(site)} late, {figures}")
    page.assert_clean()


def pause_and_resume(page: Visit, seconds: float) -> None:
    """For so long the list stands still, and what comes is counted."""
    page.page.click(f"#{Ids.PAUSE}")
    # At once: on a slow machine the stream may end before the list has settled.
    counted = page.text(tile_value("received"))
    page.until(lambda: page.text(Ids.LAG) == "Paused", "the badge")
    page.settle()
    stands_at = page.seqs()
    page.page.wait_for_timeout(1_000 * seconds)
    page.until(lambda: "new)" in page.text(Ids.PAUSE), "the number of new ones")
    assert page.seqs() == stands_at
    assert page.text(tile_value("received")) != counted
    page.page.click(f"#{Ids.PAUSE}")
    page.until(lambda: page.seqs()[:1] > stands_at[:1], "what came meanwhile")


def stored_counts(site: Site) -> Counter[str]:
    """Events by what became of them, by the rollups."""
    words = ("valid", "invalid", "unplanned", "duplicate", "rejected", "rejected")
    counted: Counter[str] = Counter()
    with site.engine.connect() as conn:
        for status, count in conn.execute(text(_COUNTED), {"app_id": site.tenant.app_id}):
            counted[words[status]] += count
    return counted


def late_rows(site: Site) -> int:
    with site.engine.connect() as conn:
        return int(conn.execute(text(_LATE), {"app_id": site.tenant.app_id}).scalar_one())


def told_counts(page: Visit) -> Counter[str]:
    """The same by the page's tiles, once they add up."""
    tiles = ("invalid", "unplanned", "duplicate", "rejected")
    told = Counter({tile: number(page.text(tile_value(tile))) for tile in tiles})
    told["valid"] = number(page.text(tile_note("valid")).removesuffix(" valid"))
    return told if sum(told.values()) == number(page.text(tile_value("received"))) else Counter()


def number(shown: str) -> int:
    return int(shown.replace(",", ""))
