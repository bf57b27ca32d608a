"""The plan in force against what came, in words; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.view_models.event_fields import FieldsModel, came_as, events_with, fields_model, part_of
from dashboard.visible_text import cell
from storage.readers import (
    MAX_CATALOG_FIELDS,
    CatalogField,
    Coverage,
    EventFields,
    FieldCoverage,
    Habit,
    Habits,
    NameCount,
    PlannedEvent,
    SeenEvent,
    UnplannedFields,
)
from tracking_plan.formats.native import name_problems
from tracking_plan.inference import SeenField, collisions, plan_snippet
from tracking_plan.near_miss import near_miss
from tracking_plan.verdict import Verdict

#: Most rows of each list; the figures count all.
MAX_ROWS = 200
#: Names beyond it are not compared with the plan's: comparing costs their product.
_MAX_NEAR_MISSES = 50
_HOUR = timedelta(hours=1)
#: Hours of the last two weeks in which an event came at least, for its silence to be news.
MIN_HOURS = 6
#: So many times its usual pause an event is away before it is silent.
PAUSES = 3

_CUT = f" Only the first {formats.number(MAX_CATALOG_FIELDS)} fields, by event, were looked at."

#: Label, value, note.
Figure = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One planned event."""

    #: As the plan has it: what its issues are asked by.
    raw_name: str
    name: str
    state: str
    events: str
    valid: str
    last_seen: str
    #: Of its fields, and of the values planned for them, how many ever came: `5 of 7`; NONE where none is
    #: planned or it is not counted.
    fields: str
    values: str


@dataclass(frozen=True, slots=True)
class UnplannedRow:
    """A name that is not in the plan."""

    #: As stored: what a draft is asked by.
    raw_name: str
    name: str
    events: str
    #: "" where no planned name is like it.
    did_you_mean: str


@dataclass(frozen=True, slots=True)
class UnplannedField:
    """A property of a planned event that the plan does not name."""

    #: As stored: what the editor opens.
    raw_name: str
    event: str
    path: str
    came_as: str
    events: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An unplanned event as a part of a plan."""

    name: str
    #: "" where there can be none.
    text: str
    note: str
    #: As stored: what the page Plan drafts it by.
    raw_name: str


@dataclass(frozen=True, slots=True)
class CoverageModel:
    """Everything that the page Coverage says."""

    plan_version: int
    figures: tuple[Figure, ...]
    planned: tuple[PlannedRow, ...]
    #: What a list does not have, as every `…_cut`: rows beyond MAX_ROWS; "" where it has all.
    planned_cut: str
    unplanned: tuple[UnplannedRow, ...]
    unplanned_cut: str
    #: Most frequent first.
    unplanned_fields: tuple[UnplannedField, ...]
    #: And what comes of fields of planned events that were not looked at.
    unplanned_fields_cut: str
    #: Event, field, types.
    collisions: tuple[tuple[str, str, str], ...]
    #: And what comes of fields that were not looked at.
    collisions_cut: str
    #: Event, last hour, usual pause.
    silent: tuple[tuple[str, str, str], ...]
    silent_cut: str
    #: The planned event that is open; None: none is.
    opened: FieldsModel | None
    #: Of the unplanned event that is open.
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class CoverageRead:
    """What was read for the page."""

    found: Coverage
    #: Of all names, by name; at most MAX_CATALOG_FIELDS.
    catalog: Sequence[CatalogField]
    habits: Habits
    fields: Sequence[FieldCoverage]
    unplanned_fields: UnplannedFields
    #: The planned event that is open.
    opened: EventFields | None = None
    #: The unplanned event whose draft is wanted; "": none.
    drafted: str = ""
    #: What is known of that one.
    drafted_seen: SeenEvent | None = None


def coverage_model(read: CoverageRead, zone: ZoneInfo) -> CoverageModel:
    """The coverage in words."""
    found, now = read.found, read.habits.now
    colliding = tuple(_collisions(read.catalog))
    silent = tuple(_silent(read.habits, zone))
    fields = {event.name: event for event in read.fields}
    worst = _worst_first(found)[:MAX_ROWS]
    unplanned_fields = _unplanned_fields(read, zone)
    fields_cut = _CUT if read.unplanned_fields.is_cut else ""
    catalog_cut = _CUT if len(read.catalog) >= MAX_CATALOG_FIELDS else ""
    return CoverageModel(
        plan_version=found.plan_version,
        figures=(*_event_figures(found), *_field_figures(read.fields), *_further(found, colliding, silent)),
        planned=tuple(_planned(event, fields.get(event.name), now, zone) for event in worst),
        planned_cut=_rows_cut(found.events),
        unplanned=tuple(_unplanned(found)),
        unplanned_cut=_rows_cut(found.unplanned),
        unplanned_fields=tuple(unplanned_fields[:MAX_ROWS]),
        unplanned_fields_cut=_rows_cut(unplanned_fields) + fields_cut,
        collisions=colliding[:MAX_ROWS],
        collisions_cut=_rows_cut(colliding) + catalog_cut,
        silent=silent[:MAX_ROWS],
        silent_cut=_rows_cut(silent),
        opened=fields_model(read.opened, now, zone) if read.opened is not None else None,
        draft=_draft(read.drafted, read.drafted_seen) if read.drafted_seen else None,
    )


def _rows_cut(rows: Sequence[object]) -> str:
    if len(rows) <= MAX_ROWS:
        return ""
    return f" The first {formats.number(MAX_ROWS)} of {formats.number(len(rows))} are listed."


def _event_figures(found: Coverage) -> Iterable[Figure]:
    planned = found.planned
    captured, valid = len(found.captured), len(found.fully_valid)
    return (
        ("Captured", formats.number(captured), f"of {formats.counted(planned, 'planned event')}"),
        ("Missing", formats.number(len(found.missing)), "none in this range"),
        ("Fully valid", formats.number(valid), f"{formats.percent(valid, planned)} of the plan"),
    )


def _field_figures(fields: Sequence[FieldCoverage]) -> Iterable[Figure]:
    """Of all time, as fields and values are counted."""
    return (
        _ever_came("Fields", sum(each.fields_came for each in fields), sum(each.fields for each in fields)),
        _ever_came("Values", sum(each.values_came for each in fields), sum(each.values for each in fields)),
    )


def _ever_came(what: str, came: int, planned: int) -> Figure:
    if not planned:
        return what, formats.NONE, "none planned"
    return what, formats.percent(came, planned), f"{part_of(came, planned)} ever came"


def _further(found: Coverage, colliding: Sequence[object], silent: Sequence[object]) -> Iterable[Figure]:
    return (
        ("Unplanned names", formats.number(len(found.unplanned)), "in this range"),
        ("Type collisions", formats.number(len(colliding)), "fields, of all time"),
        ("Silent", formats.number(len(silent)), "came, then stopped"),
    )


def _worst_first(found: Coverage) -> list[PlannedEvent]:
    return sorted(found.events, key=lambda event: (event.last_seen is not None, _share(event), event.name))


def _stored(event: PlannedEvent) -> int:
    return event.counts[Verdict.VALID] + event.counts[Verdict.INVALID] + event.counts[Verdict.UNPLANNED]


def _share(event: PlannedEvent) -> float:
    return event.counts[Verdict.VALID] / max(_stored(event), 1)


def _planned(event: PlannedEvent, fields: FieldCoverage | None, now: datetime, zone: ZoneInfo) -> PlannedRow:
    stored, valid = _stored(event), event.counts[Verdict.VALID]
    state = "missing" if event.last_seen is None else "fully valid" if stored == valid else "captured"
    return PlannedRow(
        raw_name=event.name,
        name=cell(event.name),
        state=state,
        events=formats.number(stored),
        valid=formats.percent(valid, stored),
        last_seen=formats.since(event.last_seen, now, zone) if event.last_seen else formats.NONE,
        fields=part_of(fields.fields_came, fields.fields) if fields and fields.fields else formats.NONE,
        values=part_of(fields.values_came, fields.values) if fields and fields.values else formats.NONE,
    )


def _unplanned(found: Coverage) -> Iterable[UnplannedRow]:
    planned = [event.name for event in found.events]
    for place, name in enumerate(found.unplanned[:MAX_ROWS]):
        meant = near_miss(name.name, planned) if place < _MAX_NEAR_MISSES else None
        yield UnplannedRow(name.name, cell(name.name), _events(name), cell(meant) if meant else "")


def _unplanned_fields(read: CoverageRead, zone: ZoneInfo) -> list[UnplannedField]:
    fields = groupby(read.unplanned_fields.fields, key=attrgetter("name", "path"))
    by_field = [list(types) for _, types in fields]
    by_field.sort(key=lambda types: -events_with(types)[0])
    return [_unplanned_field(types, read.habits.now, zone) for types in by_field]


def _unplanned_field(types: Sequence[CatalogField], now: datetime, zone: ZoneInfo) -> UnplannedField:
    events, sign = events_with(types)
    return UnplannedField(
        raw_name=types[0].name,
        event=cell(types[0].name),
        path=cell(types[0].path),
        came_as=came_as(types),
        events=f"{sign}{formats.number(events)}",
        last_seen=formats.since(max(each.last_seen_at for each in types), now, zone),
    )


def _events(name: NameCount) -> str:
    return formats.number(name.stored)


def _collisions(catalog: Sequence[CatalogField]) -> Iterable[tuple[str, str, str]]:
    for name, fields in groupby(catalog, key=lambda field: field.name):
        for path, types in collisions(map(_seen, fields)).items():
            told = " · ".join(f"{json_type} {formats.number(count)}" for json_type, count in types.items())
            yield cell(name), cell(path), told


def _seen(found: CatalogField) -> SeenField:
    return SeenField(found.path, found.json_type, found.count)


def _silent(habits: Habits, zone: ZoneInfo) -> Iterable[tuple[str, str, str]]:
    for habit in habits.habits:
        if is_silent(habit, habits.now):
            pause = formats.duration(_usual_pause(habit).total_seconds())
            yield cell(habit.name), formats.to_the_minute(habit.last_hour, zone), f"about every {pause}"


def is_silent(habit: Habit, now: datetime) -> bool:
    """Whether events came regularly and are away for PAUSES times their usual pause.

    What did not come at this time of the week before either is no news: nights and weekends.
    """
    away = now - habit.last_hour - _HOUR
    return habit.hours >= MIN_HOURS and away > PAUSES * _usual_pause(habit) and habit.due != 0


def _usual_pause(habit: Habit) -> timedelta:
    """Between the hours in which events came; at least an hour."""
    return (habit.last_hour - habit.first_hour) / max(habit.hours - 1, 1)


def _draft(name: str, seen: SeenEvent) -> Draft:
    problem = next(iter(name_problems(name)), None)
    if problem is not None:
        note = f"This name cannot be planned: {problem.what}. Let its producer send another one."
        return Draft(cell(name), "", note, name)
    if not seen.fields:
        note = "Nothing is known of its fields: no stored event of this name has any."
        return Draft(cell(name), "", note, name)
    note = (
        "Drawn from the fields that came so far. Tighten it on the page Plan, or paste it below `events:` of"
        " the plan's file."
    )
    return Draft(cell(name), plan_snippet(name, map(_seen, seen.fields), seen.events), note, name)
