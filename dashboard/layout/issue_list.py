"""The list of issues: a row for each, with what can be done about it."""

from collections.abc import Iterable

import orjson
from dash import html
from dash.development.base_component import Component

from dashboard.ids import Ids
from dashboard.issues_view import IssuesView
from dashboard.layout.attributes import labelled, told_to_scripts
from dashboard.view_models.issues import IssueList, IssueRow
from storage.issues import IssueKey, Standing

_COLUMNS = ("Issue", "App versions", "Over time", "Events", "Share", "First seen", "Last seen", "Actions")


def issue_table() -> Component:
    """The table; its rows come with the feed."""
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(title, scope="col") for title in _COLUMNS])),
                html.Tbody(id=Ids.ISSUES_ROWS),
            ],
            className="lvd-table lvd-issues",
        ),
        id=Ids.ISSUES_TABLE,
        className="lvd-issues-box",
        role="region",
        **labelled("Issues"),
    )


def issue_rows(found: IssueList, *, may_edit: bool) -> list[Component]:
    """The rows of the list; who may not edit is offered nothing that changes an issue."""
    return [_row(row, may_edit=may_edit) for row in found.rows]


def nothing_to_list(found: IssueList, view: IssuesView, *, any_events: bool) -> str:
    """Why there is no row, and what to do about it; "" where there are some."""
    if found.rows:
        return ""
    if not any_events:
        return "No events yet: the page Live shows how to send the first one."
    if view.names or view.kinds:
        return f"No {view.standing} issue matches the filters."
    if view.standing is Standing.OPEN:
        broke = "Every issue is resolved or muted." if any(found.by_standing.values()) else ""
        return broke or "No event of this app ever broke its plan, as far as its events are kept."
    how = {Standing.RESOLVED: "Resolve", Standing.MUTED: "Mute"}[view.standing]
    return f"No issue is {view.standing}. “{how}” beside an open issue puts it here."


def _row(row: IssueRow, *, may_edit: bool) -> Component:
    return html.Tr(
        [
            html.Th(_title(row), scope="row"),
            html.Td([html.Span(line, title=hint, className="lvd-issue-line") for line, hint in row.versions]),
            html.Td(
                html.Img(src=row.spark, alt=row.spark_words, title=row.spark_words, className="lvd-spark")
            ),
            html.Td(row.count, className="lvd-figure"),
            html.Td(row.share, className="lvd-figure"),
            html.Td(row.first_seen, title=row.first_seen_utc, className="lvd-nowrap"),
            html.Td(row.last_seen, title=row.last_seen_utc, className="lvd-nowrap"),
            html.Td(list(_actions(row, may_edit=may_edit)), className="lvd-issue-actions"),
        ],
        **told_to_scripts(key=_identity(row.key)),
    )


def _title(row: IssueRow) -> list[Component]:
    said = [html.Span(row.said, className="lvd-issue-said")] if row.said else []
    return [
        html.A(row.title, href=row.events, className="lvd-issue-name", title="List the events that show it"),
        html.Span(row.what, className="lvd-issue-what"),
        *said,
    ]


def _actions(row: IssueRow, *, may_edit: bool) -> Iterable[Component]:
    yield html.A("Example", href=row.example, title="Open the last event that shows it")
    if not may_edit:
        return
    if row.standing is Standing.OPEN:
        yield _button(row, "Resolve", "resolved", "It opens by itself when it comes back")
        yield _button(row, "Mute…", "mute", "Put it aside, with a reason")
    else:
        yield _button(row, "Open again", "open", "Put it among the open ones")


def _button(row: IssueRow, text: str, action: str, hint: str) -> Component:
    issue = f"{row.title} {row.what}"
    return html.Button(
        text,
        type="button",
        className="lvd-link",
        title=hint,
        **labelled(f"{text.rstrip('…')}: {issue}"),
        **told_to_scripts(issue=_identity(row.key), action=action, words=issue),
    )


def _identity(key: IssueKey) -> str:
    """What tells issues apart, as the page's script sends it back."""
    return orjson.dumps([key.name, key.path, key.kind]).decode()
