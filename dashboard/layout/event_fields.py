"""The fields of a planned event, opened on the page Coverage."""

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dashboard.layout.attributes import DECORATIVE, told_to_scripts
from dashboard.layout.tables import Cell, card, table
from dashboard.view_models.event_fields import CAME, MISSING, UNKNOWN, Came, FieldRow, FieldsModel, ValueRow

_MARKS = {MISSING: "○", "captured": "◐", "fully valid": "●", CAME: "●", UNKNOWN: "?"}
_COLUMNS = (
    *("Field, value", "State", "Required", "Planned", "Came as"),
    *("Events", "Share", "First seen", "Last seen"),
)
_Row = tuple[Cell, ...]


def fields_card(opened: FieldsModel, close: Component) -> Component:
    """The event's fields as a table, each with its planned values below it."""
    rows = [row for field in opened.rows for row in _rows(field)]
    listed = table(f"Fields of {opened.name}", _COLUMNS, rows, opened.empty, numbers=_COLUMNS[5:])
    told = html.P(opened.summary, className="lvd-fields-summary")
    bar = html.Div(close, className="lvd-drawer-bar")
    return card(f"Fields of {opened.name}", told, listed, bar, note=opened.note)


def open_card(raw_name: str, content: Component) -> Component:
    """What is open: the page's script takes the keyboard there."""
    return html.Div(content, tabIndex=-1, className="lvd-opened", **told_to_scripts(opened=raw_name))


def state_cell(state: str) -> Component:
    """A state by its sign and word."""
    look = "lvd-nowrap lvd-missing" if state == MISSING else "lvd-nowrap"
    return html.Span([html.Span(f"{_MARKS[state]} ", **DECORATIVE), state], className=look)


def _rows(field: FieldRow) -> Iterable[_Row]:
    asked = (field.required, _words(field.planned_types), _words(field.came_as))
    yield (field.path, state_cell(field.came.state), *asked, *_figures(field.came))
    yield from (_value(value) for value in field.values)
    if field.note:
        yield (html.Span(field.note, className="lvd-value"), *[""] * (len(_COLUMNS) - 1))


def _words(text: str) -> Component:
    """Broken between words alone, however narrow the column is."""
    return html.Span(text, className="lvd-words")


def _value(value: ValueRow) -> _Row:
    told = html.Span(value.value, className="lvd-value lvd-mono")
    return (told, state_cell(value.came.state), "", "", "", *_figures(value.came))


def _figures(came: Came) -> _Row:
    return came.events, came.share, came.first_seen, came.last_seen
