"""Issues as a reader gives them, for tests of what is made of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from storage.issues import IssueKey, Standing, Statement
from storage.model import Ledger, Source
from storage.readers import Issue, Issues, SourceInfo

#: A minute of a day on which every zone of the tests has its winter time.
NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
NAME = "Order Completed"
WRONG = IssueKey(NAME, "/total", "wrong_type")
LEDGER = Ledger(1, 1, 7, 1, 1_000, NOW, 1)


def issue(
    key: IssueKey = WRONG,
    *,
    by_source: Mapping[int, int] | None = None,
    first: datetime = NOW - timedelta(days=3),
    last: datetime = NOW - timedelta(minutes=5),
    said: Statement | None = None,
) -> Issue:
    """An issue whose last event is number 900."""
    counts = by_source or {1: 10}
    return Issue(key, sum(counts.values()), first, last, 900, counts, said)


def statement(standing: Standing, at: datetime = NOW, reason: str = "", who: str = "") -> Statement:
    """What was said of an issue."""
    return Statement(standing, reason, who, at)


def issues(*found: Issue, sources: Mapping[int, SourceInfo] | None = None, **sent: int) -> Issues:
    """Issues; `sent`: events of NAME by the program, `s1=100` for number 1."""
    by_source = {int(source.removeprefix("s")): count for source, count in sent.items()}
    return Issues(LEDGER, found, len(found), sources or {}, {NAME: by_source})


def source(number: int, version: str, platform: str = "android", environment: str = "prod") -> SourceInfo:
    """A program; the higher its number, the later it came."""
    made_by = Source("sdk/1", version, platform, environment)
    return SourceInfo(number, made_by, NOW - timedelta(days=30 - number))
