"""A view as its URL words it: which app, range, filters, order and tab. (The open event is the script's.)"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from dashboard.filters import MAX_VALUE_CHARS, MAX_VALUES, Chosen, status_words
from dashboard.time_ranges import DEFAULT, KEYS, TimeRange


class Order(StrEnum):
    """Which events come first."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Tab(StrEnum):
    """What the lower half of the page lists."""

    EVENTS = "events"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a URL of the page says; anything it says wrongly falls back to the default."""

    app: str | None = None
    range_key: str = DEFAULT
    custom: TimeRange = field(default_factory=TimeRange)
    chosen: Chosen = field(default_factory=Chosen)
    order: Order = Order.NEWEST
    tab: Tab = Tab.EVENTS


def from_query(query: Mapping[str, str | list[str]]) -> ViewState:
    """The view that a URL's query names; repeated keys come as lists."""
    range_key = _one(query, "range")
    return ViewState(
        app=_one(query, "app") or None,
        range_key=range_key if range_key in KEYS else DEFAULT,
        custom=TimeRange(start=_minute(_one(query, "from")), end=_minute(_one(query, "to"))),
        chosen=Chosen(
            names=tuple(name for name in _many(query, "name") if 0 < len(name) <= MAX_VALUE_CHARS),
            statuses=tuple(word for word in _many(query, "status") if word in status_words()),
        ),
        order=Order.OLDEST if _one(query, "order") == Order.OLDEST else Order.NEWEST,
        tab=Tab.REJECTED if _one(query, "tab") == Tab.REJECTED else Tab.EVENTS,
    )


def _one(query: Mapping[str, str | list[str]], key: str) -> str:
    return next(iter(_many(query, key)), "")


def _many(query: Mapping[str, str | list[str]], key: str) -> list[str]:
    value = query.get(key, [])
    return [value] if isinstance(value, str) else value[:MAX_VALUES]


def _minute(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC).replace(second=0, microsecond=0) if at.tzinfo else None
