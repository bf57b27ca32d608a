"""The body of the page Coverage."""

from collections.abc import Iterable

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import links
from dashboard.layout.attributes import labelled, told_to_scripts
from dashboard.layout.event_fields import fields_card, open_card, state_cell
from dashboard.layout.states import push_command
from dashboard.layout.tables import Cell, card, figure, figures, table
from dashboard.view_models.coverage import CoverageModel, Draft, PlannedRow, UnplannedField, UnplannedRow
from dashboard.view_models.event_fields import FieldsModel

_DRAFT_ID = "plan-draft"
#: The state of an event that came, and not always as planned.
_BROKEN = "captured"
_NO_PLAN = "This app has no tracking plan: nothing is missing, and every event is unplanned."
_DRAFT_HINT = "“Add to plan…” drafts an event from what came of it so far: a first plan needs no more."


def coverage_body(coverage: CoverageModel, app: str) -> list[Component]:
    """The figures, then the lists; without a plan, how to get one. `app`: its name."""
    if not coverage.plan_version:
        return [
            _no_plan(coverage, app),
            *_draft(coverage.draft, app),
            html.Div([_all_names(coverage), _silent(coverage)], className="lvd-report-body"),
        ]
    return [
        figures([figure(*each) for each in coverage.figures]),
        *_opened(coverage.opened),
        *_draft(coverage.draft, app),
        html.Div(
            [
                _planned(coverage, app),
                html.Div(
                    [
                        _unplanned(coverage),
                        _unplanned_fields(coverage, app),
                        _collisions(coverage),
                        _silent(coverage),
                    ],
                    className="lvd-report-body",
                ),
            ],
            className="lvd-report-columns",
        ),
    ]


def _planned(coverage: CoverageModel, app: str) -> Component:
    columns = ("Event", "State", "Events", "Valid", "Fields", "Values", "Last seen")
    rows = [
        (
            row.name,
            state_cell(row.state),
            row.events,
            _valid(row, app),
            _fields(row),
            row.values,
            row.last_seen,
        )
        for row in coverage.planned
    ]
    note = (
        f"By plan version {coverage.plan_version}: what is missing first, then what breaks the plan most."
        f" Fields, and values that the plan lists for them, count if they ever came.{coverage.planned_cut}"
    )
    listed = table("Planned events", columns, rows, "The plan has no events.", numbers=columns[2:])
    return card("Planned events", listed, note=note)


def _fields(row: PlannedRow) -> Component:
    """A way to the event's fields, also where none is counted: they say why."""
    return html.Button(
        row.fields,
        type="button",
        className="lvd-link lvd-nowrap",
        **told_to_scripts(event=row.raw_name),
        **labelled(f"Fields of {row.name}: {row.fields} came"),
    )


def _valid(row: PlannedRow, app: str) -> Cell:
    """Where some are not valid, a way to what is wrong with them."""
    if row.state != _BROKEN:
        return row.valid
    return html.A(row.valid, href=links.issues_of(app, row.raw_name), **labelled(f"{row.valid}: its issues"))


def _all_names(coverage: CoverageModel) -> Component:
    """Without a plan."""
    columns = ("Event", "Events", "Plan")
    rows = [(row.name, row.events, _add(row)) for row in coverage.unplanned]
    listed = table("Events", columns, rows, "No event came in this range.", numbers=("Events",))
    return card("Events", listed, note=f"Every name that came, most frequent first.{coverage.unplanned_cut}")


def _unplanned(coverage: CoverageModel) -> Component:
    columns = ("Event", "Events", "Did you mean", "Plan")
    rows = [(row.name, row.events, row.did_you_mean, _add(row)) for row in coverage.unplanned]
    empty = "Every event in this range is planned."
    listed = table("Unplanned events", columns, rows, empty, numbers=("Events",))
    note = f"Names that are not in the plan, most frequent first.{coverage.unplanned_cut}"
    return card("Unplanned events", listed, note=note)


def _unplanned_fields(coverage: CoverageModel, app: str) -> Component:
    columns = ("Event", "Property", "Came as", "Events", "Last seen")
    rows = [
        (_in_editor(field, app), field.path, field.came_as, field.events, field.last_seen)
        for field in coverage.unplanned_fields
    ]
    empty = "No planned event came with a property beside the plan."
    listed = table("Unplanned properties", columns, rows, empty, numbers=("Events", "Last seen"))
    way = dcc.Link("Add them on the page Plan", href=links.plan_editor(app))
    said = "Of planned events, whatever the range; most frequent first. "
    note: list[Cell] = [said, way, ".", coverage.unplanned_fields_cut]
    return card("Unplanned properties", listed, note=note)


def _in_editor(field: UnplannedField, app: str) -> Cell:
    """A way to where the plan says what the event's properties are."""
    href = links.plan_editor(app, field.raw_name)
    return dcc.Link(field.event, href=href, title="Add it to the event's plan")


def _no_plan(coverage: CoverageModel, app: str) -> Component:
    make = html.P([dcc.Link("Make one on the page Plan", href=links.plan(app)), ", or push a file:"])
    hint = [html.P(_DRAFT_HINT)] if coverage.unplanned else []
    return card("No plan yet", html.P(_NO_PLAN), *hint, make, push_command(app))


def _add(row: UnplannedRow) -> Cell:
    return html.Button(
        "Add to plan…",
        type="button",
        className="lvd-link lvd-nowrap",
        **told_to_scripts(event=row.raw_name),
        **labelled(f"Add to plan: {row.name}"),
    )


def _opened(opened: FieldsModel | None) -> Iterable[Component]:
    if opened is not None:
        yield open_card(opened.raw_name, fields_card(opened, _button("Close", event="")))


def _draft(draft: Draft | None, app: str) -> Iterable[Component]:
    if draft is None:
        return
    parts: list[Component] = []
    buttons = [_button("Close", event="")]
    if draft.text:
        way = dcc.Link(
            "Open on Plan", href=links.plan_draft(app, draft.raw_name), className="lvd-small-button"
        )
        buttons = [way, _button("Copy", copies=_DRAFT_ID), *buttons]
        parts.append(html.Pre(draft.text, id=_DRAFT_ID, className="lvd-code", tabIndex=0))
    parts.append(html.Div(buttons, className="lvd-drawer-bar"))
    yield open_card(draft.raw_name, card(f"Add to plan: {draft.name}", *parts, note=draft.note))


def _button(label: str, **told: str) -> Component:
    return html.Button(label, type="button", className="lvd-small-button", **told_to_scripts(**told))


def _collisions(coverage: CoverageModel) -> Component:
    columns = ("Event", "Field", "Types")
    listed = table("Type collisions", columns, coverage.collisions, "Every field has one type.")
    note = f"Fields that ever came with types that do not go together.{coverage.collisions_cut}"
    return card("Type collisions", listed, note=note)


def _silent(coverage: CoverageModel) -> Component:
    columns = ("Event", "Last hour", "Came")
    listed = table("Silent events", columns, coverage.silent, "No event that came regularly has stopped.")
    note = f"By the hours of the last 14 days, and by this time of the week before.{coverage.silent_cut}"
    return card("Silent events", listed, note=note)
