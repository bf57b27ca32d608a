"""How regularly the events of each name came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from storage.readers.ledgers import read_ledger
from tracking_plan.verdict import STORED

#: By rollup_hour_pkey: the hours of two weeks. `due`: hours a week before the event's silence.
_HABITS = text("""
WITH active AS MATERIALIZED (
    SELECT name, hour FROM rollup_hour WHERE app_id = :app_id AND hour >= now() - interval '14 days'
    AND status = ANY(:statuses) GROUP BY name, hour
), known AS (
    SELECT name, count(*) AS hours, min(hour) AS first, max(hour) AS last FROM active GROUP BY name
)
SELECT known.*, CASE WHEN first < now() - interval '7 days' THEN coalesce(due, 0) END
FROM known LEFT JOIN (
    SELECT name, count(*) AS due FROM active JOIN known USING (name)
    WHERE hour > last - interval '7 days' AND hour < now() - interval '7 days' GROUP BY name
) AS week_before USING (name)
""")
_CLOCK = text("SELECT now()")


@dataclass(frozen=True, slots=True)
class Habit:
    """In which hours of the last two weeks events of one name were stored."""

    name: str
    #: How many hours had some.
    hours: int
    first_hour: datetime
    last_hour: datetime
    #: How many hours had some a week before the time since `last_hour`; None: it is not known for so long.
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of an app's events by Postgres's clock `now`, by name."""

    habits: tuple[Habit, ...]
    now: datetime


def read_habits(conn: Connection, app_id: int) -> Habits:
    """The last two weeks by hours. Raises NotFound."""
    read_ledger(conn, app_id)
    parameters = {"app_id": app_id, "statuses": [int(status) for status in STORED]}
    found = sorted((Habit(*row) for row in conn.execute(_HABITS, parameters)), key=lambda habit: habit.name)
    return Habits(tuple(found), conn.execute(_CLOCK).scalar_one())
