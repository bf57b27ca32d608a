"""Whether an app's arrivals run ahead of Postgres's clock: it was set back, or the database was moved."""

from sqlalchemy import Engine, text

from storage.database import translate_errors

#: Arrival times never go back, so after a clock that was set back they stand still until it catches up: below
#: this, in seconds, nobody needs to know.
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
