"""What nearly every fault test has: an app under load, a reader beside it, and the oracle at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from tests.faults.harness.full_oracle import Figures, check_oracle
from tests.faults.harness.producers import DEFAULT_LOAD, Load, Producing, producing
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import Tenant


@dataclass(frozen=True)
class Scene:
    """An app in a database, and how the run is repeated and told of."""

    #: Its URL, not through any proxy.
    database: str
    engine: Engine
    tenant: Tenant
    seed: int
    record: Callable[[Figures], None]

    @contextmanager
    def load(self, *addresses: str, load: Load = DEFAULT_LOAD) -> Iterator[Producing]:
        """Producers of the app on these servers, and a feed reader; at the end all that was sent is acked."""
        with (
            FeedLedger(self.engine, self.tenant.app_id) as reader,
            producing(addresses, self.tenant, self.seed, load) as work,
        ):
            work.feed = reader
            yield work

    def conclude(self, work: Producing, *, faults: int) -> Figures:
        """Asks the oracle, behind the block of `load`."""
        figures = check_oracle(self.engine, self.tenant.app_id, work.ledger, work.feed, faults=faults)
        self.record(figures)
        return figures
