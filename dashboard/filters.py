"""What a viewer may filter by: the allow-list between a request's words and the reader's filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.time_ranges import TimeRange
from storage.readers import Filters
from storage.schema import OTHER
from tracking_plan.verdict import STORED, Verdict

#: Most values of one filter.
MAX_VALUES = 100
#: Longest value of a filter, in characters.
MAX_VALUE_CHARS = 256

_STATUS_BY_WORD: Mapping[str, Verdict] = {verdict.word: verdict for verdict in STORED}


class BadFilter(ValueError):
    """A filter that this page cannot have; the message says which and what it may be."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A view's filters in the words of its URL."""

    names: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    #: The one user or device, and the one test run, that is followed; "": none.
    subject: str = ""
    run: str = ""


def to_reader(chosen: Chosen, span: TimeRange) -> Filters:
    """The reader's filters; raises BadFilter."""
    return Filters(
        names=_checked("names", chosen.names),
        statuses=tuple(sorted({_status(word) for word in _checked("statuses", chosen.statuses)})),
        subject=_one("subject", chosen.subject),
        run_id=_one("run", chosen.run),
        start=span.start,
        end=span.end,
    )


def is_filter(value: str) -> bool:
    """Whether events can be filtered by a stored value: not by what stands for several, or is too long."""
    return value != OTHER and 0 < len(value) <= MAX_VALUE_CHARS


def status_words() -> list[str]:
    """The statuses that stored events have, in the order in which they are shown."""
    return list(_STATUS_BY_WORD)


def _status(word: str) -> Verdict:
    try:
        return _STATUS_BY_WORD[word]
    except KeyError:
        raise BadFilter(
            f"status {word[:40]!r} cannot be filtered by; it may be {', '.join(_STATUS_BY_WORD)}"
        ) from None


def _one(filter_name: str, value: str) -> str | None:
    (checked,) = _checked(filter_name, (value,))
    return checked or None


def _checked(filter_name: str, values: Sequence[str]) -> tuple[str, ...]:
    if len(values) > MAX_VALUES:
        raise BadFilter(f"{filter_name}: at most {MAX_VALUES} values, not {len(values)}")
    for value in values:
        if len(value) > MAX_VALUE_CHARS or "\0" in value:
            raise BadFilter(
                f"{filter_name}: a value has at most {MAX_VALUE_CHARS} characters and no NUL character"
            )
    return tuple(dict.fromkeys(values))
