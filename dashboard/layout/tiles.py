"""The tiles: eight numbers, each with a word and a line of meaning."""

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.ids import tile_note, tile_value
from dashboard.layout.attributes import DECORATIVE, told_to_scripts
from dashboard.palette import LOOKS
from dashboard.view_models.tiles import Tile
from tracking_plan.verdict import Verdict

_LABELS = {
    Tile.RECEIVED: "Received",
    Tile.VALID: "Valid",
    Tile.INVALID: "Invalid",
    Tile.UNPLANNED: "Unplanned",
    Tile.DUPLICATE: "Duplicate",
    Tile.REJECTED: "Rejected",
    Tile.RATE: "Events per second",
    Tile.NEWEST: "Newest event",
}
_VERDICTS = {Tile[verdict.name]: verdict for verdict in LOOKS}
#: What a click on a tile shows below: events of that status, or the rejected ones.
_LISTED = {Tile.VALID: "status", Tile.INVALID: "status", Tile.UNPLANNED: "status", Tile.REJECTED: "tab"}


def tile_row() -> Component:
    """All tiles, without values yet."""
    return dmc.SimpleGrid(
        [_tile(tile) for tile in Tile], cols={"base": 2, "xs": 4, "lg": 8}, spacing="xs", verticalSpacing="xs"
    )


def _tile(tile: Tile) -> Component:
    listed = _LISTED.get(tile)
    content = [
        html.Span(_label(tile), className="lvd-tile-label"),
        html.Span(formats.NONE, id=tile_value(tile), className="lvd-tile-value"),
        html.Span("loading…", id=tile_note(tile), className="lvd-tile-note"),
    ]
    if listed is None:
        return html.Div(content, className="lvd-tile", style=_stripe(tile))
    return html.Button(
        content,
        className="lvd-tile lvd-tile-button",
        style=_stripe(tile),
        type="button",
        title=f"List the {tile} events below",
        **told_to_scripts(**{listed: tile.value}),
    )


def _label(tile: Tile) -> list[Component | str]:
    verdict = _VERDICTS.get(tile)
    return [*([mark(verdict)] if verdict is not None else []), _LABELS[tile]]


def _stripe(tile: Tile) -> dict[str, str]:
    verdict = _VERDICTS.get(tile)
    return {} if verdict is None else {"borderLeftColor": LOOKS[verdict].colour}


def mark(verdict: Verdict) -> Component:
    """A verdict's mark in its colour; the word must stand beside it."""
    look = LOOKS[verdict]
    return html.Span(look.mark, className=f"lvd-mark lvd-mark-{look.word}", **DECORATIVE)
