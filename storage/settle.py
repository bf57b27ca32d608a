"""Decides, for one app's events of a group, which are stored, duplicates or refused. Pure.

The decision is taken anew from the start whenever more is known (a look-up, a row that Postgres refused):
it depends on nothing but the judged events, what is stored, and the window of accepted times. What it will
nearly always be is worked out before the lock is held: see `AppGroup.prepare`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from storage.copy_rows import tails
from storage.model import Identity, NewEvent, Outcome, Rejection, Submission
from storage.reasons import Reason
from tracking_plan.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Window:
    """Accepted times of occurrence, in microseconds since 1970; both ends belong to it."""

    oldest_us: int
    newest_us: int

    def holds(self, times: Sequence[int]) -> bool:
        """Whether all of them are accepted."""
        return not times or (min(times) >= self.oldest_us and max(times) <= self.newest_us)


class AppGroup:
    """The submissions of one app in a group, and what becomes of their events."""

    def __init__(self, app_id: int) -> None:
        self.app_id = app_id
        #: (position in the write call, submission, source_id)
        self.submissions: list[tuple[int, Submission, int]] = []
        self.events: list[NewEvent] = []
        #: Their rows as far as they are known before the lock: see storage.copy_rows.
        self.tails: list[bytes] = []
        self._owners: list[int] = []
        #: What each event is told, by its place in `events`.
        self.verdicts: list[Verdict] = []
        #: Places of the events to store, in order.
        self.stored: list[int] = []
        #: Reasons of the events refused here, by their place in `events`.
        self.refused: dict[int, Reason] = {}
        #: Of each event, what tells it apart from the app's others.
        self.identities: list[Identity] = []
        #: The first time at which a dated event occurred; None: none is dated.
        self.earliest_us: int | None = None
        #: Whether an event has no time.
        self.has_undated = False
        #: Whether it is decided as `prepare` did.
        self.is_as_prepared = False
        #: How many stored events `prepare` knew.
        self._prepared_with = 0
        self._times: list[int] = []
        self._unstorable: set[int] = set()

    def add(self, position: int, submission: Submission, source_id: int) -> None:
        """Takes a submission of the app."""
        self._owners.extend([len(self.submissions)] * len(submission.events))
        self.submissions.append((position, submission, source_id))
        self.events.extend(submission.events)
        self.tails.extend(
            tails(submission.events, self.app_id, source_id, submission.plan_version, submission.run_id)
        )

    def identify(self) -> None:
        """For when all events are there."""
        self.identities = [event.identity for event in self.events]
        self._times = [occurred_us for occurred_us, _ in self.identities if occurred_us is not None]
        self.earliest_us = min(self._times, default=None)
        self.has_undated = len(self._times) < len(self.events)

    def prepare(self, known: Mapping[Identity, int]) -> None:
        """Decides as if nothing but `known` was stored before and every time accepted; once identified.

        So it nearly always is: then nothing is left to decide while the app's ledger is locked.
        """
        self._prepared_with = len(known)
        self._decide(known, None)
        self.is_as_prepared = True

    @property
    def judged_by(self) -> set[int]:
        """The plan versions that judged the submissions."""
        return {submission.plan_version for _, submission, _ in self.submissions}

    @property
    def received(self) -> int:
        """Events received, those rejected before storage included."""
        return sum(submission.received for _, submission, _ in self.submissions)

    def source_of(self, place: int) -> tuple[Submission, int]:
        """The submission and source_id of an event."""
        _, submission, source_id = self.submissions[self._owners[place]]
        return submission, source_id

    def source_ids(self) -> list[int]:
        """The source_id of each event."""
        of_owner = [source_id for _, _, source_id in self.submissions]
        return [of_owner[owner] for owner in self._owners]

    def blame(self, place: int) -> None:
        """Marks an event whose values Postgres does not take."""
        self._unstorable.add(place)

    def settle(self, known: Mapping[Identity, int], window: Window) -> None:
        """Decides anew. `known`: content hashes of stored events, as far as they were looked up.

        They hold all that `prepare` knew.
        """
        if len(self.identities) != len(self.events):
            self.identify()
        outside = None if window.holds(self._times) else window
        is_likely = len(known) == self._prepared_with and not self._unstorable and outside is None
        if self.is_as_prepared and is_likely:
            return
        self.is_as_prepared = False
        self._decide(known, outside)

    def _decide(self, known: Mapping[Identity, int], window: Window | None) -> None:
        """`window`: None where every time is accepted."""
        self.verdicts = [event.verdict for event in self.events]
        self.stored, self.refused = [], dict.fromkeys(sorted(self._unstorable), Reason.NOT_STORABLE)
        if window is not None:
            self._refuse_outside(window)
        for place in self.refused:
            self.verdicts[place] = Verdict.REJECTED
        self._drop_known(dict(known))

    def _refuse_outside(self, window: Window) -> None:
        for place, event in enumerate(self.events):
            if event.occurred_us is None:
                continue
            if event.occurred_us > window.newest_us:
                self.refused[place] = Reason.OCCURRED_IN_FUTURE
            elif event.occurred_us < window.oldest_us:
                self.refused[place] = Reason.OCCURRED_TOO_OLD

    def _drop_known(self, known: dict[Identity, int]) -> None:
        """Of equal identities the first is stored, unless it is stored already."""
        identities = self.identities
        if not self.refused and len(set(identities)) == len(identities):
            # The usual group, without a loop of ours over its new events.
            self.stored = [place for place, key in enumerate(identities) if key not in known]
            for place in [place for place, key in enumerate(identities) if key in known]:
                self._drop(place, known[identities[place]])
            return
        for place, (event, key) in enumerate(zip(self.events, identities, strict=True)):
            if place in self.refused:
                continue
            first = known.get(key)
            if first is None:
                known[key] = event.content_hash
                self.stored.append(place)
            else:
                self._drop(place, first)

    def _drop(self, place: int, content_hash: int) -> None:
        """An event whose identity another one with this content has."""
        if self.events[place].content_hash == content_hash:
            self.verdicts[place] = Verdict.DUPLICATE
        else:
            self.verdicts[place] = Verdict.ID_CONFLICT
            self.refused[place] = Reason.ID_CONFLICT

    def rejections(self) -> list[tuple[Submission, int, Rejection]]:
        """Every rejected event with its submission and source_id: those refused here, and those before."""
        before = [
            (submission, source_id, rejection)
            for _, submission, source_id in self.submissions
            for rejection in submission.rejections
        ]
        return before + [(*self.source_of(place), self._rejection(place)) for place in self.refused]

    def _rejection(self, place: int) -> Rejection:
        event, reason = self.events[place], self.refused[place]
        return Rejection(
            event.position, reason.value, reason.message(), event.name, event.raw, self.verdicts[place]
        )

    def outcomes(self, last_seq: int) -> dict[int, Outcome]:
        """By the submissions' positions in the write call."""
        counts = [[0] * len(Verdict) for _ in self.submissions]
        duplicates: list[list[int]] = [[] for _ in self.submissions]
        for owner, event, verdict in zip(self._owners, self.events, self.verdicts, strict=True):
            counts[owner][verdict] += 1
            if verdict is Verdict.DUPLICATE:
                duplicates[owner].append(event.position)
        rejections = self._rejections_by_owner(counts)
        return {
            position: Outcome(
                tuple(counts[owner]),
                frozenset(duplicates[owner]),
                tuple(sorted(rejections[owner], key=attrgetter("position"))),
                last_seq,
                submission.plan_version,
            )
            for owner, (position, submission, _) in enumerate(self.submissions)
        }

    def _rejections_by_owner(self, counts: list[list[int]]) -> list[list[Rejection]]:
        rejections = [list(submission.rejections) for _, submission, _ in self.submissions]
        for owner, before in enumerate(rejections):
            for rejection in before:
                counts[owner][rejection.verdict] += 1
        for place in self.refused:
            rejections[self._owners[place]].append(self._rejection(place))
        return rejections
