"""The tiles: an app's state in eight numbers; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dashboard import formats
from dashboard.counting import Counts
from storage.readers import Rate
from tracking_plan.verdict import Verdict


class Tile(StrEnum):
    """The tiles in their order on the page."""

    RECEIVED = "received"
    VALID = "valid"
    INVALID = "invalid"
    UNPLANNED = "unplanned"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    RATE = "rate"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class TileText:
    """What a tile shows: the number, and a line that gives it meaning."""

    tile: Tile
    value: str
    note: str


def tiles(counts: Counts, rate: Rate) -> Iterable[TileText]:
    """Every tile, in order."""
    yield TileText(Tile.RECEIVED, formats.number(counts.received), "in this range")
    yield _valid(counts)
    yield from (
        _share(tile, counts) for tile in (Tile.INVALID, Tile.UNPLANNED, Tile.DUPLICATE, Tile.REJECTED)
    )
    yield TileText(Tile.RATE, formats.rate(rate.per_second), "over the last minute")
    yield _newest(rate)


def _valid(counts: Counts) -> TileText:
    """Valid events as a share of those that were judged."""
    valid = counts.by_verdict[Verdict.VALID]
    return TileText(Tile.VALID, formats.percent(valid, counts.judged), f"{formats.number(valid)} valid")


def _share(tile: Tile, counts: Counts) -> TileText:
    count = counts.by_verdict[Verdict[tile.name]]
    repeats = tile is Tile.DUPLICATE
    whole, words = (counts.received, "of received") if repeats else (counts.judged, "of judged")
    note = f"{formats.percent(count, whole)} {words}" if whole else formats.NONE
    return TileText(tile, formats.number(count), note)


def _newest(rate: Rate) -> TileText:
    if rate.last_received_at is None:
        return TileText(Tile.NEWEST, formats.NONE, "no event yet")
    age = rate.now - rate.last_received_at
    return TileText(Tile.NEWEST, formats.duration(age.total_seconds()), "ago")
