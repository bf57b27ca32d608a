"""What keeps the tables in shape while servers run. Any number of servers may do it at once."""

from datetime import timedelta

import structlog
from sqlalchemy import Engine

from storage.partitions import ensure_ahead
from storage.retention import retain

_log = structlog.get_logger(__name__)


def maintain(engine: Engine, retention: timedelta) -> None:
    """Makes the partitions of the next days, and drops what is older than the retention.

    Raises Unavailable.
    """
    made = ensure_ahead(engine)
    dropped = retain(engine, retention).dropped
    if made or dropped:
        _log.info("maintained", made=[part.name for part in made], dropped=[part.name for part in dropped])
