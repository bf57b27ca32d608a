"""Where rows of `event` are looked for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from storage.readers.minutes import DAY, MINUTE, ceiling, floor, minutes_of
from storage.readers.spans import Window


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where to look: seqs of one app, both ends included, of which those count that arrived in [start, end).

    Only the days of the times prune partitions; the seqs are to be as narrow as the times.
    """

    app_id: int
    first_seq: int
    last_seq: int
    start: datetime
    end: datetime


def stretch_of(conn: Connection, app_id: int, first_seq: int, last_seq: int) -> Stretch:
    """The stretch between two stored rows."""
    minutes = minutes_of(conn, app_id, (first_seq, last_seq))
    return Stretch(app_id, first_seq, last_seq, minutes[first_seq], minutes[last_seq] + MINUTE)


def days_of(stretch: Stretch) -> Window:
    """The partitions of a stretch. In whole days: a narrower range would prune no more, and would make the
    planner believe that so few rows are left that reading all of a partition's keys for them is cheap."""
    return floor(stretch.start, DAY), ceiling(stretch.end, DAY)
