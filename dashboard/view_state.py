"""A view as its URL words it: which app, range, filters, order and tab. (The open event is the script's.)"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from dashboard.address_faults import moment_faults, range_faults, status_faults
from dashboard.filters import Chosen, status_words
from dashboard.query import Query, many, one, texts
from dashboard.time_ranges import DEFAULT, KEYS, YEARS, TimeRange


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
    #: What it says wrongly, in sentences.
    faults: tuple[str, ...] = ()


def from_query(query: Query) -> ViewState:
    """The view that a URL's query names; repeated keys come as lists."""
    range_key = one(query, "range")
    custom = TimeRange(start=minute_of(one(query, "from")), end=minute_of(one(query, "to")))
    return ViewState(
        app=one(query, "app") or None,
        range_key=range_key if range_key in KEYS else DEFAULT,
        custom=custom,
        chosen=Chosen(
            names=texts(query, "name"),
            statuses=tuple(word for word in many(query, "status") if word in status_words()),
            subject=next(iter(texts(query, "subject")), ""),
            run=next(iter(texts(query, "run")), ""),
        ),
        order=Order.OLDEST if one(query, "order") == Order.OLDEST else Order.NEWEST,
        tab=Tab.REJECTED if one(query, "tab") == Tab.REJECTED else Tab.EVENTS,
        faults=(
            *range_faults(query, KEYS.__contains__, DEFAULT, KEYS),
            *moment_faults(query, custom),
            *status_faults(query),
        ),
    )


def minute_of(text: str) -> datetime | None:
    """The minute of an ISO time with its zone; None: it is none, or not of YEARS."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None or at.year not in YEARS:
        return None
    return at.astimezone(UTC).replace(second=0, microsecond=0)
