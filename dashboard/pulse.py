"""An app in a few figures for the page that shows all of them: read once for all viewers."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.cached_reader import CachedReader
from dashboard.counting import Bars, Counts
from dashboard.time_ranges import DAY, HOUR, MINUTE, TimeRange, floor, history
from storage.issues import Standing
from storage.model import Ledger
from storage.readers import AppInfo, Coverage, Issue, IssueBar, Issues, Rate

#: How long coverage, and the issues, may lag behind the counts, in seconds.
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
    #: None: the app never received an event.
    issues: Issues | None
    #: Violations by the hour, of the last 24; empty where there is no issue.
    history: tuple[IssueBar, ...]

    @property
    def open_issues(self) -> tuple[Issue, ...]:
        """Those that nobody resolved or muted."""
        found = self.issues.issues if self.issues else ()
        return tuple(issue for issue in found if issue.standing is Standing.OPEN)


def read_pulse(reader: CachedReader, app: AppInfo, now: datetime) -> Pulse:
    """The app's figures; an app that never received an event costs no query."""
    ledger = app.ledger
    last_hour = TimeRange(floor(now, MINUTE) + MINUTE - HOUR, floor(now, MINUTE) + MINUTE)
    yesterday = TimeRange(floor(now, MINUTE) + MINUTE - HOUR - DAY, floor(now, MINUTE) - DAY)
    issues = reader.issues_at(ledger, _ISSUES_MAX_AGE) if ledger.last_received_at else None
    return Pulse(
        app,
        _rate(reader, ledger, now),
        reader.bars_at(ledger, last_hour, now),
        reader.counts_at(ledger, yesterday),
        reader.coverage_at(ledger, floor(now, HOUR) - DAY, _COVERAGE_MAX_AGE),
        issues,
        reader.issue_bars_at(ledger, history("24h", now), _ISSUES_MAX_AGE).issues
        if issues and issues.issues
        else (),
    )


def _rate(reader: CachedReader, ledger: Ledger, now: datetime) -> Rate:
    at = ledger.last_received_at
    if at is None or now - at > _STILL_AFTER:
        return Rate(0.0, at, now)
    return reader.rate(ledger.app_id)
