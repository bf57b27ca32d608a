"""A tracking plan in words: its events, an event's schema as a table, its versions; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.visible_text import cell, visible
from storage.plans import StoredPlan
from storage.readers import PlannedEvent as SeenEvent
from tracking_plan.model import Formats, TrackingPlan
from tracking_plan.problems import Problem
from tracking_plan.schema_places import Requirement, is_cut
from tracking_plan.schema_table import PropertyRow, schema_table
from tracking_plan.verdict import STORED

#: Most events that are listed; the search finds the others.
MAX_LISTED = 300
#: Most problems of a draft that are listed: the first ones are mended first.
MAX_PROBLEMS = 50
#: Most versions that are listed, the newest.
MAX_VERSIONS = 200
_NOBODY = "Somebody"


@dataclass(frozen=True, slots=True)
class Looking:
    """What somebody looks for in the list, and what is open."""

    #: A part of names; case does not count.
    search: str
    opened: str


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """One event of the plan."""

    #: As planned: what it is asked by.
    raw_name: str
    name: str
    #: Stored in the last 24 h, and when the last one came; NONE where that is not known.
    events: str
    last_seen: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class EventList:
    """The events that the search leaves."""

    rows: tuple[ListedEvent, ...]
    #: How many there are, and whether all are listed.
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """A property in words."""

    path: str
    types: str
    required: str
    rules: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class EventModel:
    """An event's definition."""

    raw_name: str
    name: str
    description: str
    rows: tuple[Row, ...]
    note: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a plan."""

    version: int
    is_in_force: bool
    saved: str
    saved_utc: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """What keeps a draft from being saved."""

    place: str
    what: str
    #: "" where the problem belongs to no event, or to no line.
    raw_event: str
    line: str
    pointer: str


def event_list(
    names: Sequence[str], seen: Mapping[str, SeenEvent], looking: Looking, now: datetime, zone: ZoneInfo
) -> EventList:
    """The names that hold what is searched for, in the order given."""
    wanted = looking.search.casefold()
    found = [name for name in names if wanted in name.casefold()]
    rows = tuple(
        _listed(name, seen.get(name), name == looking.opened, now, zone) for name in found[:MAX_LISTED]
    )
    return EventList(rows, _count_note(len(names), len(found), len(rows)))


def _count_note(total: int, found: int, listed: int) -> str:
    if not total:
        return "The plan has no events yet."
    if found > listed:
        return f"The first {formats.number(listed)} of {formats.number(found)}: search to find the others."
    return f"{formats.number(found)} of {formats.number(total)} events" if found < total else ""


def _listed(name: str, seen: SeenEvent | None, is_open: bool, now: datetime, zone: ZoneInfo) -> ListedEvent:
    stored = formats.number(sum(seen.counts[verdict] for verdict in STORED)) if seen else formats.NONE
    last = formats.since(seen.last_seen, now, zone) if seen and seen.last_seen else formats.NONE
    return ListedEvent(name, cell(name), stored, last, is_open)


def event_model(plan: TrackingPlan, name: str) -> EventModel | None:
    """The event's definition; None for a name that is not planned."""
    event = plan.events.get(name)
    if event is None:
        return None
    rows = schema_table(event.schema, assert_formats=plan.formats is Formats.ASSERT)
    note = "Only the first properties are listed; the text has all." if is_cut(rows) else ""
    return EventModel(name, cell(name), visible(event.description), tuple(map(_row, rows)), note)


def _row(row: PropertyRow) -> Row:
    return Row(
        path=cell(row.path) or "(the payload)",
        types=row.types or ("any" if row.path else "object"),
        required=row.required.value if row.path else Requirement.ALWAYS.value,
        rules=tuple(map(cell, row.rules)),
        description=visible(row.description),
    )


def version_rows(versions: Sequence[StoredPlan], zone: ZoneInfo) -> tuple[VersionRow, ...]:
    """The first MAX_VERSIONS of the versions given, newest first: the first one is in force."""
    return tuple(
        VersionRow(
            version=plan.version,
            is_in_force=place == 0,
            saved=formats.to_the_minute(plan.created_at, zone) if plan.created_at else formats.NONE,
            saved_utc=formats.utc(plan.created_at) if plan.created_at else "",
            by=cell(plan.author) or formats.NONE,
            note=visible(plan.note) or formats.NONE,
        )
        for place, plan in enumerate(versions[:MAX_VERSIONS])
    )


def saved_words(plan: StoredPlan, zone: ZoneInfo) -> str:
    """`version 5, saved by Ada at 2026-11-22 14:02: the note`."""
    if plan.created_at is None:
        return "no version yet"
    who = f" by {cell(plan.author)}" if plan.author else ""
    note = f": {cell(plan.note)}" if plan.note else ""
    return f"version {plan.version}, saved{who} at {formats.to_the_minute(plan.created_at, zone)}{note}"


def conflict_words(in_force: StoredPlan, base: int, zone: ZoneInfo) -> str:
    """That another version was saved meanwhile, and what to do."""
    who = cell(in_force.author) or _NOBODY
    at = f" at {formats.clock(in_force.created_at, zone)}" if in_force.created_at else ""
    return (
        f"{who} saved version {in_force.version}{at}, after you had opened version {base}. Nothing of yours"
        f" was saved; your draft is still here. Compare it with version {in_force.version}, then save again."
    )


def problem_rows(problems: Sequence[Problem]) -> Iterable[ProblemRow]:
    """The first problems, each a sentence beside its place."""
    for problem in problems[:MAX_PROBLEMS]:
        yield ProblemRow(
            place=visible(problem.place),
            what=visible(f"{problem.what}; {problem.mend}."),
            raw_event=problem.event or "",
            line=str(problem.line or ""),
            pointer=problem.pointer or "",
        )
