"""Events by hours as a table: the share of invalid ones as text, in a colour that grows with it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from dashboard.layout.attributes import labelled
from dashboard.view_models.heatmap import LEVELS, HeatCell, HeatColumn, Heatmap, HeatRow


def heat_table(heat: Heatmap) -> Component:
    """The map with its legend; a sentence where it has no rows."""
    if not heat.rows:
        return html.P(heat.note, className="lvd-relief")
    return html.Div(
        [
            html.Div(
                html.Table(
                    [
                        html.Caption(f"Invalid events in per cent, per {heat.unit}", className="lvd-hidden"),
                        html.Thead(html.Tr([html.Td(), *map(_column, heat.columns)])),
                        html.Tbody([_row(row) for row in heat.rows]),
                    ],
                    className="lvd-heat",
                ),
                className="lvd-heat-box",
                tabIndex=0,
                role="region",
                **labelled("Invalid events per event and time; scrolls sideways"),
            ),
            html.Div([*_legend(heat.unit), html.Span(heat.note)], className="lvd-heat-legend lvd-dimmed"),
        ]
    )


def _column(column: HeatColumn) -> Component:
    return html.Th(
        [html.Span(column.day, className="lvd-heat-day"), html.Span(column.label)],
        scope="col",
    )


def _row(row: HeatRow) -> Component:
    return html.Tr(
        [html.Th(row.title, scope="row", title=row.title), *(html.Td(_cell(cell)) for cell in row.cells)]
    )


def _cell(cell: HeatCell) -> Component:
    look = f"lvd-heat-cell lvd-heat-{cell.level}"
    if cell.href:
        return html.A(cell.text, href=cell.href, title=cell.title, className=look)
    return html.Span(
        cell.text, title=cell.title, className=look if cell.text else "lvd-heat-cell lvd-heat-none"
    )


def _legend(unit: str) -> Iterable[Component]:
    yield html.Span(f"Invalid per {unit}, in %:")
    for level, words in enumerate(_level_words(LEVELS)):
        yield html.Span(words, className=f"lvd-heat-cell lvd-heat-{level}")


def _level_words(levels: Sequence[float]) -> Iterable[str]:
    """What each level stands for: `0`, `<1`, `1 to 5`, …, `≥50`."""
    ends = [f"{100 * begin:g}" for begin in levels[1:]]
    yield "0"
    yield f"<{ends[0]}"
    yield from (f"{begin} to {end}" for begin, end in pairwise(ends))
    yield f"≥{ends[-1]}"
