"""Counts what one transaction adds to an app's rollups. Pure."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from storage.model import NewEvent
from storage.schema import MAX_PATH_BYTES, OTHER
from storage.settle import AppGroup
from tracking_plan.catalog import expand
from tracking_plan.chosen_values import Chosen
from tracking_plan.verdict import STORED, Verdict

#: Under which an event counts whose name could not be read or is not among the app's names.
UNREAD = ""


#: (name, path, kind, source_id); array indices in the path folded.
FailingField = tuple[str, str, str, int]


#: Of each stored event, in a third of the time that a loop over its attributes takes.
_NAME_AND_SHAPE = itemgetter(NewEvent._fields.index("name"), NewEvent._fields.index("shape"))
_NAME_AND_CHOSEN = itemgetter(NewEvent._fields.index("name"), NewEvent._fields.index("chosen"))


@dataclass(slots=True)
class Occurrences:
    """In how many of the stored events, and in which (0: the group's first) first and last."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by event name; names and paths not yet folded to what rollups keep apart."""

    #: (name, verdict): events.
    verdicts: Mapping[tuple[str, Verdict], int]
    #: (name, source_id): stored events.
    sent: Mapping[tuple[str, int], int]
    #: (name, path, kind, source_id): stored events, each once however many items of a list fail.
    failing: Mapping[FailingField, Occurrences]
    #: (name, path, JSON type): stored events.
    fields: Mapping[tuple[str, str, str], int]
    #: (name, path, planned value as JSON): stored events.
    values: Mapping[tuple[str, str, str], int]

    @property
    def by_verdict(self) -> tuple[int, ...]:
        """Events by verdict, indexed by Verdict."""
        counts = [0] * len(Verdict)
        for (_, verdict), count in self.verdicts.items():
            counts[verdict] += count
        return tuple(counts)

    @property
    def readable_names(self) -> set[str]:
        """Names of events that were judged: those of rejected ones may be anything."""
        return {name for name, verdict in self.verdicts if verdict < Verdict.REJECTED}


def tally(group: AppGroup) -> Tally:
    """Counts a settled group."""
    verdicts: Counter[tuple[str, Verdict]] = Counter()
    sent: Counter[tuple[str, int]] = Counter()
    for (name, verdict, source_id), count in _judged(group).items():
        verdicts[name, verdict] += count
        if verdict in STORED:
            sent[name, source_id] += count
    for _, submission, _ in group.submissions:
        verdicts.update((rejection.name, rejection.verdict) for rejection in submission.rejections)
    stored = [group.events[place] for place in group.stored]
    return Tally(verdicts, sent, _failing(group), _fields(stored), _values(stored))


def _judged(group: AppGroup) -> Counter[tuple[str, Verdict, int]]:
    """(name, verdict, source_id): events. In one pass over them, since they are many."""
    names = [event.name for event in group.events]
    return Counter(zip(names, group.verdicts, group.source_ids(), strict=True))


def _failing(group: AppGroup) -> dict[FailingField, Occurrences]:
    failing: dict[FailingField, Occurrences] = {}
    for index, place in enumerate(group.stored):
        event = group.events[place]
        for violation in event.violations:
            _, source_id = group.source_of(place)
            key = (event.name, fold_indices(violation.path), violation.kind.value, source_id)
            known = failing.get(key)
            if known is None:
                failing[key] = Occurrences(index, index, 1)
            elif known.last != index:
                known.last = index
                known.count += 1
    return failing


def _fields(stored: Sequence[NewEvent]) -> Counter[tuple[str, str, str]]:
    shapes: Counter[tuple[str, Hashable]] = Counter(map(_NAME_AND_SHAPE, stored))
    fields: Counter[tuple[str, str, str]] = Counter()
    for (name, shape), count in shapes.items():
        for path, json_type in expand(shape):
            fields[name, path, json_type] += count
    return fields


def _values(stored: Sequence[NewEvent]) -> Counter[tuple[str, str, str]]:
    chosen: Counter[tuple[str, Chosen]] = Counter(map(_NAME_AND_CHOSEN, stored))
    values: Counter[tuple[str, str, str]] = Counter()
    for (name, planned), count in chosen.items():
        for value in planned:
            values[name, value.path, value.text] += count
    return values


def fold_indices(path: str) -> str:
    """The JSON Pointer with numeric steps as `*`, so that all items of a list count as one field.

    A property whose name is a number folds too: the pointer alone does not tell it from an index. Longer
    than MAX_PATH_BYTES: OTHER.
    """
    if len(path.encode(errors="replace")) > MAX_PATH_BYTES:
        return OTHER
    if not any(character.isdigit() for character in path):
        return path
    return "/".join("*" if step.isdecimal() else step for step in path.split("/"))
