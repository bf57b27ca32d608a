"""A view of the page Issues as its URL words it."""

from dataclasses import dataclass
from enum import StrEnum

from dashboard.query import Query, one, texts
from dashboard.time_ranges import DEFAULT_HISTORY, HISTORIES
from storage.issues import Standing
from tracking_plan.violation import Kind


class Sort(StrEnum):
    """Which issues come first."""

    COUNT = "count"
    SHARE = "share"
    LAST_SEEN = "last"
    FIRST_SEEN = "first"


@dataclass(frozen=True, slots=True)
class IssuesView:
    """Which issues are listed, how, and over which range they are counted."""

    app: str | None = None
    range_key: str = DEFAULT_HISTORY
    standing: Standing = Standing.OPEN
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sort: Sort = Sort.COUNT
    #: All of them, and not only the first.
    every: bool = False


def from_query(query: Query) -> IssuesView:
    """The view that a URL's query names; anything it says wrongly falls back to the default."""
    range_key, standing, sort = (one(query, key) for key in ("range", "state", "sort"))
    return IssuesView(
        app=one(query, "app") or None,
        range_key=range_key if range_key in HISTORIES else DEFAULT_HISTORY,
        standing=Standing(standing) if standing in set(Standing) else Standing.OPEN,
        names=texts(query, "name"),
        kinds=tuple(kind for kind in texts(query, "kind") if kind in set(Kind)),
        sort=Sort(sort) if sort in set(Sort) else Sort.COUNT,
        every=one(query, "all") == "1",
    )
