"""Whether clocks can be trusted: Postgres's, which decides everything, by arrivals and by our own."""

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


def arrivals_ahead(engine: Engine) -> dict[int, float]:
    """Apps whose last arrival lies over a minute ahead of the clock, and by how many seconds.

    Raises Unavailable.
    """
    with translate_errors(), engine.connect() as conn:
        return {row.app_id: row.seconds for row in conn.execute(_AHEAD, {"alarm": ALARM_SECONDS})}


def seconds_ahead(engine: Engine, now: datetime) -> float:
    """How far `now`, by the clock of this machine, lies ahead of Postgres's clock; below 0: behind it.

    Raises Unavailable.
    """
    with translate_errors(), engine.connect() as conn:
        clock: datetime = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    return (now - clock).total_seconds()
