"""What one stream sends next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.sending.job import Repeats, Times
from benchmarks.sending.templates import SOURCE, Stamp, Template, batch_head

_DAY = 86_400
#: How far back a backfill reaches: within the retention of 30 days.
_BACKFILL_SECONDS = 29 * _DAY
#: How far back a recent duplicate may have been sent.
_RECENT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Message:
    """A serialised EventBatch."""

    wire: bytes
    events: int


@dataclass(frozen=True, slots=True)
class _Sent:
    template: Template
    stamp: Stamp
    #: How many of the template's first events were sent.
    events: int
    at: float


@dataclass(frozen=True, slots=True)
class Diet:
    """What all streams of a process are fed with."""

    templates: Sequence[Template]
    times: Times
    duplicates: float
    repeats: Repeats
    #: Serialised events, for Repeats.HISTORY.
    history: Sequence[bytes]
    #: A number of 32 bits that no other batch of the run has.
    next_prefix: Callable[[], int]
    #: Seconds since 1970.
    clock: Callable[[], float]


class Feeder:
    """Makes the messages of one stream; for the events of one app."""

    def __init__(self, diet: Diet, seed: int) -> None:
        self._diet = diet
        self._random = Random(seed)
        self._made = self._random.randrange(len(diet.templates))
        self._batches = 0
        self._sent: list[_Sent] = []
        #: Before it all of `_sent` is older than a minute.
        self._recent = 0
        #: The next one to be sent again as a whole.
        self._again = 0

    def fresh(self) -> Message:
        """A batch of new events only."""
        return self._message(self._next_template(), 0)

    def next(self) -> Message:
        """A batch with the wanted share of duplicates."""
        template = self._next_template()
        wanted = self._diet.duplicates * len(template)
        count = int(wanted) + (self._random.random() < wanted - int(wanted))
        if count == len(template) and self._diet.repeats is not Repeats.HISTORY:
            return self._whole_again()
        return self._message(template, count)

    def _next_template(self) -> Template:
        self._made += 1
        return self._diet.templates[self._made % len(self._diet.templates)]

    def _message(self, template: Template, duplicates: int) -> Message:
        repeated = self._repeated(duplicates)
        fresh = len(template) - duplicates
        now = self._diet.clock()
        stamp = Stamp(self._seconds(now), self._diet.next_prefix())
        self._sent.append(_Sent(template, stamp, fresh, now))
        return self._numbered(stamp.fill(template.first(fresh)) + repeated, len(template))

    def _numbered(self, events: bytes, count: int) -> Message:
        self._batches += 1
        return Message(b"".join((batch_head(self._batches), events, SOURCE)), count)

    def _seconds(self, now: float) -> int:
        """The seconds of `occurred_at`; up to one is added by the nanoseconds."""
        if self._diet.times is Times.MIDNIGHT:
            return int(now) // _DAY * _DAY - 2 - int(now) % 3
        if self._diet.times is Times.BACKFILL:
            return int(now) - self._random.randrange(_BACKFILL_SECONDS)
        return int(now) - 1

    def _repeated(self, count: int) -> bytes:
        if not count:
            return b""
        if self._diet.repeats is Repeats.HISTORY:
            return b"".join(self._random.choices(self._diet.history, k=count))
        parts = []
        while count:
            sent = self._some_sent()
            taken = min(count, sent.events)
            parts.append(sent.stamp.fill(sent.template.first(taken)))
            count -= taken
        return b"".join(parts)

    def _some_sent(self) -> _Sent:
        oldest = 0
        if self._diet.repeats is Repeats.RECENT:
            limit = self._diet.clock() - _RECENT_SECONDS
            while self._recent < len(self._sent) - 1 and self._sent[self._recent].at < limit:
                self._recent += 1
            oldest = self._recent
        return self._sent[self._random.randrange(oldest, len(self._sent))]

    def _whole_again(self) -> Message:
        """What was sent before the start, in its order."""
        sent = self._sent[self._again % len(self._sent)]
        self._again += 1
        return self._numbered(sent.stamp.fill(sent.template.first(sent.events)), sent.events)
