"""Commits batches in groups: what waits when a writer is free goes into one transaction.

A commit costs the same for one batch and for fifty, so groups grow with the load by themselves. Each writer
is a thread with a connection of its own; while one waits for its COPY, another one's rows are prepared. One
writer is kept for light apps, which so never wait for a heavy one: see fair_queue.py.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Protocol

import structlog

from ingest_server.errors import Draining, Unauthenticated
from ingest_server.fair_queue import FairQueue, Turn
from ingest_server.metrics import GroupError, Metrics, OfferedAgain
from ingest_server.outage import Outage
from ingest_server.pending import Pending
from storage.errors import Unavailable
from storage.model import Outcome, Submission, WriteResult

_log = structlog.get_logger(__name__)

#: A log line names so many batches of a group.
_NAMED_BATCHES = 10

#: A batch whose app others hold for so long is given back to its producer. In seconds.
_HELD_SECONDS = 10.0

#: How long a group waits to grow while another one is written, in seconds: half of what that takes at full
#: load. The two share the cores, and a small group costs nearly as much as one of some thousand events.
_LINGER_BESIDE = 0.05

Settlement = tuple[Pending, Outcome | Exception]


class GroupWriter(Protocol):
    """storage.writer.Writer."""

    def write(self, submissions: Sequence[Submission]) -> WriteResult: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class GroupBounds:
    """When a group is full, or old enough to go as it is."""

    max_events: int
    max_bytes: int
    linger_seconds: float

    @property
    def light_events(self) -> int:
        """An app of which more events wait is heavy. So few are written in a few milliseconds."""
        return max(1, self.max_events // 40)

    @property
    def small_events(self) -> int:
        """A heavy app of which no more wait is small: written in some ten milliseconds."""
        return self.max_events // 10


@dataclass(frozen=True, slots=True)
class Crew:
    """Who writes."""

    #: They take any group, those of heavy apps first.
    writers: Sequence[GroupWriter]
    #: Takes groups of light apps, and small heavy ones while all others write. None: nobody is kept for them.
    light_writer: GroupWriter | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the queue asks of the rest of the server; called from the writer threads."""

    #: Judges a batch by that version of its app's plan; may raise.
    rejudge: Callable[[Pending, int], Submission]
    #: Runs a function that settles batches on the thread that wants to hear of them.
    hand_over: Callable[[Callable[[], None]], object]


class GroupCommit:
    """The queue and its writer threads. `offer`, then each batch's `settle` is called exactly once."""

    def __init__(
        self, crew: Crew, bounds: GroupBounds, outage: Outage, hooks: Hooks, metrics: Metrics
    ) -> None:
        self._bounds = bounds
        self._outage = outage
        self._hooks = hooks
        self._metrics = metrics
        self._queue = FairQueue(bounds.light_events, bounds.small_events)
        lock = Lock()
        #: Told to a writer of any group, and to that of light ones: there may be something to take.
        self._work, self._light_work = Condition(lock), Condition(lock)
        #: How many writers of any group have none, and whether that of light groups waits for one.
        self._writers_free = len(crew.writers)
        self._light_writer_free = False
        self._closing = False
        self._threads = [
            Thread(target=self._run, args=(writer, False), name=f"writer-{number}", daemon=True)
            for number, writer in enumerate(crew.writers)
        ]
        if crew.light_writer is not None:
            light = (crew.light_writer, True)
            self._threads.append(Thread(target=self._run, args=light, name="writer-light", daemon=True))

    def start(self) -> None:
        """Begins to write."""
        for thread in self._threads:
            thread.start()

    def offer(self, pending: Pending) -> None:
        """Takes a batch. Raises Unavailable while the database is away, Draining once closed."""
        with self._work:
            if self._closing:
                raise Draining
            if not self._outage.available:
                raise Unavailable("The database is away")
            self._queue.put(pending)
            self._metrics.queued_events.set(self._queue.events)
            self._tell_of(pending.app_id)

    def _tell_of(self, app_id: int) -> None:
        """Wakes one writer that may take an app's batches now; a light app in hand waits for its writer."""
        if not self._queue.is_light(app_id):
            (self._work if self._writers_free else self._light_work).notify()
        elif not self._queue.is_in_hand(app_id):
            (self._light_work if self._light_writer_free else self._work).notify()

    def _tell_all(self) -> None:
        self._work.notify_all()
        self._light_work.notify_all()

    @property
    def queued_events(self) -> int:
        """Events that wait for a writer."""
        return self._queue.events

    def close(self, timeout: float) -> None:
        """Takes no more, writes what waits, and returns when that is settled or the time is over.

        What could not be written by then is settled as Draining.
        """
        with self._work:
            self._closing = True
            self._tell_all()
        deadline = monotonic() + timeout
        if self._outage.available:
            self._join(deadline)
        self._outage.stop()
        self._refuse(Draining())
        self._join(deadline)

    def _join(self, deadline: float) -> None:
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))

    def _run(self, writer: GroupWriter, is_light: bool) -> None:
        next_group = self._next_light_group if is_light else self._next_group
        failures = self._outage.failures
        try:
            while group := next_group():
                if failures != self._outage.failures:
                    failures = self._outage.failures
                    # Its connection is older than the failure: a new one costs less than a failed group.
                    writer.close()
                try:
                    self._write(writer, group)
                finally:
                    self._done(group, is_light)
        finally:
            writer.close()

    def _next_group(self) -> list[Pending]:
        """Waits for batches; an empty group means that the end has come."""
        with self._work:
            group = self._wait_for_group(self._work, self._any_turn, self._linger_beside)
            self._writers_free -= 1
            return group

    def _next_light_group(self) -> list[Pending]:
        """The same, of light apps, or of a small one while no other writer is free; while closing of any."""
        with self._light_work:
            self._light_writer_free = True
            try:
                return self._wait_for_group(self._light_work, self._light_turn, self._linger)
            finally:
                self._light_writer_free = False

    def _linger(self) -> float:
        return self._bounds.linger_seconds

    def _linger_beside(self) -> float:
        return max(self._linger(), _LINGER_BESIDE) if self._queue.is_any_in_hand else self._linger()

    def _any_turn(self) -> Turn | None:
        return self._queue.heavy_turn() or self._queue.light_turn()

    def _light_turn(self) -> Turn | None:
        if self._closing:
            return self._any_turn()
        return self._queue.light_turn() or (None if self._writers_free else self._queue.small_turn())

    def _wait_for_group(
        self, work: Condition, next_turn: Callable[[], Turn | None], linger: Callable[[], float]
    ) -> list[Pending]:
        while True:
            turn = next_turn()
            if turn is None:
                if self._closing and not self._queue:
                    return []
                work.wait()
                continue
            wait = turn.oldest_offer + linger() - monotonic()
            if wait <= 0 or self._closing or turn.events >= self._bounds.max_events:
                group = self._queue.take(turn, self._bounds.max_events, self._bounds.max_bytes)
                self._metrics.queued_events.set(self._queue.events)
                if self._any_turn() is not None:
                    # Of what is left: whoever was told of it may be this writer, or the last that was free.
                    self._work.notify()
                    self._light_work.notify()
                return group
            work.wait(wait)

    def _done(self, group: list[Pending], is_light: bool) -> None:
        with self._work:
            self._queue.done(group)
            self._writers_free += not is_light
            # Its apps' next batches may be taken now, by whom it may concern.
            self._tell_all()
        # A writer that waits for work keeps none in memory.
        group.clear()

    def _write(self, writer: GroupWriter, group: list[Pending]) -> None:
        """Writes a group; after a fault of ours in parts, so that only the batch that has it fails."""
        parts = deque([group])
        while parts:
            part = parts.popleft()
            started = monotonic()
            try:
                result = writer.write([pending.submission for pending in part])
            except Unavailable as error:
                self._give_back([*part, *chain.from_iterable(parts)], error)
                return
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the thread
                parts.extend(self._parts_after(error, part))
            else:
                self._outage.succeeded()
                self._metrics.commit_seconds.observe(monotonic() - started)
                self._take_up(part, result)

    def _give_back(self, batches: list[Pending], error: Unavailable) -> None:
        self._metrics.failed_groups.labels(GroupError.UNAVAILABLE).inc()
        _log.warning("group_not_committed", why=str(error), **_named(batches))
        self._settle([(pending, error) for pending in batches])
        self._outage.failed(lambda: self._refuse(Unavailable("The database is away")))

    def _parts_after(self, error: Exception, group: list[Pending]) -> list[list[Pending]]:
        """What to write again of a group that failed: nothing of a single batch, which is told."""
        self._metrics.failed_groups.labels(GroupError.INTERNAL).inc()
        _log.error("group_failed", exc_info=error, **_named(group))
        if len(group) > 1:
            return _smaller(group)
        self._settle([(pending, error) for pending in group])
        return []

    def _take_up(self, group: list[Pending], result: WriteResult) -> None:
        if result.outcomes:
            self._metrics.group_events.observe(sum(group[place].events for place in result.outcomes))
        settled: list[Settlement] = [(group[place], outcome) for place, outcome in result.outcomes.items()]
        # The app was deleted, and its keys with it.
        settled += [(group[place], Unauthenticated()) for place in result.gone]
        self._settle(settled)
        self._come_back_to([group[place] for place in result.busy])
        if result.replanned:
            self._judge_again(group, result.replanned)

    def _come_back_to(self, busy: list[Pending]) -> None:
        """Offers again those whose app another writer holds, unless it is held for too long."""
        too_long = monotonic() - _HELD_SECONDS
        given_up = [pending for pending in busy if pending.offered_at < too_long]
        if given_up:
            _log.warning("ledger_held", **_named(given_up))
            self._settle([(pending, Unavailable("Another writer holds the app")) for pending in given_up])
        self._offer_again([pending for pending in busy if pending.offered_at >= too_long], OfferedAgain.BUSY)

    def _judge_again(self, group: list[Pending], versions: dict[int, int]) -> None:
        judged = []
        for pending in group:
            version = versions.get(pending.app_id)
            if version is None:
                continue
            try:
                if pending.submission.plan_version != version:
                    pending.submission = self._hooks.rejudge(pending, version)
            except Exception as error:  # noqa: BLE001 - one app's plan must not end the thread
                _log.exception("plan_not_loaded", app=pending.app_id, version=version)
                self._settle([(pending, error)])
            else:
                judged.append(pending)
        self._offer_again(judged, OfferedAgain.REPLANNED)

    def _offer_again(self, batches: list[Pending], reason: OfferedAgain) -> None:
        if not batches:
            return
        self._metrics.offered_again.labels(reason).inc(len(batches))
        # Whoever may take them is told when their group is done.
        with self._work:
            self._queue.put_back(batches)

    def _refuse(self, error: Exception) -> None:
        """Settles all that waits."""
        with self._work:
            waiting = self._queue.take_all()
            self._metrics.queued_events.set(0)
            if self._closing:
                self._tell_all()
        self._settle([(pending, error) for pending in waiting])

    def _settle(self, settled: Sequence[Settlement]) -> None:
        if settled:
            self._hooks.hand_over(lambda: _settle_all(settled))


def _named(group: Sequence[Pending]) -> dict[str, object]:
    """A group for the log: its apps, and the producers' numbers of its first batches."""
    return {
        "apps": sorted({pending.app_id for pending in group}),
        "batches": len(group),
        "first_batches": [(pending.app_id, pending.batch_id) for pending in group[:_NAMED_BATCHES]],
    }


def _smaller(group: Sequence[Pending]) -> list[list[Pending]]:
    """The group app by app; that of a single app batch by batch."""
    by_app: defaultdict[int, list[Pending]] = defaultdict(list)
    for pending in group:
        by_app[pending.app_id].append(pending)
    return list(by_app.values()) if len(by_app) > 1 else [[pending] for pending in group]


def _settle_all(settled: Sequence[Settlement]) -> None:
    for pending, result in settled:
        # Whoever hears of it keeps the batch: a way back would make a cycle, which only the collector frees.
        settle, pending.settle = pending.settle, _settled_before
        try:
            settle(pending, result)
        except Exception:  # noqa: BLE001 - a fault of ours must not keep acks from the others
            # The others of the group are to hear of it all the same.
            _log.exception("batch_not_settled", app=pending.app_id, batch=pending.batch_id)


def _settled_before(pending: Pending, result: Outcome | Exception) -> None:
    raise RuntimeError(f"batch {pending.batch_id} is settled again, as {result!r}")
