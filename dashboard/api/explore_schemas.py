"""What the page Explore may ask, checked at the edge."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from dashboard import property_text
from dashboard.api.schemas import MAX_ROWS, AppId, Moment, Ranged, Strict, Token, Whole, Words
from dashboard.explore_view import Field as FilterField
from dashboard.explore_view import Wanted, to_reader
from dashboard.time_ranges import DEFAULT_HISTORY, EXAMPLES, TimeRange, is_range, resolve
from dashboard.view_state import Order
from storage.readers import MAX_PROPERTIES, Filters

FilterValues = Annotated[dict[FilterField, Words], Field(max_length=len(FilterField))]
PropertyText = Annotated[str, StringConstraints(max_length=property_text.MAX_CHARS)]


def _known_range(key: str) -> str:
    if not is_range(key):
        raise ValueError(f"is no range: it may be {', '.join(EXAMPLES)}")
    return key


class ExploreAsked(Ranged):
    """The view that a request is about."""

    range_key: Annotated[str, AfterValidator(_known_range)] = DEFAULT_HISTORY
    #: Values by field: one of them, and none of them.
    values: FilterValues = Field(default_factory=dict)
    unwanted: FilterValues = Field(default_factory=dict)
    #: Texts like `/total > 100`.
    where: Annotated[tuple[PropertyText, ...], Field(max_length=MAX_PROPERTIES)] = ()
    order: Order = Order.NEWEST

    def span(self, now: datetime, zone: ZoneInfo) -> TimeRange:
        """The time range that the view means now."""
        return resolve(self.range_key, now, self.custom, zone)

    def filters(self, span: TimeRange) -> Filters:
        """As the reader takes them; raises BadFilter."""
        return to_reader(Wanted(self.values, self.unwanted, self.where), span)


class ExploreRowsAsked(Strict):
    """A block of the grid: by its distance from the first row, or behind a row."""

    view: ExploreAsked
    #: None: freeze a new view.
    token: Token | None = None
    offset: Whole = 0
    #: seq of the row behind which to go on, instead of an offset.
    after: Whole | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)]


class ExploreSummaryAsked(Strict):
    """What the page shows beside its rows."""

    view: ExploreAsked


class ExploreAliveAsked(Strict):
    """Whether anything can be asked now."""

    app_id: AppId


class ExploreCountAsked(Strict):
    """How many rows a frozen view has."""

    view: ExploreAsked
    token: Token


class ExploreLandAsked(Strict):
    """Where a frozen view is at a time."""

    view: ExploreAsked
    token: Token
    at: Moment

    def minute(self) -> datetime:
        """Its minute."""
        return self.at.astimezone(UTC).replace(second=0, microsecond=0)
