"""What is kept of minutes that never change, until retention takes them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from dashboard.cache import Cache
from dashboard.cached_reader import CachedReader
from dashboard.health import Health
from dashboard.time_ranges import TimeRange
from storage.model import Ledger
from storage.readers import Reader, Series, Totals
from tracking_plan.verdict import Verdict

NOW = datetime(2026, 5, 10, 12, 30, tzinfo=UTC)
ALL = TimeRange()


class Rollups:
    """Stands for the reader of an app that fell silent: one event came on each day that is kept."""

    def __init__(self) -> None:
        self.days = [NOW - timedelta(days=day) for day in (3, 2, 1)]
        self.reads = 0
        self._ledger = Ledger(1, 1, 10, 1, 3, self.days[-1], 0)

    def ledger(self, _app_id: int) -> Ledger:
        return self._ledger

    def drop_a_day(self) -> None:
        """As retention does."""
        self.days.pop(0)
        before = self._ledger
        self._ledger = replace(before, version=before.version + 1, first_seq=before.first_seq + 1)

    def totals(self, _app_id: int, start: datetime | None, end: datetime | None) -> Totals:
        self.reads += 1
        held = sum((not start or day >= start) and (not end or day < end) for day in self.days)
        return Totals(self._ledger, {verdict: held * (verdict is Verdict.VALID) for verdict in Verdict})

    def first_hour(self, _app_id: int) -> datetime:
        return self.days[0]

    def series(self, _app_id: int, start: datetime, end: datetime, step: timedelta) -> Series:
        starts = tuple(start + number * step for number in range((end - start) // step))
        return Series(step, starts, {verdict: (0,) * len(starts) for verdict in Verdict})


@pytest.fixture
def rollups() -> Rollups:
    return Rollups()


@pytest.fixture
def reader(rollups: Rollups, tmp_path: Path) -> Iterator[CachedReader]:
    cache = Cache(tmp_path)
    yield CachedReader(cast(Reader, rollups), cache, Health(lambda: NOW), 0)
    cache.close()


def test_what_retention_took_is_counted_no_more(rollups: Rollups, reader: CachedReader) -> None:
    assert [reader.counts(1, ALL).received for _ in range(2)] == [3, 3]
    assert rollups.reads == 2, "of the closed minutes, and of the open one"
    rollups.drop_a_day()
    assert reader.counts(1, ALL).received == 2


def test_bars_begin_with_the_first_day_that_is_kept(rollups: Rollups, reader: CachedReader) -> None:
    assert reader.bars(1, ALL, NOW).starts[0].date() == rollups.days[0].date()
    rollups.drop_a_day()
    assert reader.bars(1, ALL, NOW).starts[0].date() == rollups.days[0].date()
