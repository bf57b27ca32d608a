"""Between arrival time and seq, by `app_minute`; and the arithmetic of whole minutes."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from storage.errors import BadRequest

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Bounds of what may be asked for; room is left for rounding.
_EARLIEST, _LATEST = EPOCH, datetime(9000, 1, 1, tzinfo=UTC)

#: The minute in which each seq arrived: the last one that began with it or before. Minutes and seqs rise
#: together. By app_minute_by_seq, one row of it for each.
_MINUTES_OF = text("""
SELECT wanted.seq, found.minute
FROM unnest(CAST(:seqs AS bigint[])) AS wanted (seq), LATERAL (
    SELECT minute FROM app_minute
    WHERE app_id = :app_id AND first_seq <= wanted.seq
    ORDER BY first_seq DESC LIMIT 1) AS found
""")

#: First and last seq of a range of minutes: by app_minute_pkey, from both ends inwards to the first minute
#: that stored an event.
_SEQS_OF = text("""
SELECT
    (SELECT first_seq FROM app_minute WHERE app_id = :app_id AND minute >= :start AND minute < :end
     AND first_seq IS NOT NULL ORDER BY minute LIMIT 1),
    (SELECT last_seq FROM app_minute WHERE app_id = :app_id AND minute >= :start AND minute < :end
     AND last_seq IS NOT NULL ORDER BY minute DESC LIMIT 1)
""")


def floor(at: datetime, step: timedelta) -> datetime:
    """The last multiple of `step` since 1970 that is not after `at`."""
    return at - (at - EPOCH) % step


def ceiling(at: datetime, step: timedelta) -> datetime:
    """The first multiple of `step` since 1970 that is not before `at`."""
    return at + (EPOCH - at) % step


def check_range(start: datetime | None, end: datetime | None) -> None:
    """Raises BadRequest unless both are whole minutes of aware times."""
    for side, at in (("start", start), ("end", end)):
        if at is None:
            continue
        if at.utcoffset() is None:
            raise BadRequest(f"{side} has no time zone: give it in UTC")
        if not _EARLIEST <= at <= _LATEST:
            raise BadRequest(f"{side} lies outside the years {_EARLIEST.year} to {_LATEST.year}")
        if at != floor(at, MINUTE):
            raise BadRequest(f"{side} is no whole minute: ranges of arrival are counted in minutes")


def minutes_of(conn: Connection, app_id: int, seqs: Iterable[int]) -> dict[int, datetime]:
    """The minutes in which stored rows arrived, by their seqs; each lies in the app's first … last seq.

    Every such seq has its minute: rows, minutes and ledger are written in one transaction, and retention
    raises the first seq before it takes minutes.
    """
    wanted = sorted(set(seqs))
    rows = conn.execute(_MINUTES_OF, {"app_id": app_id, "seqs": wanted})
    return {row.seq: row.minute for row in rows}


def seqs_of(conn: Connection, app_id: int, start: datetime, end: datetime) -> tuple[int, int] | None:
    """First and last seq that arrived in the minutes [start, end); None: none did."""
    first, last = conn.execute(_SEQS_OF, {"app_id": app_id, "start": start, "end": end}).one()
    return None if first is None else (first, last)
