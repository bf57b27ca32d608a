"""The page Overview: every app as a row of a table; on narrow screens as a card."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.ids import Ids
from dashboard.layout.attributes import DECORATIVE, told_to_scripts
from dashboard.layout.states import banner
from dashboard.view_models.overview import ORDER_WORDS, SILENT_WORDS, WORST_WORDS, AppRow, Attention, Fact
from dashboard.view_models.worst_issue import Worst
from dashboard.viewer import Viewer

#: Each is named in the table's head, and on narrow screens beside its figure.
_COLUMNS = ("Now", "Last hour", "Valid", "Coverage, 24 h", "Open issues", "Newest event")
_MARKS = {
    Attention.SILENT: "■",
    Attention.MANY_NOT_VALID: "▲",
    Attention.SOME_NOT_VALID: "▲",
    Attention.FEW_NOT_VALID: "△",
    Attention.OPEN_ISSUES: "△",
    Attention.HEALTHY: "✓",
    Attention.IDLE: "·",
    Attention.EMPTY: "·",
}


def overview_page(viewer: Viewer, tick_ms: int) -> Component:
    """The frame; its rows come with the first answer of the feed."""
    return html.Div(
        [
            html.H1("Overview", className="lvd-hidden"),
            banner(),
            html.Div(
                html.Span(
                    f"Times in {formats.zone_name(viewer.zone, viewer.now)}", className="lvd-dimmed lvd-push"
                ),
                className="lvd-controls",
            ),
            html.Div(id=Ids.OVERVIEW_BODY, className="lvd-page lvd-drawn lvd-fades"),
            dcc.Store(id=Ids.OVERVIEW_START, data=True),
            dcc.Store(id=Ids.OVERVIEW_OPENED),
            dcc.Interval(id=Ids.TICK, interval=tick_ms),
        ],
        id=Ids.OVERVIEW,
        className="lvd-page",
    )


def overview_body(rows: Sequence[AppRow]) -> list[Component]:
    """The apps in the order given, and why it is that one."""
    head = html.Tr([html.Th(title, scope="col") for title in ("App", *_COLUMNS)])
    return [
        html.P(ORDER_WORDS, title=f"Silent: {SILENT_WORDS}", className="lvd-dimmed"),
        html.Table(
            [html.Thead(head), html.Tbody([_row(row) for row in rows])],
            className="lvd-table lvd-overview lvd-card",
        ),
    ]


def _row(row: AppRow) -> Component:
    rate, received, valid, coverage, issues, newest = _COLUMNS
    return html.Tr(
        [
            html.Th(
                [
                    html.A(row.title, href=row.live, className="lvd-app-name"),
                    _state(row),
                    *([_worst(row.worst)] if row.worst else []),
                ],
                scope="row",
            ),
            _cell(rate, *_fact(row.rate)),
            _cell(
                received,
                html.Img(src=row.spark, alt=row.spark_words, title=row.spark_words, className="lvd-spark"),
                *_fact(row.received),
            ),
            _cell(valid, *_fact(row.valid)),
            _cell(coverage, *_fact(row.coverage)),
            _cell(issues, html.A(row.open_issues, href=row.issues, className="lvd-app-figure")),
            _cell(newest, *_fact(row.newest), title=row.newest_utc),
        ],
        className=f"lvd-app lvd-app-{row.attention.name.lower()}",
        **told_to_scripts(key=row.live),
    )


def _state(row: AppRow) -> Component:
    mark = html.Span(_MARKS[row.attention], className="lvd-app-mark", **DECORATIVE)
    title = f"Silent: {SILENT_WORDS}" if row.attention is Attention.SILENT else ""
    return html.Span([mark, row.state], className="lvd-app-state", title=title)


def _worst(worst: Worst) -> Component:
    return html.A(
        [
            html.Span([html.B(worst.title), f" {worst.what}"], className="lvd-app-worst-what"),
            html.Span(worst.since, className="lvd-app-note"),
        ],
        href=worst.href,
        title=f"{WORST_WORDS}. Opens the issues of this event",
        className="lvd-app-worst",
    )


def _cell(column: str, *content: Component, title: str = "") -> Component:
    return html.Td(list(content), title=title, **told_to_scripts(column=column))


def _fact(fact: Fact) -> tuple[Component, Component]:
    return (
        html.Span(fact.value, className="lvd-app-figure"),
        html.Span(fact.note, className="lvd-app-note"),
    )
