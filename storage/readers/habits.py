"""How regularly the events of each name came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from storage.readers.ledgers import read_ledger
from tracking_plan.verdict import STORED

#: By rollup_hour_pkey: the hours of a week.
_HABITS = text(
    "SELECT name, count(*), min(hour), max(hour) FROM ("
    "SELECT name, hour FROM rollup_hour WHERE app_id = :app_id AND hour >= now() - interval '7 days'"
    " AND status = ANY(:statuses) GROUP BY name, hour) AS active GROUP BY name"
)
_CLOCK = text("SELECT now()")


@dataclass(frozen=True, slots=True)
class Habit:
    """In which hours of the last week events of one name were stored."""

    name: str
    #: How many hours had some.
    hours: int
    first_hour: datetime
    last_hour: datetime


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of an app's events by Postgres's clock `now`, by name."""

    habits: tuple[Habit, ...]
    now: datetime


def read_habits(conn: Connection, app_id: int) -> Habits:
    """The last week by hours. Raises NotFound."""
    read_ledger(conn, app_id)
    parameters = {"app_id": app_id, "statuses": [int(status) for status in STORED]}
    found = sorted((Habit(*row) for row in conn.execute(_HABITS, parameters)), key=lambda habit: habit.name)
    return Habits(tuple(found), conn.execute(_CLOCK).scalar_one())
