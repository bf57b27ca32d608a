"""What walks between ingest and storage: batches to write, and what became of them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tracking_plan.chosen_values import Chosen
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Violation


@dataclass(frozen=True, slots=True)
class Source:
    """The program that produced a batch; "" where not given."""

    sdk: str = ""
    app_version: str = ""
    platform: str = ""
    environment: str = ""


#: (occurred_us, event_key); occurred_us None: unknown.
Identity = tuple[int | None, bytes]


class NewEvent(NamedTuple):
    """A judged event on its way to storage.

    A tuple and no dataclass: tens of thousands are made each second, and a tuple is made in a quarter of the
    time.
    """

    #: Position in its batch, from 0.
    position: int
    name: str
    subject: str | None
    event_id: str | None
    #: Microseconds since 1970 by the producer's clock; None: unknown.
    occurred_us: int | None
    #: 16 bytes: see storage.identity.event_key.
    event_key: bytes
    #: Signed 64 bits: see storage.identity.content_hash.
    content_hash: int
    #: VALID, INVALID or UNPLANNED.
    verdict: Verdict
    violations: tuple[Violation, ...]
    #: A JSON object in UTF-8 that Postgres's type json takes.
    payload: bytes
    #: The payload's shape for the catalog: see tracking_plan.catalog.
    shape: Hashable
    #: The planned values that it has; () where the plan lists none for it.
    chosen: Chosen
    #: The producer's Event message, kept if the event is rejected after all.
    raw: bytes

    @property
    def identity(self) -> Identity:
        """What tells it apart from its app's other events."""
        return self.occurred_us, self.event_key


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that cannot be stored as one."""

    position: int
    #: Stable and machine-readable: see storage.reasons.
    code: str
    message: str
    #: As far as it could be read; "" otherwise.
    name: str
    raw: bytes
    #: ID_CONFLICT or REJECTED.
    verdict: Verdict = Verdict.REJECTED


@dataclass(frozen=True, slots=True)
class Submission:
    """One producer's batch, judged: `events` and `rejections` together are what was received."""

    app_id: int
    #: The plan version that judged it.
    plan_version: int
    source: Source
    run_id: str | None
    #: Counted when the batch was decoded.
    received: int
    events: Sequence[NewEvent]
    rejections: Sequence[Rejection]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission, after COMMIT."""

    #: Events by verdict, indexed by Verdict; sums up to `received`.
    counts: tuple[int, ...]
    #: Positions of the events that were stored before.
    duplicates: frozenset[int]
    #: Those of the submission, and those that storage added.
    rejections: tuple[Rejection, ...]
    #: The app's newest seq.
    last_seq: int
    plan_version: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """An app's change counters: see docs/design.md §4."""

    app_id: int
    epoch: int
    version: int
    first_seq: int
    last_seq: int
    last_received_at: datetime | None
    plan_version: int


#: How far ahead events may be at most, whatever is set, in microseconds: look-ups of stored ones reckon with
#: it, as they may have been taken by another setting. (Whether days before today are looked into at all goes
#: by the setting: else each night all events of an hour would be looked up, no longer of ten minutes.)
MOST_FUTURE_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What the writer takes; times in microseconds."""

    #: At most MOST_FUTURE_US.
    max_future_us: int
    retention_us: int
    undated_window_us: int


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What one transaction did: an outcome per written submission, and those it did not take."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    #: Positions of submissions whose app another writer holds: offer them again.
    busy: tuple[int, ...] = ()
    #: Positions of submissions whose app does not exist any more: final.
    gone: tuple[int, ...] = ()
    #: Apps whose plan changed since judging, with the version in force: judge and offer again.
    replanned: dict[int, int] = field(default_factory=dict)
