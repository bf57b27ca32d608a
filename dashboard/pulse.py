"""An app in a few figures for the page that shows all of them: read once for all viewers."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.cached_reader import CachedReader
from dashboard.counting import Bars, Counts
from dashboard.time_ranges import DAY, HOUR, MINUTE, TimeRange, floor
from storage.issues import Standing
from storage.model import Ledger
from storage.readers import AppInfo, Coverage, Rate

#: How long coverage, and the number of issues, may lag behind the counts, in seconds.
_COVERAGE_MAX_AGE = 30.0
_ISSUES_MAX_AGE = 10.0
#: A rate is over the last minute: after two without an arrival it is zero.
_STILL_AFTER = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Pulse:
    """How an app fares now."""

    app: AppInfo
    rate: Rate
    #: The last 60 minutes, the present one included.
    bars: Bars
    #: The same minutes a day before, the present one excluded.
    yesterday: Counts
    #: Of the last 24 hours, begun on the hour.
    coverage: Coverage
    open_issues: int


def read_pulse(reader: CachedReader, app: AppInfo, now: datetime) -> Pulse:
    """The app's figures; an app that never received an event costs no query."""
    ledger = app.ledger
    last_hour = TimeRange(floor(now, MINUTE) + MINUTE - HOUR, floor(now, MINUTE) + MINUTE)
    yesterday = TimeRange(floor(now, MINUTE) + MINUTE - HOUR - DAY, floor(now, MINUTE) - DAY)
    return Pulse(
        app,
        _rate(reader, ledger, now),
        reader.bars_at(ledger, last_hour, now),
        reader.counts_at(ledger, yesterday),
        reader.coverage_at(ledger, floor(now, HOUR) - DAY, _COVERAGE_MAX_AGE),
        _open_issues(reader, ledger),
    )


def _rate(reader: CachedReader, ledger: Ledger, now: datetime) -> Rate:
    at = ledger.last_received_at
    if at is None or now - at > _STILL_AFTER:
        return Rate(0.0, at, now)
    return reader.rate(ledger.app_id)


def _open_issues(reader: CachedReader, ledger: Ledger) -> int:
    if ledger.last_received_at is None:
        return 0
    issues = reader.issues_at(ledger, _ISSUES_MAX_AGE).issues
    return sum(issue.standing is Standing.OPEN for issue in issues)
