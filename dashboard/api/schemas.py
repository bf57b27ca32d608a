"""What the page's scripts may ask, checked at the edge: unknown keys, types and sizes are refused."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from dashboard.exports.rejected import ExportForm
from dashboard.filters import MAX_VALUE_CHARS, MAX_VALUES, BadFilter, Chosen
from dashboard.issues_view import IssuesView, Sort
from dashboard.time_ranges import DEFAULT, DEFAULT_HISTORY, HISTORIES, KEYS, YEARS, TimeRange, resolve
from dashboard.view_models.rejected_groups import STEPS
from dashboard.view_state import Order, Tab
from storage.issues import MAX_REASON_BYTES, IssueKey, Standing
from storage.readers import View
from storage.schema import MAX_PATH_BYTES, MAX_TEXT_BYTES
from tracking_plan.violation import Kind

#: Most rows of one answer.
MAX_ROWS = 500
#: Most rows that an answer of the feed brings: a grid's first block.
HEAD_ROWS = 100
#: Largest number that Postgres's bigint and JavaScript both keep exact.
_MAX_EXACT = 2**53 - 1


def _known_year(at: datetime) -> datetime:
    if at.year not in YEARS:
        raise ValueError(f"its year is none of {YEARS[0]} to {YEARS[-1]}")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_known_year)]
Word = Annotated[str, StringConstraints(max_length=MAX_VALUE_CHARS)]
Words = Annotated[tuple[Word, ...], Field(max_length=MAX_VALUES)]
Whole = Annotated[int, Field(ge=0, le=_MAX_EXACT)]
AppId = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _known_range(key: str) -> str:
    if key not in KEYS:
        raise ValueError(f"is none of {', '.join(KEYS)}")
    return key


def _known_history(key: str) -> str:
    if key not in HISTORIES:
        raise ValueError(f"is none of {', '.join(HISTORIES)}")
    return key


class Strict(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Token(Strict):
    """A frozen view of a grid: what the server said of it, sent back."""

    view: Annotated[str, StringConstraints(max_length=200)]
    start: Moment | None
    end: Moment | None

    def frozen(self) -> View:
        """As the reader takes it; raises BadRequest."""
        return View.from_token(self.view)

    def span(self) -> TimeRange:
        """The range as it was when the view was frozen."""
        return TimeRange(whole_minute(self.start), whole_minute(self.end))


class Ranged(Strict):
    """A view of an app whose range may be the viewer's own: whole minutes [start, end)."""

    app_id: AppId
    start: Moment | None = None
    end: Moment | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        custom = self.custom
        if custom.start and custom.end and custom.start >= custom.end:
            raise BadFilter("the range must end after it begins: choose a later end or an earlier start")
        return self

    @property
    def custom(self) -> TimeRange:
        """The viewer's own range."""
        return TimeRange(whole_minute(self.start), whole_minute(self.end))


class Asked(Ranged):
    """The view that a request is about."""

    range_key: Annotated[str, AfterValidator(_known_range)] = DEFAULT
    names: Words = ()
    statuses: Words = ()
    subject: Word = ""
    run: Word = ""
    order: Order = Order.NEWEST
    tab: Tab = Tab.EVENTS

    def span(self, now: datetime) -> TimeRange:
        """The time range that the view means now."""
        return resolve(self.range_key, now, self.custom)

    def chosen(self) -> Chosen:
        """Its filters in words."""
        return Chosen(self.names, self.statuses, self.subject, self.run)


class RowsAsked(Strict):
    """A block of a grid, by its distance from the first row."""

    view: Asked
    #: None: freeze a new view.
    token: Token | None = None
    offset: Whole
    #: Of views without row numbers: the seq that the block goes on behind.
    after: Whole | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)]


class FeedAsked(Strict):
    """What a page holds, so that the answer is what changed since."""

    view: Asked
    #: The last answer's tag: equal while nothing changed but the time.
    tag: Annotated[str, StringConstraints(max_length=200)] = ""
    #: The last tag that came with what is broken.
    problems_tag: Annotated[str, StringConstraints(max_length=200)] = ""
    #: The last answer's tag of the list of names.
    names_tag: Annotated[str, StringConstraints(max_length=200)] = ""
    #: The last answer's tag of what is told of the followed subject or run.
    follow_tag: Annotated[str, StringConstraints(max_length=200)] = ""
    token: Token | None = None
    #: The grid shows its newest rows and follows them.
    live: bool = False
    #: So many rows from its top are drawn: of more the grid asks when they come into sight.
    drawn: Annotated[int, Field(ge=1, le=HEAD_ROWS)] = HEAD_ROWS


class EventAsked(Strict):
    """One event, as a document."""

    app_id: AppId
    seq: Whole


#: Of a rejected event's bytes.
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Reason = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,100}$")]


class RejectedOpened(Strict):
    """One rejected event."""

    app_id: AppId
    day: date
    sha256: Digest
    reason: Reason


class RejectedAfter(Strict):
    """The last rejected event that the page holds."""

    last_seen_at: Moment
    sha256: Digest
    reason: Reason


class RejectedAsked(Strict):
    """A page of rejected events."""

    view: Asked
    after: RejectedAfter | None = None


Reasons = Annotated[tuple[Reason, ...], Field(max_length=50)]


def _known_reject_range(key: str) -> str:
    if key not in STEPS:
        raise ValueError(f"is none of {', '.join(STEPS)}")
    return key


class RejectsViewAsked(Strict):
    """The view of the page Rejected; its ranges end now."""

    app_id: AppId
    range_key: Annotated[str, AfterValidator(_known_reject_range)]
    #: Empty: every reason.
    reasons: Reasons = ()


class RejectsAsked(Strict):
    """What the page Rejected holds."""

    view: RejectsViewAsked
    #: The last answer's tags: equal while groups, or rows, read the same.
    groups_tag: Annotated[str, StringConstraints(max_length=200)] = ""
    rows_tag: Annotated[str, StringConstraints(max_length=200)] = ""
    #: Where an older page goes on; None: the newest page.
    after: RejectedAfter | None = None


class RejectedExportAsked(RejectsViewAsked):
    """A download of rejected events."""

    form: ExportForm


class IssuesViewAsked(Strict):
    """The view of the page Issues that a request is about."""

    app_id: AppId
    range_key: Annotated[str, AfterValidator(_known_history)] = DEFAULT_HISTORY
    standing: Standing = Standing.OPEN
    names: Words = ()
    kinds: Annotated[tuple[Kind, ...], Field(max_length=len(Kind))] = ()
    sort: Sort = Sort.COUNT
    every: bool = False

    def chosen(self) -> IssuesView:
        """As the page's URL says it, but for the app's name."""
        return IssuesView(
            None, self.range_key, self.standing, self.names, tuple(self.kinds), self.sort, self.every
        )


class IssuesAsked(Strict):
    """What the page Issues holds."""

    view: IssuesViewAsked
    #: The last answer's tags: equal while rows, or the map, read the same.
    rows_tag: Annotated[str, StringConstraints(max_length=200)] = ""
    heat_tag: Annotated[str, StringConstraints(max_length=200)] = ""


class IssueSaid(Strict):
    """What a person says of an issue."""

    app_id: AppId
    name: Annotated[str, StringConstraints(max_length=MAX_TEXT_BYTES)]
    path: Annotated[str, StringConstraints(max_length=MAX_PATH_BYTES)]
    kind: Annotated[str, StringConstraints(max_length=100)]
    standing: Standing
    #: Of MUTED alone.
    reason: Annotated[str, StringConstraints(max_length=MAX_REASON_BYTES)] = ""

    def key(self) -> IssueKey:
        """Which issue is meant."""
        return IssueKey(self.name, self.path, self.kind)


class OverviewAsked(Strict):
    """What the page Overview holds."""

    #: The last answer's tag: equal while the page reads the same.
    tag: Annotated[str, StringConstraints(max_length=200)] = ""


class CoverageAsked(Strict):
    """What the page Coverage holds; its ranges end now."""

    app_id: AppId
    range_key: Annotated[str, AfterValidator(_known_range)]
    #: The event that is open: a planned one shows its fields, another one its draft; "": none.
    event: Word = ""
    tag: Annotated[str, StringConstraints(max_length=200)] = ""


class SystemAsked(Strict):
    """What the page System holds."""

    #: The last answer's tag: equal while the page reads the same.
    tag: Annotated[str, StringConstraints(max_length=200)] = ""


def whole_minute(at: datetime | None) -> datetime | None:
    """The minute that a time is in, in UTC."""
    return at.astimezone(UTC).replace(second=0, microsecond=0) if at else None
