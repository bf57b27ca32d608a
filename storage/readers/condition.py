"""Filters as one normal form, checked. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from storage.errors import BadRequest
from storage.readers.looked_into import MAX_PROPERTIES, Property
from storage.readers.minutes import check_range
from storage.readers.model import MAX_FILTER_VALUES, Filters
from tracking_plan.verdict import STORED, Verdict
from tracking_plan.violation import Kind

T = TypeVar("T", str, int)

#: Columns of `source` by the filter that asks for them.
SOURCE_FILTERS = {
    "app_versions": "app_version",
    "platforms": "platform",
    "environments": "environment",
    "sdks": "sdk",
}
#: The same by the filter that asks for other ones.
SOURCE_FILTERS_NOT = {
    "source_ids_not": "source_id",
    **{f"{name}_not": column for name, column in SOURCE_FILTERS.items()},
}
#: Filters of any texts.
_TEXTS = tuple(
    name for one in ("names", "subjects", "run_ids", "paths", *SOURCE_FILTERS) for name in (one, f"{one}_not")
)
#: Other verdicts have no violations.
_NOT_VALID = frozenset({int(Verdict.INVALID), int(Verdict.UNPLANNED)})


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row must meet; None asks nothing, an empty tuple is met by no row."""

    names: tuple[str, ...] | None = None
    names_not: tuple[str, ...] = ()
    #: Sorted; a part of STORED.
    statuses: tuple[int, ...] | None = None
    subjects: tuple[str, ...] | None = None
    subjects_not: tuple[str, ...] = ()
    run_ids: tuple[str, ...] | None = None
    run_ids_not: tuple[str, ...] = ()
    source_ids: tuple[int, ...] | None = None
    kinds: tuple[Kind, ...] | None = None
    kinds_not: tuple[Kind, ...] = ()
    paths: tuple[str, ...] | None = None
    paths_not: tuple[str, ...] = ()
    properties: tuple[Property, ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    @property
    def countable(self) -> bool:
        """Whether the rollups can count it, as far as they keep its names apart."""
        return self == self.counted

    @property
    def counted(self) -> "Condition":
        """The part of it that the rollups know: a row that meets the condition meets this part."""
        return Condition(self.names, self.names_not, self.statuses, start=self.start, end=self.end)

    @property
    def every_row(self) -> bool:
        """Whether it asks for nothing but a time range."""
        return self == Condition(start=self.start, end=self.end)

    @property
    def no_row(self) -> bool:
        """Whether no row can meet it, whatever is stored."""
        return () in (self.names, self.statuses, self.subjects, self.run_ids, self.source_ids)


@dataclass(frozen=True, slots=True)
class SourceFields:
    """Values by column of `source`; without any, every source will do."""

    wanted: dict[str, tuple[str, ...]]
    unwanted: dict[str, tuple[str, ...] | tuple[int, ...]]


def source_fields(filters: Filters) -> SourceFields:
    """What the filters ask of sources."""
    wanted = {column: getattr(filters, name) for name, column in SOURCE_FILTERS.items()}
    unwanted = {column: getattr(filters, name) for name, column in SOURCE_FILTERS_NOT.items()}
    return SourceFields(
        {column: values for column, values in wanted.items() if values},
        {column: values for column, values in unwanted.items() if values},
    )


def countable(filters: Filters) -> bool:
    """Whether rollups can count what the filters ask for. Raises BadRequest."""
    of_sources = source_fields(filters) != SourceFields({}, {})
    return condition_of(filters, () if of_sources else None).countable


def condition_of(filters: Filters, source_ids: tuple[int, ...] | None = None) -> Condition:
    """The normal form. `source_ids`: those that match the wanted source fields; None: none is wanted.

    Raises BadRequest.
    """
    check_range(filters.start, filters.end)
    _check_values(filters)
    one_subject = () if filters.subject is None else (filters.subject,)
    one_run = () if filters.run_id is None else (filters.run_id,)
    subjects = _meet(one_subject or None, filters.subjects or None)
    run_ids = _meet(one_run or None, filters.run_ids or None)
    return Condition(
        names=_without(filters.names or None, filters.names_not),
        names_not=() if filters.names else _sorted(filters.names_not),
        statuses=_statuses(filters),
        subjects=_without(subjects, filters.subjects_not),
        subjects_not=() if subjects is not None else _sorted(filters.subjects_not),
        run_ids=_without(run_ids, filters.run_ids_not),
        run_ids_not=() if run_ids is not None else _sorted(filters.run_ids_not),
        source_ids=_meet(filters.source_ids or None, source_ids),
        kinds=tuple(sorted(set(filters.kinds))) or None,
        kinds_not=tuple(sorted(set(filters.kinds_not))),
        paths=_sorted(filters.paths) or None,
        paths_not=_sorted(filters.paths_not),
        properties=filters.properties,
        start=filters.start,
        end=filters.end,
    )


def _statuses(filters: Filters) -> tuple[int, ...] | None:
    for status in (*filters.statuses, *filters.statuses_not):
        if status not in STORED:
            raise BadRequest(
                f"no rows have the status {Verdict(status).word!r}: such events are only counted"
            )
    wanted = {int(status) for status in filters.statuses or STORED}
    wanted -= {int(status) for status in filters.statuses_not}
    if filters.kinds or filters.paths:
        wanted &= _NOT_VALID
    return None if len(wanted) == len(STORED) else tuple(sorted(wanted))


def _without(wanted: Iterable[str] | None, unwanted: Sequence[str]) -> tuple[str, ...] | None:
    return None if wanted is None else _sorted(set(wanted) - set(unwanted))


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _meet(one: Iterable[T] | None, other: Iterable[T] | None) -> tuple[T, ...] | None:
    """What is in both, sorted; None: everything."""
    if one is None or other is None:
        given = other if one is None else one
        return None if given is None else tuple(sorted(set(given)))
    return tuple(sorted(set(one) & set(other)))


def _check_values(filters: Filters) -> None:
    for name in (*_TEXTS, "source_ids", "source_ids_not", "kinds", "kinds_not"):
        if len(getattr(filters, name)) > MAX_FILTER_VALUES:
            raise BadRequest(f"{name}: at most {MAX_FILTER_VALUES} values can be filtered by")
    if len(filters.properties) > MAX_PROPERTIES:
        raise BadRequest(f"properties: at most {MAX_PROPERTIES} can be filtered by")
    for wanted in filters.properties:
        wanted.check()
    if not all(map(_storable, _texts(filters))):
        raise BadRequest("a filter holds a NUL character or half a character, which no stored text has")


def _texts(filters: Filters) -> Iterable[str]:
    yield from (value for name in _TEXTS for value in getattr(filters, name))
    yield from (filters.subject or "", filters.run_id or "")
    for wanted in filters.properties:
        yield from wanted.steps
        yield from (value for value in wanted.values if isinstance(value, str))


def _storable(value: str) -> bool:
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
