"""The CSV of the prototype: one row per field, `eventName,eventPayload,dataType[,required,condition,…]`.

Decisions on its traps stand in docs/decisions/ (0103 to 0106).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracking_plan.formats.csv_condition import Condition, apply_condition, read_condition
from tracking_plan.formats.csv_field import TYPES, FieldPath, PathError, add_field, parse_path
from tracking_plan.formats.native import name_problems
from tracking_plan.model import MAX_EVENTS, PlannedEvent, TrackingPlan
from tracking_plan.problems import PlanError, Problem

_REQUIRED_COLUMNS = ("eventName", "eventPayload", "dataType")
_OPTIONAL_COLUMNS = ("required", "condition", "pattern", "description")
#: Folded header → column. The prototype's screen called the pattern "expected pattern".
_COLUMNS = {
    **{name.lower(): name for name in (*_REQUIRED_COLUMNS, *_OPTIONAL_COLUMNS)},
    "expectedpattern": "pattern",
}
_YES = frozenset({"true", "yes", "y", "1", "required"})
_NO = frozenset({"false", "no", "n", "0", "optional", ""})


@dataclass(frozen=True, slots=True)
class _Row:
    """One field of one event."""

    line: int
    event: str
    path: FieldPath
    data_type: str
    required: bool
    pattern: str
    description: str
    condition: Condition | None


def plan_from_csv(text: str, name: str) -> TrackingPlan:
    """The plan in a prototype CSV, called `name`. Raises PlanError with every bad line."""
    reader = _Reader(text)
    rows = list(reader.rows())
    events, problems = _events(rows)
    if reader.problems or problems:
        raise PlanError(sorted([*reader.problems, *problems], key=lambda problem: problem.line or 0))
    return TrackingPlan(name=name.strip() or "Imported plan", events=events)


class _Reader:
    """Lines to rows; what is wrong with a line is kept and the reading goes on."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        header = text.partition("\n")[0]
        separator = max(",;\t", key=header.count)
        self._lines = csv.reader(io.StringIO(text), delimiter=separator, strict=True)

    def rows(self) -> Iterator[_Row]:
        """The good rows, in order."""
        try:
            columns = self._columns(next(self._lines, []))
            event = ""
            for cells in self._lines if columns else ():
                if any(cell.strip() for cell in cells):
                    row = dict(zip(columns, map(str.strip, cells), strict=False))
                    event = row.get("eventName") or event
                    # Spreadsheets end lines with empty cells. Any other cell means that those before are cut.
                    if any(cell.strip() for cell in cells[len(columns) :]):
                        self._surplus(event, len(cells), len(columns))
                    else:
                        yield from self._row(event, row)
        except csv.Error as error:
            self._problem(f"not CSV: {error}", "put cells with quotes, separators or line breaks in quotes")

    def _problem(self, what: str, mend: str, event: str | None = None) -> None:
        self.problems.append(Problem(line=self._lines.line_num or 1, event=event, what=what, mend=mend))

    def _surplus(self, event: str, cells: int, columns: int) -> None:
        what = f"the line has {cells} cells, the header {columns}"
        self._problem(what, "put cells with separators in quotes", event or None)

    def _columns(self, header: list[str]) -> list[str]:
        known = ", ".join((*_REQUIRED_COLUMNS, *_OPTIONAL_COLUMNS))
        columns = [_COLUMNS.get(_folded(cell), "") for cell in header]
        for cell, column in zip(header, columns, strict=True):
            if not column:
                self._problem(f'unknown column "{cell}"', f"remove it; known are {known}")
        for column in dict.fromkeys(filter(None, columns)):
            cells = [cell for cell, its in zip(header, columns, strict=True) if its == column]
            self._check_once(column, cells)
        for missing in (name for name in _REQUIRED_COLUMNS if name not in columns):
            self._problem(f"no column {missing}", "begin with the line eventName,eventPayload,dataType")
        return [] if self.problems else columns

    def _check_once(self, column: str, cells: list[str]) -> None:
        if len(cells) > 1:
            named = " and ".join(f'"{cell}"' for cell in cells)
            self._problem(f"{named} mean one column, {column}", "keep one of them")

    def _row(self, event: str, row: dict[str, str]) -> Iterator[_Row]:
        before = len(self.problems)
        if not event:
            self._problem("no event name here or above", "fill in eventName")
        data_type, required = row.get("dataType", "").lower(), row.get("required", "").lower()
        path = self._path(event, row.get("eventPayload", ""))
        self._check_type(event, data_type, row.get("pattern", ""))
        if required not in _YES | _NO:
            self._problem(f'`required` is "{required}"', "write true or false", event)
        condition = self._condition(event, row.get("condition", ""))
        if path is not None and len(self.problems) == before:
            yield _Row(
                line=self._lines.line_num,
                event=event,
                path=path,
                data_type=data_type,
                required=required in _YES,
                pattern=row.get("pattern", ""),
                description=row.get("description", ""),
                condition=condition,
            )

    def _check_type(self, event: str, data_type: str, pattern: str) -> None:
        if data_type not in TYPES:
            self._problem(f'unknown type "{data_type}"', f"write one of {', '.join(TYPES)}", event)
        elif pattern and TYPES[data_type]["type"] != "string":
            what = f"a pattern is never applied to {data_type}, only to text"
            self._problem(what, "remove it, or make the type text", event)

    def _path(self, event: str, text: str) -> FieldPath | None:
        try:
            return parse_path(text)
        except PathError as error:
            self._problem(
                f'eventPayload is "{text}": {error}', "write a path such as total or items[].price", event
            )
            return None

    def _condition(self, event: str, text: str) -> Condition | None:
        try:
            return read_condition(text)
        except PathError as error:
            mend = 'write {"if_field": …, "if_value": …, "then_field": …, "then_type": …} as JSON'
            self._problem(f"condition: {error}", mend, event)
            return None


def _folded(header: str) -> str:
    return "".join(character for character in header.casefold() if character.isalnum())


def _events(rows: list[_Row]) -> tuple[dict[str, PlannedEvent], list[Problem]]:
    by_event: dict[str, list[_Row]] = {}
    for row in rows:
        by_event.setdefault(row.event, []).append(row)
    problems = [problem for name in by_event for problem in name_problems(name)]
    if len(by_event) > MAX_EVENTS:
        problems.append(
            Problem(what=f"{len(by_event):,} events, at most {MAX_EVENTS:,} fit", mend="split the plan")
        )
    events = {
        name: PlannedEvent(name=name, schema=_schema(each, problems)) for name, each in by_event.items()
    }
    return events, problems


def _schema(rows: list[_Row], problems: list[Problem]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    for row in rows:
        try:
            add_field(schema, row.path, _field_schema(row), required=row.required)
        except PathError as error:
            problems.append(_row_problem(row, str(error), "keep one row per field"))
    for row in rows:
        try:
            if row.condition:
                apply_condition(schema, row.condition)
        except PathError as error:
            mend = "name fields that the event has, and a value that if_field can have"
            problems.append(_row_problem(row, f"condition: {error}", mend))
    return schema


def _row_problem(row: _Row, what: str, mend: str) -> Problem:
    return Problem(line=row.line, event=row.event, what=what, mend=mend)


def _field_schema(row: _Row) -> dict[str, Any]:
    extra = {"pattern": row.pattern, "description": row.description}
    return TYPES[row.data_type] | {key: value for key, value in extra.items() if value}
