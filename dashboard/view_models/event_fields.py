"""One planned event's fields and planned values against what ever came, in words; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.visible_text import cell
from storage.readers import CatalogField, EventFields, FieldValue
from tracking_plan.planned_fields import PlannedField
from tracking_plan.schema_places import ITEM

CAME, MISSING, UNKNOWN = "came", "missing", "not known"

_NO_FIELDS = "The plan names no field of this event: none can be missing."
_CUT = "The schema has more fields than are listed here."
_BEYOND = (
    "There are more event names, fields or values than are counted apart: what is not known may be among"
    " those that are counted together."
)
_SINCE = (
    "All that ever came counts here, whatever the range: fields from the app's first event on, a planned"
    " value from when a plan with it was in force. A value's share is of the planned values of its field"
    " that came."
)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a field or value; NONE where nothing did."""

    #: CAME, MISSING or UNKNOWN.
    state: str
    events: str
    share: str
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A value that the plan lists."""

    #: As JSON.
    value: str
    came: Came


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field that the plan names."""

    path: str
    required: str
    #: Types, as planned and as they came.
    planned_types: str
    came_as: str
    came: Came
    values: tuple[ValueRow, ...]
    #: About planned values that are not counted; "" where all are.
    note: str


@dataclass(frozen=True, slots=True)
class FieldsModel:
    """A planned event, opened."""

    #: As planned.
    raw_name: str
    name: str
    #: What is missing first, then fields of which a value is.
    rows: tuple[FieldRow, ...]
    summary: str
    note: str
    #: Stands where there are no rows.
    empty: str


@dataclass(frozen=True, slots=True)
class _Clock:
    now: datetime
    zone: ZoneInfo

    def words(self, at: datetime) -> str:
        return formats.since(at, self.now, self.zone)


def fields_model(found: EventFields, now: datetime, zone: ZoneInfo) -> FieldsModel:
    """The opened event in words."""
    clock = _Clock(now, zone)
    rows = tuple(sorted((_row(found, field, clock) for field in found.planned.fields), key=_rank))
    return FieldsModel(
        raw_name=found.name,
        name=cell(found.name),
        rows=rows,
        summary=_summary(found, rows),
        note=" ".join(_notes(found)),
        empty=_NO_FIELDS,
    )


def _notes(found: EventFields) -> Iterable[str]:
    if not found.planned.fields:
        return
    yield _SINCE
    if found.planned.is_cut:
        yield _CUT
    if found.is_beyond_limits:
        yield _BEYOND


def _summary(found: EventFields, rows: Sequence[FieldRow]) -> str:
    values = [value for row in rows for value in row.values]
    events = f"{formats.counted(found.stored, 'event')} so far."
    if not rows:
        return events
    told = f"{_of(rows)} planned {formats.noun(len(rows), 'field')}"
    if values:
        told += f" and {_of(values)} planned {formats.noun(len(values), 'value')}"
    return f"{told} came. {events}"


def _of(rows: Sequence[FieldRow] | Sequence[ValueRow]) -> str:
    return part_of(sum(row.came.state == CAME for row in rows), len(rows))


def part_of(part: int, whole: int) -> str:
    """`5 of 7`."""
    return f"{formats.number(part)} of {formats.number(whole)}"


def _rank(row: FieldRow) -> int:
    """What never came first, then what some planned value of never came; the schema's order otherwise."""
    if row.came.state != CAME:
        return 0
    return 1 if any(value.came.state != CAME for value in row.values) else 2


def _row(found: EventFields, field: PlannedField, clock: _Clock) -> FieldRow:
    types = [each for each in found.fields if each.path == field.path]
    return FieldRow(
        path=cell(field.path),
        required=field.required.value,
        planned_types=field.types or "any",
        came_as=came_as(types),
        came=_field_came(found, types, clock),
        values=_values(found, field, clock),
        note=_not_counted(field),
    )


def came_as(types: Sequence[CatalogField]) -> str:
    """`string`, or each with its count where there are several."""
    if len(types) == 1:
        return types[0].json_type
    commonest = sorted(types, key=lambda each: (-each.count, each.json_type))
    return " · ".join(f"{each.json_type} {formats.number(each.count)}" for each in commonest) or formats.NONE


def _field_came(found: EventFields, types: Sequence[CatalogField], clock: _Clock) -> Came:
    if not types:
        return _nothing(found)
    events, sign = events_with(types)
    # Rows of all time may be older than the count of events by their source.
    return _seen(types, events, max(found.stored, events), clock, sign=sign)


def events_with(types: Sequence[CatalogField]) -> tuple[int, str]:
    """In how many events a field came that has these types, and the sign of a number that is the least.

    An event's items may be of several types, which count it once each.
    """
    counts = [each.count for each in types]
    is_exact = len(types) == 1 or ITEM not in types[0].path.split("/")
    return (sum(counts), "") if is_exact else (max(counts), "≥ ")


def _values(found: EventFields, field: PlannedField, clock: _Clock) -> tuple[ValueRow, ...]:
    """Those that never came first, the plan's order otherwise."""
    came = {value.value: value for value in found.values if value.path == field.path}
    seen = [came[value] for value in field.values if value in came]
    whole = sum(value.count for value in seen)
    absent = [ValueRow(cell(value), _nothing(found)) for value in field.values if value not in came]
    return (*absent, *(ValueRow(cell(each.value), _seen([each], each.count, whole, clock)) for each in seen))


def _seen(
    rows: Sequence[CatalogField] | Sequence[FieldValue],
    events: int,
    whole: int,
    clock: _Clock,
    sign: str = "",
) -> Came:
    return Came(
        state=CAME,
        events=f"{sign}{formats.number(events)}",
        share=f"{sign}{formats.percent(events, whole)}",
        first_seen=clock.words(min(row.first_seen_at for row in rows)),
        last_seen=clock.words(max(row.last_seen_at for row in rows)),
    )


def _nothing(found: EventFields) -> Came:
    state = UNKNOWN if found.is_beyond_limits else MISSING
    return Came(state, formats.NONE, formats.NONE, formats.NONE, formats.NONE)


def _not_counted(field: PlannedField) -> str:
    if not field.not_counted:
        return ""
    values = formats.counted(field.not_counted, "planned value")
    return f"{values} more, not counted: too many or too long, or no scalar"
