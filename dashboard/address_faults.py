"""What an address says that its page cannot have, told with what is shown instead; pure."""

from collections.abc import Callable, Collection, Iterator

from dashboard.filters import status_words
from dashboard.query import Query, many, one
from dashboard.time_ranges import TimeRange
from dashboard.visible_text import cell

#: So much of what an address says is quoted, in characters.
_QUOTED = 40


def range_faults(
    query: Query, is_known: Callable[[str], bool], default: str, choices: Collection[str]
) -> Iterator[str]:
    """Of a range's key, which is one of `choices` or of the kind."""
    key = one(query, "range")
    if key and not is_known(key):
        yield f"There is no range {_quoted(key)}: {default} is shown. It may be {', '.join(choices)}."


def moment_faults(query: Query, custom: TimeRange) -> Iterator[str]:
    """Of the ends of the viewer's own range, of which `custom` is what could be read."""
    for key, at in (("from", custom.start), ("to", custom.end)):
        if (said := one(query, key)) and at is None:
            yield (
                f"{_quoted(said)} is no time to show events {key}: write it like 2026-01-31T12:00Z."
                " The range is open at that side."
            )


def status_faults(query: Query) -> Iterator[str]:
    """Of statuses to filter by."""
    unknown = [word for word in many(query, "status") if word not in status_words()]
    if unknown:
        told = ", ".join(map(_quoted, unknown))
        choices = ", ".join(status_words())
        yield f"There is no status {told} to filter by, so it is left out. It may be {choices}."


def _quoted(said: str) -> str:
    return f'"{cell(said[:_QUOTED])}"'
