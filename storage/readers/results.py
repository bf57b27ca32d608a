"""What stats, plan coverage and the rejected page get from the readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage.model import Ledger, Source
from tracking_plan.planned_fields import PlannedFields
from tracking_plan.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Totals:
    """Events of a time range; `counts` has every verdict, ID_CONFLICT apart from REJECTED."""

    ledger: Ledger
    counts: Mapping[Verdict, int]

    @property
    def received(self) -> int:
        """The sum of all verdicts: see Reader.minutes_check for what was counted before judging."""
        return sum(self.counts.values())

    @property
    def stored(self) -> int:
        """Events that are rows."""
        return self.counts[Verdict.VALID] + self.counts[Verdict.INVALID] + self.counts[Verdict.UNPLANNED]

    @property
    def rejected(self) -> int:
        """Rejections of every kind."""
        return self.counts[Verdict.REJECTED] + self.counts[Verdict.ID_CONFLICT]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts per bar: bar i is [starts[i], starts[i] + step); every verdict has len(starts) counts."""

    step: timedelta
    starts: tuple[datetime, ...]
    counts: Mapping[Verdict, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast events arrive, by Postgres's clock `now`."""

    #: Events received per second over the last 60 s.
    per_second: float
    last_received_at: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class NameCount:
    """Events of one name; `counts` has every verdict. Names beyond the rollups' limit count as OTHER."""

    name: str
    counts: Mapping[Verdict, int]
    #: None for OTHER and for "", the name of unreadable events.
    first_seen: datetime | None

    @property
    def stored(self) -> int:
        """Events that are rows."""
        return self.counts[Verdict.VALID] + self.counts[Verdict.INVALID] + self.counts[Verdict.UNPLANNED]


@dataclass(frozen=True, slots=True)
class FailingField:
    """Events with violations of one kind at one field, array indices folded to `*`."""

    name: str
    path: str
    kind: str
    #: Of the hours around the range, at most all events of that name that were invalid (or unplanned) in it.
    count: int
    #: `count` per stored event of that name in the range.
    share: float
    #: When it began inside the range: the first minute, of the field's first hour, in which an event of that
    #: name was invalid (or unplanned, for the kind that says so).
    first_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """How an event of the plan in force fared in a time range."""

    name: str
    counts: Mapping[Verdict, int]
    #: Minute of its last stored event in the range; None: none came.
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The plan in force against what came in a time range. Empty where the app has no plan."""

    plan_version: int
    events: tuple[PlannedEvent, ...]
    #: Names that are not in the plan, most frequent first.
    unplanned: tuple[NameCount, ...]

    @property
    def planned(self) -> int:
        """How many events the plan has."""
        return len(self.events)

    @property
    def captured(self) -> tuple[str, ...]:
        """Planned events of which at least one was stored."""
        return tuple(event.name for event in self.events if event.last_seen is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """Planned events that never came."""
        return tuple(event.name for event in self.events if event.last_seen is None)

    @property
    def fully_valid(self) -> tuple[str, ...]:
        """Captured events of which every one was valid."""
        return tuple(
            event.name
            for event in self.events
            if event.last_seen is not None
            and not event.counts[Verdict.INVALID]
            and not event.counts[Verdict.UNPLANNED]
        )


@dataclass(frozen=True, slots=True)
class CatalogField:
    """A field that stored events had, with one of its JSON types."""

    name: str
    path: str
    json_type: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """What is known of all stored events of one name."""

    #: How many there are.
    events: int
    fields: tuple[CatalogField, ...]


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value that the plan lists, or listed, for a field, and that came."""

    path: str
    #: As JSON: see tracking_plan.planned_fields.value_text.
    value: str
    #: Stored events that had it.
    count: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """How many of a planned event's fields, and of the values that the plan lists for them, ever came."""

    name: str
    fields: int
    fields_came: int
    values: int
    values_came: int


@dataclass(frozen=True, slots=True)
class UnplannedFields:
    """Fields that planned events came with and that the plan does not name, by name and path."""

    fields: tuple[CatalogField, ...]
    #: Whether planned events have more fields than are looked at: those of the last names are not.
    is_cut: bool


@dataclass(frozen=True, slots=True)
class EventFields:
    """The fields of one planned event, and what ever came of them."""

    name: str
    planned: PlannedFields
    #: Events of that name, of all time.
    stored: int
    #: Of planned fields, by path and JSON type.
    fields: tuple[CatalogField, ...]
    #: Of planned fields; those of former plan versions, too.
    values: tuple[FieldValue, ...]
    #: Whether more fields or values of the event, or names of the app, came than are kept apart: what seems
    #: missing may be among those.
    is_beyond_limits: bool


@dataclass(frozen=True, slots=True)
class RejectedCursor:
    """The last rejected event of a page."""

    last_seen_at: datetime
    #: Hexadecimal.
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """What could not be stored as an event, with what is known of it."""

    day: date
    #: Hexadecimal, of the whole raw bytes.
    sha256: str
    reason: str
    message: str
    #: "" where it could not be read.
    name: str
    #: The Event message, cut at storage.schema.MAX_RAW_BYTES.
    raw: bytes
    #: Length before cutting, in bytes.
    raw_bytes: int
    source: Source
    run_id: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """Rejected events, last seen first; `next` None: no more of them."""

    rows: tuple[RejectedRow, ...]
    #: Where to go on; also where a search for rare reasons stopped before the page was full.
    next: RejectedCursor | None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A program that sent batches."""

    source_id: int
    source: Source
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class MinuteCheck:
    """What was counted at decode, and the verdicts counted in the rollups."""

    minute: datetime
    received: int
    counted: int

    @property
    def agrees(self) -> bool:
        """Whether received = valid + invalid + unplanned + duplicate + rejected."""
        return self.received == self.counted
