"""Whatever is sent, in whatever order, over midnights and days: the writer agrees with a model of itself.

Time goes on by the ledger: an app's last arrival is set ahead, as by a server whose clock was, and the
writer receives no earlier than that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import time_ns

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from storage.memory import Memory
from storage.model import Identity, NewEvent
from storage.writer import Writer
from tests.support.events import DAY_US, LIMITS, MINUTE_US, new_event, submission
from tests.support.oracle import check_app, check_received
from tests.support.writing import engine_of, new_app, writer_on
from tracking_plan.verdict import Verdict

NOW_US = time_ns() // 1_000

#: When events occurred, from now: days before, around the midnight behind and ahead, in the future, unknown.
_LAST_MIDNIGHT = NOW_US // DAY_US * DAY_US
OCCURRED = [
    None,
    NOW_US,
    NOW_US + 5 * MINUTE_US,
    NOW_US - 3 * DAY_US,
    _LAST_MIDNIGHT - 1,
    _LAST_MIDNIGHT,
    _LAST_MIDNIGHT + 9 * MINUTE_US,
    NOW_US - 31 * DAY_US,
    NOW_US + DAY_US,
]

events = st.builds(
    lambda event_id, occurred_us, total: new_event(event_id, occurred_us, payload={"total": total}),
    st.sampled_from([None, "a", "b", "c"]),
    st.sampled_from(OCCURRED),
    st.integers(0, 1),
)
batches = st.lists(st.lists(events, max_size=6), min_size=1, max_size=3)
#: How far time goes on behind a group: not at all, within the day, to the last instant of the day and to the
#: first of the next, by days.
jumps = st.sampled_from(["0 s", "1 min", "day end", "next day", "25 h", "49 h"])


@dataclass
class Model:
    """What the product promises, over dictionaries."""

    #: Content and arrival of each stored identity's newest copy.
    stored: dict[Identity, tuple[int, int]] = field(default_factory=dict)

    def receive(self, event: NewEvent, received_us: int, clock_us: int) -> Verdict:
        """The verdict on one event, received alone at that time."""
        occurred = event.occurred_us
        if (
            occurred is not None
            and not clock_us - LIMITS.retention_us <= occurred <= clock_us + LIMITS.max_future_us
        ):
            return Verdict.REJECTED
        known = self.stored.get(event.identity)
        if known is None or (occurred is None and self._forgotten(known[1], clock_us)):
            self.stored[event.identity] = (event.content_hash, received_us)
            return event.verdict
        return Verdict.DUPLICATE if known[0] == event.content_hash else Verdict.ID_CONFLICT

    @staticmethod
    def _forgotten(stored_us: int, clock_us: int) -> bool:
        """An undated event is compared with those of the window, which is longer than a day: by the clock,
        not by arrivals that are ahead of it."""
        return clock_us - stored_us > LIMITS.undated_window_us


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    with engine_of(module_database) as engine:
        yield engine


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(batches, jumps, st.booleans()), min_size=1, max_size=6))
def test_the_writer_agrees_with_the_model(
    engine: Engine, steps: list[tuple[list[list[NewEvent]], str, bool]]
) -> None:
    app_id, model, memory, received = new_app(engine), Model(), Memory(), 0
    for groups, jump, forget in steps:
        memory = Memory() if forget else memory
        with writer_on(engine, memory) as writer:
            _write_and_compare(engine, writer, app_id, groups, model)
        received += sum(len(batch) for batch in groups)
        _move_on(engine, app_id, jump)
    check_app(engine, app_id)
    check_received(engine, app_id, received)


def _write_and_compare(
    engine: Engine, writer: Writer, app_id: int, groups: list[list[NewEvent]], model: Model
) -> None:
    result = writer.write([submission(app_id, batch) for batch in groups])
    received_us = _last_received_us(engine, app_id)
    for position, batch in enumerate(groups):
        expected = [model.receive(event, received_us, time_ns() // 1_000) for event in batch]
        assert result.outcomes[position].counts == tuple(expected.count(verdict) for verdict in Verdict)


def _last_received_us(engine: Engine, app_id: int) -> int:
    query = "SELECT extract(epoch FROM last_received_at) * 1000000 FROM app_ledger WHERE app_id = :app_id"
    with engine.connect() as conn:
        return int(conn.execute(text(query), {"app_id": app_id}).scalar_one() or 0)


def _move_on(engine: Engine, app_id: int, jump: str) -> None:
    to = {
        "day end": "date_trunc('day', last_received_at, 'UTC') + interval '1 day' - interval '1 us'",
        "next day": "date_trunc('day', last_received_at, 'UTC') + interval '1 day'",
    }.get(jump, f"last_received_at + interval '{jump}'")
    with engine.begin() as conn:
        conn.execute(
            text(f"UPDATE app_ledger SET last_received_at = {to} WHERE app_id = :app_id"), {"app_id": app_id}
        )
