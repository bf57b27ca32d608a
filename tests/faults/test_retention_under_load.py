"""Old days are dropped while producers write, also late events at the border, and readers read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from threading import Event as Signal
from time import sleep

import pytest
from sqlalchemy import Engine, text

import ingest_server.server
from benchmarks.beside import repeating
from ingest_server.maintenance import maintain
from livevalidation.v1.ingest_pb2 import (
    VERDICT_DUPLICATE,
    VERDICT_REJECTED,
    VERDICT_UNPLANNED,
    Event,
    EventBatch,
)
from storage.errors import NotFound
from storage.partitions import attached
from storage.readers import Cursor, Filters, PageQuery, Reader, RowNumber, View
from tests.faults.harness.database_clock import DatabaseClock
from tests.faults.harness.full_oracle import Figures
from tests.faults.harness.scene import Scene
from tests.support.feed_ledger import FeedLedger
from tests.support.ingest import running_server, send
from tests.support.oracle import check_kept, received_in_all
from tests.support.waiting import wait_until

_DAY = timedelta(days=1)
#: A day is dropped an hour later, as a whole.
_RETENTION = _DAY
_GRACE = timedelta(hours=1)
#: What late events have left when they are sent; more than a call takes.
_SPARE = timedelta(seconds=30)
_HISTORY = 300


@dataclass
class Producer:
    """Knows what each event that it sends must be told; any thread may send."""

    address: str
    key: str
    #: By which the database's clock is ahead.
    ahead: timedelta = timedelta(0)
    #: Of the stored: the moment at which each occurred.
    stored: dict[int, datetime] = field(default_factory=dict)
    acked: int = 0
    _numbers: Iterator[int] = field(default_factory=count)

    def send(self, *, new: Sequence[timedelta], expired: Sequence[timedelta], known: Sequence[int]) -> None:
        """New events, by their age, some too old; and those of numbers that are stored."""
        now = datetime.now(UTC) + self.ahead
        fresh = {next(self._numbers): now - age for age in new}
        old = {next(self._numbers): now - age for age in expired}
        sent = {**fresh, **old, **{number: self.stored[number] for number in known}}
        (ack,) = send(self.address, self.key, [EventBatch(events=map(_event, sent, sent.values()))], "all")
        told = [each.verdict for each in ack.verdicts]
        expected = (
            (VERDICT_UNPLANNED, len(fresh)),
            (VERDICT_REJECTED, len(old)),
            (VERDICT_DUPLICATE, len(known)),
        )
        assert told == [verdict for verdict, times in expected for _ in range(times)]
        self.stored.update(fresh)
        self.acked += len(sent)


def _event(number: int, occurred_at: datetime) -> Event:
    made = Event(event_id=f"{number}", name=f"Event {number % 7}", payload_json=b'{"number": %d}' % number)
    made.occurred_at.FromDatetime(occurred_at)
    return made


def _servers_own_maintenance(monkeypatch: pytest.MonkeyPatch) -> Signal:
    """Set once a server that starts from now on has done its first one."""
    done = Signal()

    def maintained(engine: Engine, retention: timedelta) -> None:
        maintain(engine, retention)
        done.set()

    monkeypatch.setattr(ingest_server.server, "maintain", maintained)
    return done


def test_a_day_ends_under_load(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVD_RETENTION_DAYS", f"{_RETENTION.days}")
    monkeypatch.setenv("LVD_UNDATED_WINDOW", "1d")
    clock, reader, app_id = DatabaseClock(scene.engine), Reader(scene.engine), scene.tenant.app_id
    began = datetime.now(UTC)
    first_kept = (began - _RETENTION - _GRACE).date()
    in_time = began - _RETENTION + _GRACE
    own = _servers_own_maintenance(monkeypatch)
    with running_server(scene.database) as server, FeedLedger(scene.engine, app_id) as feed:
        producer = Producer(server.address, scene.tenant.key)

        def jump(ahead: timedelta) -> None:
            producer.ahead = ahead
            clock.jump(ahead)

        # The server's own, at its start: later it would drop the old day before anybody reads it.
        assert own.wait(30)
        jump(datetime.combine(first_kept - _DAY, time(12), UTC) - began)
        producer.send(new=[timedelta(0)] * _HISTORY, expired=[], known=[])
        dropped = dict(producer.stored)
        jump(in_time - began)
        producer.send(new=[timedelta(0)] * _HISTORY, expired=[_RETENTION + _SPARE], known=[])
        kept = [number for number in producer.stored if number not in dropped]
        jump(timedelta(0))
        view = reader.page(PageQuery(app_id, Filters(), False, 50)).view
        wait_until(lambda: len(feed.rows) == 2 * _HISTORY, 30)

        def write() -> None:
            late = [_RETENTION - _SPARE] * 10
            producer.send(new=[timedelta(0)] * 20 + late, expired=[_RETENTION + _SPARE] * 3, known=kept[:5])

        def read() -> None:
            _check_walk(reader, app_id, view)

        with ExitStack() as beside, ThreadPoolExecutor(2) as pool:
            for work in (write, read):
                beside.enter_context(repeating(work))
            sleep(0.5)
            with scene.engine.begin() as conn:
                # A reader that is in the middle of the old day.
                conn.execute(text("SELECT count(*) FROM event")).scalar_one()
                runs = [pool.submit(maintain, scene.engine, _RETENTION) for _ in range(2)]
                acked = producer.acked
                sleep(1.5)
                assert not any(run.done() for run in runs), "they wait for the reader"
                assert producer.acked > acked + 100, "producers do not wait"
            for run in runs:
                run.result(30)
            sleep(0.5)
    assert [row.seq for row in feed.rows] == list(range(1, len(producer.stored) + 1))
    assert feed.gaps == 0, "it was never behind what is kept"
    numbers = _stored_numbers(scene.engine, app_id)
    assert numbers == Counter(producer.stored.keys() - dropped.keys())
    check_kept(scene.engine, app_id, _HISTORY + 1)
    assert received_in_all(scene.engine, app_id) == producer.acked - len(dropped)
    with scene.engine.connect() as conn:
        assert attached(conn)[0].day == in_time.date()
    _check_told(reader, app_id)
    sent = len(producer.stored)
    scene.record(Figures(faults=1, sent=sent, acked=sent, stored=sent, lost=0, twice=0))


def _check_walk(reader: Reader, app_id: int, view: View) -> None:
    """From the oldest row on, a view has all that is kept, and before it what was there when it was read."""
    places = [RowNumber(offset, view) for offset in range(0, 2 * _HISTORY, 50)]
    pages = [reader.page(PageQuery(app_id, Filters(), False, 50, place)) for place in places]
    walked = [row.seq for page in pages for row in page.rows]
    old, kept = walked[:-_HISTORY], walked[-_HISTORY:]
    assert kept == list(range(_HISTORY + 1, 2 * _HISTORY + 1))
    assert old == list(range(1, len(old) + 1))


def _stored_numbers(engine: Engine, app_id: int) -> Counter[int]:
    query = "SELECT (payload->>'number')::int FROM event WHERE app_id = :app_id"
    with engine.connect() as conn:
        return Counter(conn.execute(text(query), {"app_id": app_id}).scalars())


def _check_told(reader: Reader, app_id: int) -> None:
    """Who asks for what is gone is told so."""
    ledger = reader.ledger(app_id)
    assert reader.since(app_id, Cursor(ledger.epoch, 0, _HISTORY - 1), 10).gap
    with pytest.raises(NotFound, match=f"the app has {_HISTORY + 1} to"):
        reader.event(app_id, _HISTORY)
