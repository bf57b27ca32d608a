"""Parts of the page Plan that come with its answers: lists, tables, what differs, what is wrong."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.layout.attributes import DECORATIVE, labelled, told_to_scripts
from dashboard.layout.states import push_command
from dashboard.layout.tables import table
from dashboard.view_models.plan import EventList, EventModel, ProblemRow, Row, VersionRow
from dashboard.visible_text import cell, visible
from tracking_plan.diff import Change, EventChange, PlanDiff

_MARKS = {Change.ADDED: "+", Change.REMOVED: "\N{MINUS SIGN}", Change.CHANGED: "~"}
_COLUMNS = ("Property", "Type", "Required", "Rules", "Description")
#: Most events of a diff that are told one by one.
MAX_CHANGES = 200


def link_button(text: str, hint: str = "", **told: str) -> Component:
    """A button that looks like a link and is heard by the page's script."""
    names = labelled(hint) if hint else {}
    return html.Button(text, type="button", className="lvd-link", **names, **told_to_scripts(**told))


def plan_head(words: str, *, is_in_force: bool) -> list[Component]:
    """Which version is shown, and the way back to the one in force."""
    parts: list[Component | str] = [words]
    if not is_in_force:
        parts += [" ", link_button("Show the one in force", show="0")]
    return [html.P(parts, className="lvd-dimmed")]


def no_plan(app: str) -> list[Component]:
    """The list of an app without a plan: how to get one."""
    return [
        html.P("This app has no tracking plan: its events are stored, each as unplanned."),
        html.P([link_button("Make the first version here", go="edit"), ", or push a file:"]),
        push_command(app),
    ]


def what_a_plan_is() -> list[Component]:
    """Beside the list of an app without a plan."""
    return [
        html.H2("What a plan is for", className="lvd-card-title"),
        html.P(
            "It names the events that the app should send, and for each its properties: of which type they"
            " are, which have to be there, which values they may have."
            " Every event is judged by it as it arrives."
        ),
        html.P("An event that came already can be drafted from what it sent: see “Add to plan” on Coverage."),
    ]


def event_rows(found: EventList, *, with_counts: bool) -> list[Component]:
    """The list of events: a note, then a table of buttons."""
    note = list(_note(found.note))
    if not found.rows:
        return note
    counted = ("Events, 24 h", "Last seen") if with_counts else ()
    head = html.Tr(
        [
            html.Th("Event", scope="col"),
            *(html.Th(name, scope="col", className="lvd-right") for name in counted[:1]),
            *(html.Th(name, scope="col") for name in counted[1:]),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(_opener(row.raw_name, row.name, is_open=row.is_open), scope="row"),
                *((html.Td(row.events, className="lvd-right"), html.Td(row.last_seen)) if counted else ()),
            ],
            className="lvd-plan-open" if row.is_open else "",
            **told_to_scripts(key=row.raw_name),
        )
        for row in found.rows
    ]
    listed = html.Table([html.Thead(head), html.Tbody(body)], className="lvd-table lvd-report-table")
    return [*note, _box(listed, "Planned events")]


def _box(content: Component, name: str) -> Component:
    return html.Div(
        content, className="lvd-table-box lvd-plan-box", tabIndex=0, role="region", **labelled(name)
    )


def _opener(raw_name: str, name: str, *, is_open: bool) -> Component:
    return html.Button(
        name,
        type="button",
        className="lvd-link lvd-plan-name",
        **_state("current", is_on=is_open),
        **told_to_scripts(planned=raw_name),
    )


def _state(name: str, *, is_on: bool) -> dict[str, Any]:
    return {f"aria-{name}": "true" if is_on else "false"}


def event_card(event: EventModel | None) -> list[Component]:
    """An event's definition, to read."""
    if event is None:
        return [html.P("Choose an event of the list.", className="lvd-dimmed")]
    return [
        html.H2(event.name, className="lvd-card-title"),
        html.P(event.description or "No description.", className="" if event.description else "lvd-dimmed"),
        *_note(event.note),
        table(f"Properties of {event.name}", _COLUMNS, [_cells(row) for row in event.rows], _NO_PROPERTIES),
    ]


_NO_PROPERTIES = "The plan says nothing of this event's properties."


def _note(text: str) -> Iterator[Component]:
    if text:
        yield html.P(text, className="lvd-dimmed")


def _cells(row: Row) -> list[Component | str]:
    rules = html.Ul([html.Li(rule) for rule in row.rules], className="lvd-plan-rules") if row.rules else ""
    return [html.Span(row.path, className="lvd-mono"), row.types, row.required, rules, row.description]


def draft_event_card(event: EventModel | None, editable: Iterable[str]) -> list[Component]:
    """An event's definition, to change; `editable` are the paths that a form can change."""
    if event is None:
        return [html.P("Choose an event of the list, or add one.", className="lvd-dimmed")]
    known = frozenset(editable)
    rows = [[*_cells(row), _row_buttons(row.path, known)] for row in event.rows]
    return [
        html.H2(event.name, className="lvd-card-title"),
        html.P(event.description or "No description.", className="" if event.description else "lvd-dimmed"),
        html.Div(
            [
                link_button("Add property…", f"Add a property to {event.name}", step="add-property"),
                link_button("Rename or describe…", f"Rename or describe {event.name}", step="rename"),
                link_button("Remove event", f"Remove {event.name}", step="remove-event"),
            ],
            className="lvd-plan-actions",
        ),
        *_note(event.note),
        table(f"Properties of {event.name}", (*_COLUMNS, "Change"), rows, _NO_PROPERTIES),
    ]


def _row_buttons(path: str, editable: frozenset[str]) -> Component:
    if path not in editable:
        return html.Span("in the text", className="lvd-dimmed lvd-nowrap")
    return html.Div(
        [
            link_button("Edit…", f"Edit {path}", step="edit-property", path=path),
            link_button("Remove", f"Remove {path}", step="remove-property", path=path),
        ],
        className="lvd-plan-actions lvd-nowrap",
    )


def problem_list(problems: Sequence[ProblemRow], count: int) -> list[Component]:
    """What is wrong with a draft; that nothing is."""
    if not count:
        return [html.P([html.Span("✓ ", className="lvd-mark-valid", **DECORATIVE), "No problem was found."])]
    title = formats.counted(count, "problem")
    items = [
        html.Li(
            [
                link_button(row.place, "", place=row.line, named=row.raw_event, pointer=row.pointer),
                html.Span(row.what),
            ],
            className="lvd-plan-problem",
        )
        for row in problems
    ]
    more = (
        [html.P(f"The first {len(items)} are listed.", className="lvd-dimmed")] if count > len(items) else []
    )
    return [
        html.P(html.B(f"{title}: it cannot be saved so.")),
        html.Ul(items, className="lvd-plan-list"),
        *more,
    ]


def diff_list(diff: PlanDiff, same: str) -> list[Component]:
    """What differs; `same` says that nothing does."""
    if not diff:
        return [html.P(same, className="lvd-dimmed")]
    counts = [
        f"{formats.number(diff.count(change))} {change.value}" for change in Change if diff.count(change)
    ]
    noun = formats.noun(len(diff.events), "event")
    summary = f"{', '.join(counts)} {noun}." if counts else "Only the plan's own settings."
    left_out = len(diff.events) - MAX_CHANGES
    return [
        html.P(html.B(summary)),
        *(html.P(f"~ plan: {visible(words)}", className="lvd-plan-words") for words in diff.words),
        html.Ul([_event_change(event) for event in diff.events[:MAX_CHANGES]], className="lvd-plan-list"),
        *_note(f"… and {formats.counted(left_out, 'more event')}." if left_out > 0 else ""),
    ]


def no_diff() -> list[Component]:
    """Instead of what differs, of a draft that is no plan."""
    return [html.P("What differs is told once the plan can be read.", className="lvd-dimmed")]


def _event_change(event: EventChange) -> Component:
    properties = [
        html.Li(
            [
                _mark(part.change),
                html.Span(cell(part.path) or "the payload", className="lvd-mono"),
                _told(part.words),
            ]
        )
        for part in event.properties
    ]
    inner = [html.Ul(properties, className="lvd-plan-list")] if properties else []
    return html.Li([_mark(event.change), html.B(cell(event.name)), _told(event.words), *inner])


def _mark(change: Change) -> Component:
    return html.Span(
        [html.Span(_MARKS[change], **DECORATIVE), html.Span(f"{change.value} ", className="lvd-hidden")],
        className=f"lvd-plan-mark lvd-plan-{change.value}",
    )


def _told(words: Sequence[str]) -> str:
    return f": {visible('; '.join(words))}" if words else ""


def version_table(rows: Sequence[VersionRow], before: int, after: int) -> list[Component]:
    """Every version, newest first, with what can be compared."""
    columns = ("Version", "Saved", "By", "Note", "Look at")
    listed = [
        (
            f"{row.version} (in force)" if row.is_in_force else str(row.version),
            html.Span(row.saved, title=row.saved_utc, className="lvd-nowrap"),
            row.by,
            row.note,
            html.Div(list(_version_buttons(row, before, after)), className="lvd-plan-actions"),
        )
        for row in rows
    ]
    return [table("Versions", columns, listed, "No version was saved yet.")]


def _version_buttons(row: VersionRow, before: int, after: int) -> Iterator[Component]:
    number = str(row.version)
    yield link_button("Events", f"Show the events of version {number}", show=number)
    for label, chosen, side in (("From", before, "from"), ("To", after, "to")):
        yield html.Button(
            label,
            type="button",
            className="lvd-link lvd-plan-side",
            title=f"Compare {side} version {number}",
            **_state("pressed", is_on=row.version == chosen),
            **labelled(f"Compare {side} version {number}"),
            **told_to_scripts(compare=side, version=number),
        )
