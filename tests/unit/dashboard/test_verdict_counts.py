"""Adding up counts, and the tiles they fill."""

from datetime import UTC, datetime, timedelta

from dashboard.counting import SHOWN, Bars, Counts, add_counts, bars_of, counts_of, join_bars
from dashboard.formats import NONE
from dashboard.view_models.tiles import Tile, TileText, tiles
from storage.model import Ledger
from storage.readers import Rate, Series, Totals
from tracking_plan.verdict import Verdict

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
LEDGER = Ledger(1, 1, 7, 1, 90, NOW, 1)
EACH = {verdict: 10 + verdict for verdict in Verdict}


def test_an_id_conflict_counts_as_a_rejection() -> None:
    counts = counts_of(Totals(LEDGER, EACH))
    assert counts.by_verdict[Verdict.REJECTED] == EACH[Verdict.REJECTED] + EACH[Verdict.ID_CONFLICT]
    assert counts.received == sum(counts.by_verdict.values()) == sum(EACH.values())


def test_ranges_add_up_verdict_by_verdict() -> None:
    one = counts_of(Totals(LEDGER, EACH))
    assert add_counts([]) == Counts.none()
    assert add_counts([one, Counts.none(), one]) == Counts(
        2 * one.received, {verdict: 2 * count for verdict, count in one.by_verdict.items()}
    )


def test_bars_that_follow_each_other_are_joined_in_order() -> None:
    step = timedelta(minutes=5)

    def bars(start: datetime, base: int) -> Bars:
        counts = {verdict: (base, base + verdict) for verdict in Verdict}
        return bars_of(Series(step, (start, start + step), counts))

    joined = join_bars([bars(NOW, 0), bars(NOW + 2 * step, 100)], step)
    assert joined.starts == tuple(NOW + i * step for i in range(4))
    assert joined.by_verdict[Verdict.INVALID] == (0, 1, 100, 101)
    assert joined.by_verdict[Verdict.REJECTED] == (0, 9, 200, 209)


def test_the_tiles_tell_counts_and_shares_of_what_was_judged() -> None:
    by_verdict = dict(zip(SHOWN, (970, 20, 0, 1_000, 10), strict=True))
    texts = {
        text.tile: text
        for text in tiles(Counts(2_000, by_verdict), Rate(12.34, NOW - timedelta(seconds=75), NOW))
    }
    assert list(texts) == list(Tile)
    assert texts[Tile.RECEIVED].value == "2,000"
    assert texts[Tile.VALID] == TileText(Tile.VALID, "97.0 %", "970 valid")
    assert texts[Tile.INVALID] == TileText(Tile.INVALID, "20", "2.0 % of judged")
    assert texts[Tile.UNPLANNED] == TileText(Tile.UNPLANNED, "0", "0 % of judged")
    assert texts[Tile.REJECTED] == TileText(Tile.REJECTED, "10", "1.0 % of judged")
    assert texts[Tile.DUPLICATE] == TileText(Tile.DUPLICATE, "1,000", "50.0 % of received")
    assert texts[Tile.RATE] == TileText(Tile.RATE, "12.3", "over the last minute")
    assert texts[Tile.NEWEST] == TileText(Tile.NEWEST, "1 min", "ago")


def test_an_app_without_events_has_tiles_without_shares() -> None:
    texts = {text.tile: text for text in tiles(Counts.none(), Rate(0.0, None, NOW))}
    assert texts[Tile.VALID].value == NONE
    assert texts[Tile.INVALID] == TileText(Tile.INVALID, "0", NONE)
    assert texts[Tile.NEWEST] == TileText(Tile.NEWEST, NONE, "no event yet")
