"""The plan in force against what came, in words; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.visible_text import cell
from storage.readers import CatalogField, Coverage, Habit, Habits, NameCount, PlannedEvent
from tracking_plan.formats.native import name_problems
from tracking_plan.inference import SeenField, collisions, plan_snippet
from tracking_plan.near_miss import near_miss
from tracking_plan.verdict import Verdict

#: Most rows of each list; the figures count all.
MAX_ROWS = 200
#: Names beyond it are not compared with the plan's: comparing costs their product.
_MAX_NEAR_MISSES = 50
_HOUR = timedelta(hours=1)
#: Hours of the last week in which an event came at least, for its silence to be news.
MIN_HOURS = 6
#: So many times its usual pause an event is away before it is silent.
PAUSES = 3


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
    #: Label, value, note.
    figures: tuple[tuple[str, str, str], ...]
    planned: tuple[PlannedRow, ...]
    unplanned: tuple[UnplannedRow, ...]
    #: Event, field, types.
    collisions: tuple[tuple[str, str, str], ...]
    #: Event, last hour, usual pause.
    silent: tuple[tuple[str, str, str], ...]
    draft: Draft | None


def coverage_model(
    found: Coverage, catalog: Sequence[CatalogField], habits: Habits, drafted: str, zone: ZoneInfo
) -> CoverageModel:
    """The coverage in words; `drafted` names the unplanned event whose draft is wanted, or is ""."""
    colliding = tuple(_collisions(catalog))
    silent = tuple(_silent(habits, zone))
    return CoverageModel(
        plan_version=found.plan_version,
        figures=_figures(found, len(colliding), len(silent)),
        planned=tuple(_planned(event, habits.now, zone) for event in _worst_first(found)[:MAX_ROWS]),
        unplanned=tuple(_unplanned(found)),
        collisions=colliding[:MAX_ROWS],
        silent=silent[:MAX_ROWS],
        draft=_draft(drafted, catalog) if drafted else None,
    )


def _figures(found: Coverage, colliding: int, silent: int) -> tuple[tuple[str, str, str], ...]:
    planned = found.planned
    captured, valid = len(found.captured), len(found.fully_valid)
    return (
        ("Planned events", formats.number(planned), f"plan version {found.plan_version}"),
        ("Captured", formats.number(captured), f"{formats.percent(captured, planned)} of the plan"),
        ("Missing", formats.number(len(found.missing)), "none came in this range"),
        ("Fully valid", formats.number(valid), f"{formats.percent(valid, planned)} of the plan"),
        ("Unplanned names", formats.number(len(found.unplanned)), "in this range"),
        ("Type collisions", formats.number(colliding), "fields of several types"),
        ("Silent", formats.number(silent), "came regularly, stopped"),
    )


def _worst_first(found: Coverage) -> list[PlannedEvent]:
    return sorted(found.events, key=lambda event: (event.last_seen is not None, _share(event), event.name))


def _stored(event: PlannedEvent) -> int:
    return event.counts[Verdict.VALID] + event.counts[Verdict.INVALID] + event.counts[Verdict.UNPLANNED]


def _share(event: PlannedEvent) -> float:
    return event.counts[Verdict.VALID] / max(_stored(event), 1)


def _planned(event: PlannedEvent, now: datetime, zone: ZoneInfo) -> PlannedRow:
    stored, valid = _stored(event), event.counts[Verdict.VALID]
    state = "missing" if event.last_seen is None else "fully valid" if stored == valid else "captured"
    return PlannedRow(
        raw_name=event.name,
        name=cell(event.name),
        state=state,
        events=formats.number(stored),
        valid=formats.percent(valid, stored),
        last_seen=formats.since(event.last_seen, now, zone) if event.last_seen else formats.NONE,
    )


def _unplanned(found: Coverage) -> Iterable[UnplannedRow]:
    planned = [event.name for event in found.events]
    for place, name in enumerate(found.unplanned[:MAX_ROWS]):
        meant = near_miss(name.name, planned) if place < _MAX_NEAR_MISSES else None
        yield UnplannedRow(name.name, cell(name.name), _events(name), cell(meant) if meant else "")


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
    """Whether events came regularly and are away for PAUSES times their usual pause."""
    return habit.hours >= MIN_HOURS and now - habit.last_hour - _HOUR > PAUSES * _usual_pause(habit)


def _usual_pause(habit: Habit) -> timedelta:
    """Between the hours in which events came; at least an hour."""
    return (habit.last_hour - habit.first_hour) / max(habit.hours - 1, 1)


def _draft(name: str, catalog: Sequence[CatalogField]) -> Draft:
    problem = next(iter(name_problems(name)), None)
    if problem is not None:
        note = f"This name cannot be planned: {problem.what}. Let its producer send another one."
        return Draft(cell(name), "", note, name)
    fields = [_seen(field) for field in catalog if field.name == name]
    if not fields:
        note = "Nothing is known of its fields: no stored event of this name has any."
        return Draft(cell(name), "", note, name)
    note = (
        "Drawn from the fields that came so far. Tighten it on the page Plan, or paste it below `events:` of"
        " the plan's file."
    )
    return Draft(cell(name), plan_snippet(name, fields), note, name)
