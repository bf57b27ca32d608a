"""Whether clocks can be trusted: Postgres's, which decides everything, by arrivals and by our own."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, text

from storage.database import translate_errors

#: Arrival times never go back, so after a clock that was set back, or a database that was moved, they stand
#: still until it catches up: below this, in seconds, nobody needs to know. Nor of clocks that differ by less.
ALARM_SECONDS = 60

_AHEAD = text(
    "SELECT app_id, extract(epoch FROM last_received_at - clock_timestamp())::float8 AS seconds "
    "FROM app_ledger WHERE last_received_at > clock_timestamp() + :alarm * interval '1 second' "
    "ORDER BY app_id"
)
_CLOCK = text("SELECT clock_timestamp()")


def arrivals_ahead(engine: Engine) -> dict[int, float]:
    """Apps whose last arrival lies over a minute ahead of the clock, and by how many seconds.

    Raises Unavailable.
    """
    with translate_errors(), engine.connect() as conn:
        return {row.app_id: row.seconds for row in conn.execute(_AHEAD, {"alarm": ALARM_SECONDS})}


def seconds_ahead(engine: Engine, now: Callable[[], datetime]) -> float:
    """How far `now`, the clock of this machine, lies ahead of Postgres's clock; below 0: behind it.

    Read before and after the statement alone, and not the wait for a connection: the error is at most half of
    the way there and back. Raises Unavailable.
    """
    with translate_errors(), engine.connect() as conn:
        asked = now()
        clock: datetime = conn.execute(_CLOCK).scalar_one()
        answered = now()
    return (asked + (answered - asked) / 2 - clock).total_seconds()
