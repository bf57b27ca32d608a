"""Filters as one normal form, checked. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from storage.errors import BadRequest
from storage.readers.minutes import check_range
from storage.readers.model import MAX_FILTER_VALUES, Filters
from tracking_plan.verdict import STORED, Verdict

T = TypeVar("T", str, int)

#: Columns of `source` by the filter that asks for them.
SOURCE_FILTERS = {
    "app_versions": "app_version",
    "platforms": "platform",
    "environments": "environment",
    "sdks": "sdk",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row must meet; None asks nothing, an empty tuple is met by no row."""

    names: tuple[str, ...] | None = None
    names_not: tuple[str, ...] = ()
    #: Sorted; a part of STORED.
    statuses: tuple[int, ...] | None = None
    subject: str | None = None
    run_id: str | None = None
    source_ids: tuple[int, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def countable(self) -> bool:
        """Whether the rollups can count it, as far as they keep its names apart."""
        return self.subject is None and self.run_id is None and self.source_ids is None

    @property
    def every_row(self) -> bool:
        """Whether it asks for nothing but a time range."""
        return self.countable and self.names is None and self.statuses is None and not self.names_not

    @property
    def no_row(self) -> bool:
        """Whether no row can meet it, whatever is stored."""
        return () in (self.names, self.statuses, self.source_ids)


def source_fields(filters: Filters) -> dict[str, tuple[str, ...]]:
    """Wanted values by column of `source`; empty: any."""
    wanted = {column: getattr(filters, name) for name, column in SOURCE_FILTERS.items()}
    return {column: values for column, values in wanted.items() if values}


def condition_of(filters: Filters, source_ids: tuple[int, ...] | None = None) -> Condition:
    """The normal form. `source_ids`: those that match the wanted source fields; None: none is wanted.

    Raises BadRequest.
    """
    check_range(filters.start, filters.end)
    _check_values(filters)
    return Condition(
        names=_names(filters),
        names_not=() if filters.names else tuple(sorted(set(filters.names_not))),
        statuses=_statuses(filters),
        subject=filters.subject,
        run_id=filters.run_id,
        source_ids=_meet(filters.source_ids or None, source_ids),
        start=filters.start,
        end=filters.end,
    )


def _names(filters: Filters) -> tuple[str, ...] | None:
    if not filters.names:
        return None
    return tuple(sorted(set(filters.names) - set(filters.names_not)))


def _statuses(filters: Filters) -> tuple[int, ...] | None:
    for status in (*filters.statuses, *filters.statuses_not):
        if status not in STORED:
            raise BadRequest(
                f"no rows have the status {Verdict(status).word!r}: such events are only counted"
            )
    wanted = set(filters.statuses or STORED) - set(filters.statuses_not)
    return None if wanted == set(STORED) else tuple(sorted(int(status) for status in wanted))


def _meet(one: Iterable[T] | None, other: Iterable[T] | None) -> tuple[T, ...] | None:
    """What is in both, sorted; None: everything."""
    if one is None or other is None:
        given = other if one is None else one
        return None if given is None else tuple(sorted(set(given)))
    return tuple(sorted(set(one) & set(other)))


def _check_values(filters: Filters) -> None:
    texts = ("names", "names_not", *SOURCE_FILTERS)
    for name in (*texts, "source_ids"):
        if len(getattr(filters, name)) > MAX_FILTER_VALUES:
            raise BadRequest(f"{name}: at most {MAX_FILTER_VALUES} values can be filtered by")
    given = [value for name in texts for value in getattr(filters, name)]
    if not all(map(_storable, (*given, filters.subject or "", filters.run_id or ""))):
        raise BadRequest("a filter holds a NUL character or half a character, which no stored text has")


def _storable(value: str) -> bool:
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
