"""The page Rejected, put together."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats, links
from dashboard.exports.rejected import ExportForm
from dashboard.grid_rows import Json
from dashboard.ids import Ids
from dashboard.layout.attributes import labelled, told_to_scripts
from dashboard.layout.controls import app_choice
from dashboard.layout.drawer import drawer
from dashboard.layout.states import SAME_SERVER, SAME_STORE, banner, notices
from dashboard.time_ranges import ALL
from dashboard.view_models.rejected_groups import STEPS, GroupList, GroupRow
from dashboard.viewer import Viewer
from storage.readers import AppInfo

_GROUP_COLUMNS = ("Reason", "Times", "Different bytes", "First seen", "Last seen", "When last seen")
_ROW_COLUMNS = ("Last seen", "Times", "Reason", "Event", "What was wrong", "Raw bytes")
_FORMS = {ExportForm.JSON_LINES: "JSON lines", ExportForm.CSV: "CSV"}


@dataclass(frozen=True, slots=True)
class RejectsView:
    """What a URL of the page says, but for the app."""

    range_key: str
    #: Empty: every reason.
    reasons: tuple[str, ...]


def rejects_page(
    viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, view: RejectsView, tick_ms: int
) -> Component:
    """The page for one app; its data come with the first answer of the feed."""
    return html.Div(
        [
            html.H1("Rejected", className="lvd-hidden"),
            banner(),
            notices(),
            _controls(viewer, apps, chosen, view.range_key),
            html.Section(
                [
                    html.H2("Why events could not be stored", className="lvd-card-title"),
                    html.P(
                        "Nothing is thrown away: the bytes are kept. A click on a reason lists its events.",
                        className="lvd-dimmed",
                    ),
                    html.Div(id=Ids.REJECTS_GROUPS, className="lvd-drawn"),
                ],
                className="lvd-card lvd-fades",
            ),
            html.Section(
                [
                    html.H2("Send them again", className="lvd-card-title"),
                    html.Div(id=Ids.REJECTS_REPLAY),
                ],
                className="lvd-card",
            ),
            _list(),
            drawer(),
            dcc.Store(
                id=Ids.REJECTS_START,
                data={"names": {str(app.app_id): app.name for app in apps}, "reasons": list(view.reasons)},
            ),
            dcc.Store(id=Ids.REJECTS_VIEW),
            dcc.Store(id=Ids.OPENED),
            dcc.Interval(id=Ids.TICK, interval=tick_ms),
        ],
        id=Ids.REJECTS,
        className="lvd-page",
    )


def _controls(viewer: Viewer, apps: Sequence[AppInfo], chosen: AppInfo, range_key: str) -> Component:
    return html.Div(
        [
            app_choice(Ids.REJECTS_APP, apps, chosen),
            dmc.SegmentedControl(
                id=Ids.REJECTS_RANGE,
                data=[{"value": key, "label": "All" if key == ALL else key} for key in STEPS],
                value=range_key,
                **labelled("Time range"),
            ),
            html.Span(
                f"Times in {formats.zone_name(viewer.zone, viewer.now)}",
                id=Ids.REJECTS_ZONE,
                className="lvd-dimmed lvd-push",
            ),
        ],
        className="lvd-controls",
    )


def _list() -> Component:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Rejected events, last seen first", className="lvd-card-title"),
                    html.Div(id=Ids.REJECTS_EXPORT, className="lvd-drawer-bar lvd-push"),
                ],
                className="lvd-toolbar",
            ),
            html.Div(
                html.Table(
                    [_head(_ROW_COLUMNS), html.Tbody(id=Ids.REJECTS_LIST)], className="lvd-table lvd-rejects"
                ),
                className="lvd-issues-box",
                role="region",
                tabIndex=0,
                **labelled("Rejected events"),
            ),
            html.Div(
                [
                    html.Span("loading…", id=Ids.REJECTS_NOTE, role="status"),
                    dmc.Button(
                        "Load older", id=Ids.REJECTS_MORE, variant="default", size="xs", display="none"
                    ),
                    dmc.Button(
                        "Newest again", id=Ids.REJECTS_TOP, variant="default", size="xs", display="none"
                    ),
                ],
                className="lvd-footer",
            ),
        ],
        className="lvd-card lvd-lists lvd-fades",
    )


def group_table(groups: GroupList, chosen: tuple[str, ...]) -> list[Component]:
    """A row for each reason, which can be chosen."""
    note: list[Component] = [html.P(groups.note, className="lvd-relief")] if groups.note else []
    if not groups.rows:
        return note
    rows = [_group(row, chosen=row.reason in chosen) for row in groups.rows]
    table = html.Table([_head(_GROUP_COLUMNS), html.Tbody(rows)], className="lvd-table lvd-reject-groups")
    return [
        *note,
        html.Div(table, className="lvd-issues-box", tabIndex=0, role="region", **labelled("Reasons")),
    ]


def _group(row: GroupRow, *, chosen: bool) -> Component:
    choice = {"aria-pressed": "true" if chosen else "false"} | told_to_scripts(reason=row.reason)
    return html.Tr(
        [
            html.Th(
                [
                    html.Button(row.words, type="button", className="lvd-link lvd-reason", **choice),
                    html.Span(row.reason, className="lvd-mono lvd-dimmed lvd-reason-code"),
                ],
                scope="row",
            ),
            html.Td(row.times, className="lvd-figure"),
            html.Td(row.kinds, className="lvd-figure"),
            html.Td(row.first_seen, title=row.first_seen_utc, className="lvd-nowrap"),
            html.Td(row.last_seen, title=row.last_seen_utc, className="lvd-nowrap"),
            html.Td(
                html.Img(src=row.spark, alt=row.spark_words, title=row.spark_words, className="lvd-spark")
            ),
        ],
        className="lvd-chosen" if chosen else "",
        **told_to_scripts(key=row.reason),
    )


def list_rows(rows: Iterable[Json]) -> list[Component]:
    """Rows as dashboard.grid_rows.rejected_row makes them."""
    return [_row(row) for row in rows]


def _row(row: Json) -> Component:
    opens = told_to_scripts(rejected=row["id"]) | labelled(f"Open the event last seen {row['last_seen']}")
    return html.Tr(
        [
            html.Th(
                html.Button(row["last_seen"], type="button", className="lvd-link lvd-nowrap", **opens),
                scope="row",
                title=row["last_seen_utc"],
            ),
            html.Td(formats.number(row["count"]), className="lvd-figure"),
            html.Td(row["reason"], className="lvd-mono lvd-nowrap"),
            html.Td(row["name"] or formats.NONE),
            html.Td(row["message"]),
            html.Td(html.Span(row["raw"], className="lvd-raw lvd-mono")),
        ],
        **told_to_scripts(key=row["id"]),
    )


def _head(columns: Iterable[str]) -> Component:
    return html.Thead(html.Tr([html.Th(title, scope="col") for title in columns]))


def export_links(app_id: int, range_key: str, reasons: tuple[str, ...], groups: GroupList) -> list[Component]:
    """Downloads of all that the view lists; none of nothing."""
    if not groups.rows:
        return []
    return [
        html.A(
            f"Export {label}",
            href=links.rejected_export(app_id, form.value, range_key, reasons),
            className="lvd-small-button",
            **told_to_scripts(download=form.value),
        )
        for form, label in _FORMS.items()
    ]


def replay_words(app: str, reasons: tuple[str, ...], groups: GroupList) -> list[Component]:
    """The command that sends the chosen events again, and what it does."""
    if not groups.rows:
        return [html.P("There is nothing to send again.", className="lvd-dimmed")]
    may_pass = [row.words for row in groups.rows if row.may_pass and (not reasons or row.reason in reasons)]
    command = " ".join(
        [
            "lvd replay --app",
            shlex.quote(app),
            "--key YOUR_KEY",
            *(f"--reason {reason}" for reason in reasons),
        ]
    )
    return [
        html.P(_prospect(may_pass, reasons), className="lvd-dimmed"),
        html.Div(
            [
                html.Pre(command, className="lvd-code", id="replay-command"),
                html.Button(
                    "Copy", type="button", className="lvd-small-button", **told_to_scripts(copy="replay")
                ),
            ],
            className="lvd-replay",
        ),
        html.P(
            "It reads the kept bytes, leaves out what would be rejected again, and sends the rest to the"
            " ingest server as their producer did: what is stored already is answered as a duplicate."
            " With --dry-run it only tells.",
            className="lvd-dimmed",
        ),
        html.P(f"{SAME_STORE} {SAME_SERVER}", className="lvd-dimmed"),
    ]


def _prospect(may_pass: Sequence[str], reasons: tuple[str, ...]) -> str:
    if may_pass:
        return f"After a change of the plan, the limits or the clock these may pass: {', '.join(may_pass)}."
    if reasons:
        return "The bytes themselves are at fault: they pass only after a newer version reads them."
    return "Nothing here depends on the plan, the limits or the clock: the bytes themselves are at fault."
