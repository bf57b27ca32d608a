"""Tables and figures of pages whose body the server words as a whole."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.layout.attributes import labelled

Cell = Component | str


def card(title: str, *content: Component, note: str | Sequence[Cell] = "") -> Component:
    """A titled part of a page."""
    notes = [html.P(note, className="lvd-dimmed")] if note else []
    return html.Section(
        [html.H2(title, className="lvd-card-title"), *notes, *content], className="lvd-card lvd-report-card"
    )


def table(
    label: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    empty: str,
    numbers: Sequence[str] = (),
) -> Component:
    """Rows below named columns, the first of which names its row; `empty` stands where there are none.

    `numbers` are the columns that are set to the right.
    """
    if not rows:
        return html.P(empty, className="lvd-dimmed")
    looks = ["lvd-right" if column in numbers else "" for column in columns]
    head = [html.Th(name, scope="col", className=look) for name, look in zip(columns, looks, strict=True)]
    return html.Div(
        html.Table(
            [html.Thead(html.Tr(head)), html.Tbody([_row(row, looks) for row in rows])],
            className="lvd-table lvd-report-table",
        ),
        className="lvd-table-box lvd-report-box",
        tabIndex=0,
        role="region",
        **labelled(label),
    )


def _row(row: Sequence[Cell], looks: Sequence[str]) -> Component:
    first, *rest = zip(row, looks, strict=True)
    return html.Tr(
        [
            html.Th(first[0], scope="row", className=first[1]),
            *(html.Td(value, className=look) for value, look in rest),
        ]
    )


def figure(label: str, value: str, note: str) -> Component:
    """A number with its name and a line that gives it meaning."""
    return html.Div(
        [
            html.Span(label, className="lvd-tile-label"),
            html.Span(value, className="lvd-tile-value"),
            html.Span(note, className="lvd-tile-note", title=note),
        ],
        className="lvd-tile",
    )


def figures(tiles: Sequence[Component]) -> Component:
    """A row of figures."""
    columns = {"base": 2, "xs": 4, "lg": len(tiles)}
    return dmc.SimpleGrid(tiles, cols=columns, spacing="xs", verticalSpacing="xs")
